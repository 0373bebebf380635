"""A transport that another package brings, by its entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soundstage.bots import load_transport, transport_names
from soundstage.errors import UsageError

HERE = Path(__file__).parent

ECHO = '''
"""A transport with no wire at all: what is heard comes back at once."""

import asyncio

from soundstage.bots import WireFormat


class EchoCall:
    keys_used = frozenset({"parameters"})
    plays_on = True
    delay = 0.0
    notes = frozenset({"greeted"})

    def __init__(self, target, line):
        self.heard = WireFormat()
        self.line = line
        self.target = target
        self.over = self.quiet = None

    async def open(self):
        self.over = asyncio.Event()
        self.line.note("greeted", {"by": self.target.parameters.get("name", "")})

    async def serve(self):
        await self.over.wait()
        return "said goodbye"

    def hear(self, pcm):
        self.line.audio(pcm)
        if any(pcm):
            self.quiet = 0
        elif self.quiet is not None:
            self.quiet += 1
            if self.quiet > 50:
                self.over.set()

    def played(self, marks):
        pass

    def press(self, keys):
        return False

    async def close(self):
        pass
'''

SCENARIO = f"""
[agents.desk]
kind = "bot"
transport = "echo"
parameters = {{ name = "ann" }}
[agents.caller]
kind = "{HERE}/dummy_tone_caller.py:ToneCaller"
over = false
[[links]]
between = ["caller", "desk"]
[end]
when = [{{ agent = "desk", event = "left" }}]
max = "60s"
[record]
words = false
"""

PLAY = """
import json, pathlib, sys
from soundstage import run_scenario
run = run_scenario("case.toml", clock="wall", out="run", check=False)
log = pathlib.Path("run/events.jsonl").read_text().splitlines()
told = [e for e in map(json.loads, log) if e.get("name") == "greeted" or e["type"] == "left"]
print(json.dumps([run.outcome, run.metrics["desk"].talk_time, told]))
"""


@pytest.fixture
def package(tmp_path):
    """A folder with an installed package that has a transport; on the path of what is started."""
    info = tmp_path / "packages" / "echo_transport-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-transport\nVersion: 1\n")
    groups = "[soundstage.bot_transports]\necho = echo_transport:EchoCall\n"
    (info / "entry_points.txt").write_text(groups + "broken = echo_transport:Missing\n")
    (info.parent / "echo_transport.py").write_text(ECHO)
    return info.parent


def run(package, *command):
    return subprocess.run(
        [sys.executable, "-c", *command],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=package.parent,
    )


@pytest.mark.realtime
@pytest.mark.timeout(120)
def test_a_transport_of_another_package_carries_a_call(tmp_path, package):
    (tmp_path / "case.toml").write_text(SCENARIO)
    done = run(package, PLAY)
    assert done.returncode == 0, done.stderr
    outcome, talked, told = json.loads(done.stdout)
    assert outcome == "ended"
    assert talked > 0.05
    greeted, left = told[0], next(e for e in told if e["agent"] == "desk" and e["type"] == "left")
    assert greeted["data"] == {"by": "ann"}
    assert (left["reason"], left["by"]) == ("hung_up", "desk")


def test_keys_and_events_that_it_does_not_have_are_refused_before_a_run(tmp_path, package):
    check = (
        "from soundstage.scenario import load_scenario; load_scenario('case.toml', clock='wall')"
    )
    wrong = SCENARIO.replace('transport = "echo"', 'transport = "echo"\nrate = 8000')
    (tmp_path / "case.toml").write_text(wrong)
    assert 'rate has no meaning for transport = "echo"' in run(package, check).stderr
    wrong = SCENARIO.replace('event = "left"', 'event = "greated"')
    (tmp_path / "case.toml").write_text(wrong)
    assert 'there is no event "greated"' in run(package, check).stderr


def test_a_transport_that_cannot_be_loaded_is_told(tmp_path, package):
    broken = SCENARIO.replace('transport = "echo"', 'transport = "broken"')
    (tmp_path / "case.toml").write_text(broken)
    check = (
        "from soundstage.scenario import load_scenario; load_scenario('case.toml', clock='wall')"
    )
    assert 'the transport "broken" cannot be loaded' in run(package, check).stderr


def test_a_class_that_is_no_transport_is_told_with_what_it_lacks(tmp_path):
    (tmp_path / "mine.py").write_text("class Call:\n    keys_used = frozenset()\n")
    with pytest.raises(UsageError, match="it has no open, serve, hear"):
        load_transport("./mine.py:Call", tmp_path)


def test_the_transports_of_this_package_are_found_by_name():
    assert {"livekit-console", "twilio", "websocket"} <= set(transport_names())
