"""Many calls to one server leave nothing behind, and programs are started as often as is said."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from soundstage import run_scenario
from soundstage.servers import Readiness, RunningServer, ServerGroup, ServerProgram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage import Run

pytestmark = [pytest.mark.prove, pytest.mark.realtime, pytest.mark.timeout(2400)]

HERE = Path(__file__).parent
CALLS = 200
AT_ONCE = 8
WARM = 10
"""Calls after which all is loaded that a call needs."""

PAIR = f"""
[agents.desk{{n}}]
kind = "bot"
server = "desk"
transport = "{{transport}}"
url = "ws://127.0.0.1:{{{{port}}}}/"

[agents.caller{{n}}]
kind = "{HERE}/dummy_tone_caller.py:ToneCaller"
frames = 10

[[links]]
between = ["caller{{n}}", "desk{{n}}"]
"""

SERVER = f"""
[servers.desk]
command = ["{{{{python}}}}", "{HERE}/programs/{{transport}}_bot.py", "{{{{port}}}}"]
port = {{port}}
{{how}}
"""

END = """
[end]
when = [{ agent = "caller1", event = "left" }]
max = "2m"

[record]
words = false
tracks = []
"""


def scenario(transport: str, *, port: int, how: str, pairs: int = 1) -> str:
    agents = "".join(PAIR.format(n=n + 1, transport=transport) for n in range(pairs))
    return SERVER.format(transport=transport, port=port, how=how) + agents + END


@pytest.fixture(params=["websocket", "twilio"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(tmp_path: Path, transport: str) -> Iterator[RunningServer]:
    command = "{python}", str(HERE / "programs" / f"{transport}_bot.py"), "{port}"
    program = ServerProgram(
        name="desk", command=command, folder=tmp_path, ready=Readiness(log="ready")
    )
    with ServerGroup([program], tmp_path / "server") as group:
        yield group.running["desk"]


class Held:
    """What this process and a server hold at a moment."""

    def __init__(self, server: RunningServer) -> None:
        own, other = psutil.Process(), psutil.Process(server.pid)
        self.counts: dict[str, int] = {
            "threads": threading.active_count(),
            "descriptors": own.num_fds(),
            "connections": len(own.net_connections()),
            "processes": len(own.children(recursive=True)),
            "server's threads": other.num_threads(),
            "server's descriptors": other.num_fds(),
            "server's connections": len(other.net_connections()),
        }

    def more_than(self, before: Held) -> dict[str, int]:
        return {
            name: count - before.counts[name]
            for name, count in self.counts.items()
            if count > before.counts[name]
        }


def figures(run: Run) -> list[dict[str, Any]]:
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    return [e["data"] for line in lines if (e := json.loads(line)).get("name") == "bot_call"]


def test_200_calls_one_after_another_leave_nothing_behind(
    tmp_path: Path, transport: str, server: RunningServer
) -> None:
    toml = scenario(transport, port=server.port, how="reuse = true")
    before = Held(server)
    for number in range(CALLS):
        run = run_scenario(toml=toml, clock="wall", out=tmp_path / str(number), check=False)
        assert run.outcome == "ended", run.cause
        assert run.metrics["desk1"].talk_time > 0.1
        if number == WARM:
            before = Held(server)
    left = Held(server).more_than(before)
    print(f"{transport}: {CALLS} calls one after another, left behind: {left or 'nothing'}")
    assert left == {}


def test_8_calls_at_once_to_one_server_are_all_answered(
    tmp_path: Path, transport: str, server: RunningServer
) -> None:
    toml = scenario(transport, port=server.port, how="reuse = true", pairs=AT_ONCE)
    before = Held(server)
    for number in range(3):
        run = run_scenario(toml=toml, clock="wall", out=tmp_path / str(number), check=False)
        assert run.outcome == "ended", run.cause
        answered = [run.metrics[f"desk{n + 1}"].talk_time > 0.1 for n in range(AT_ONCE)]
        assert answered.count(True) == AT_ONCE
        assert len(figures(run)) == AT_ONCE
        if number == 0:
            before = Held(server)
    left = Held(server).more_than(before)
    print(f"{transport}: {AT_ONCE} calls at once, left behind: {left or 'nothing'}")
    assert left == {}


def repeated(tmp_path: Path, toml: str) -> subprocess.CompletedProcess[str]:
    """Play a scenario four times, two at once."""
    (tmp_path / "case.toml").write_text(toml)
    program = "from soundstage.cli import run_scenario; run_scenario()"
    options = "--clock", "wall", "--repeat", "4", "--jobs", "2", "--out", "batch"
    return subprocess.run(
        [sys.executable, "-c", program, "case.toml", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
    )


@pytest.mark.parametrize(("per", "logs"), [("run", 4), ("batch", 1)])
def test_a_program_is_started_once_a_run_or_once_a_batch(
    tmp_path: Path, transport: str, per: str, logs: int
) -> None:
    toml = scenario(transport, port=0, how=f'per = "{per}"\nready = {{ log = "ready" }}')
    done = repeated(tmp_path, toml)
    assert done.returncode == 0, done.stdout + done.stderr
    found = sorted((tmp_path / "batch").rglob("servers/desk.log"))
    assert len(found) == logs
    assert all(log.read_text().count("ready") == 1 for log in found)
    own = (tmp_path / "batch" / "servers" / "desk.log") in found
    assert own is (per == "batch")


def test_a_program_that_runs_already_is_used_by_a_whole_batch_and_left_running(
    tmp_path: Path, transport: str, server: RunningServer
) -> None:
    done = repeated(tmp_path, scenario(transport, port=server.port, how="reuse = true"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list((tmp_path / "batch").rglob("servers/desk.log"))
    assert not server.has_ended()
