"""Calls to bots: real processes and sockets, on the wall clock."""

import json
from pathlib import Path

import psutil
import pytest

from soundstage import run_scenario
from soundstage.results import Run

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(120)]

HERE = Path(__file__).parent

SCENARIO = f"""
[servers.desk]
command = ["{{python}}", "{HERE}/programs/websocket_bot.py", "{{port}}"]
ready = {{ log = "ready" }}

[agents.desk]
kind = "bot"
server = "desk"
url = "ws://127.0.0.1:{{port}}/"

[agents.caller]
kind = "{HERE}/dummy_tone_caller.py:ToneCaller"

[[links]]
between = ["caller", "desk"]

[end]
when = [{{ agent = "caller", event = "left" }}]
max = "60s"

[record]
words = false
"""


def play(tmp_path, *then, check=False, **changed) -> Run:
    command = ["{python}", f"{HERE}/programs/websocket_bot.py", "{port}", *map(str, then)]
    given = {"servers.desk.command": command, **changed}
    return run_scenario(toml=SCENARIO, clock="wall", out=tmp_path / "run", check=check, set=given)


def logged(run, kind):
    """The events of a type."""
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    return [event for line in lines if (event := json.loads(line))["type"] == kind]


def told_of_call(run):
    """What the log says of the bot's call."""
    return next(e["data"] for e in logged(run, "noted") if e["name"] == "bot_call")


@pytest.fixture(autouse=True)
def _nothing_is_left():
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    after = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    assert after == []


def test_a_bot_answers_and_its_reply_is_heard_at_the_pace_of_speech(tmp_path):
    run = play(tmp_path, "--wait", 0.5, "--speaks", 2, check=True)
    noted = told_of_call(run)
    assert noted["buffered_ms"] == pytest.approx(2000, abs=25)
    assert noted["dropped_ms"] == 0
    said = run.metrics["desk"].talk_time
    assert said == pytest.approx(2.0, abs=0.4)
    assert (run.folder / "servers" / "desk.log").read_text().startswith("ready")


def test_a_cleared_reply_is_not_heard(tmp_path):
    run = play(tmp_path, "--speaks", 5, "--then", "clear", check=True)
    noted = told_of_call(run)
    assert noted["dropped_ms"] > 2000
    assert run.metrics["desk"].talk_time < 3.0


def test_a_bot_that_hangs_up_has_left_by_its_own_hand(tmp_path):
    run = play(tmp_path, "--then", "bye", **{"agents.caller.tones": 2})
    left = next(e for e in logged(run, "left") if e["agent"] == "desk")
    assert (left["reason"], left["by"]) == ("hung_up", "desk")
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(0.5, abs=0.3)


@pytest.mark.parametrize(
    ("then", "owner", "exit_code", "told"),
    [
        ("die", "agent", 1, "the model is gone"),
        ("raise", "agent", 1, "code 1011"),
        ("stillborn", "infrastructure", 3, "no module named pipecat"),
        ("never ready", "infrastructure", 3, "not ready within 1 s"),
        ("flood", "agent", 1, "minutes of audio"),
        ("die at once", "agent", 1, "has ended"),
    ],
)
def test_a_bot_that_breaks_has_an_outcome_that_says_whose_fault_it_is(
    tmp_path, then, owner, exit_code, told
):
    patience = {"servers.desk.timeout": "1s"} if then == "never ready" else {}
    patience["agents.caller.over"] = False
    run = play(tmp_path, "--then", then, **patience)
    assert run.exit_code == exit_code
    assert run.cause is not None
    assert run.cause.owner == owner
    assert told in run.cause.message


def test_a_bot_that_is_not_there_cannot_be_judged(tmp_path):
    run = play(tmp_path, **{"agents.desk.url": "ws://127.0.0.1:9/"})
    assert (run.exit_code, run.reason) == (3, "bot")


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_bot_may_speak_at_another_rate(tmp_path, rate):
    run = play(tmp_path, "--rate", rate, check=True, **{"agents.desk.rate": rate})
    assert run.metrics["desk"].talk_time == pytest.approx(0.5, abs=0.3)


def play_twilio(tmp_path, **changed) -> Run:
    command = ["{python}", f"{HERE}/programs/twilio_bot.py", "{port}"]
    toml = SCENARIO.replace('server = "desk"\n', 'server = "desk"\ntransport = "twilio"\n')
    given = {"servers.desk.command": command, **changed}
    return run_scenario(toml=toml, clock="wall", out=tmp_path / "run", set=given)


def test_a_bot_behind_twilio_hears_plays_and_marks(tmp_path):
    run = play_twilio(tmp_path, **{"agents.desk.parameters": {"tier": "gold"}})
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(1.0, abs=0.4)
    log = (run.folder / "servers" / "desk.log").read_text()
    assert log.startswith('ready\nconnected {}\nstart {"tier": "gold"}\nmark {"name": "end"}\n')
    assert "stop" in log


def test_a_key_of_the_caller_reaches_a_bot_behind_twilio_as_a_message(tmp_path):
    toml = SCENARIO.replace('server = "desk"\n', 'server = "desk"\ntransport = "twilio"\n')
    toml += '\n[[cues]]\nafter = { at = "1s" }\nagent = "caller"\nkeys = "#"\n'
    command = ["{python}", f"{HERE}/programs/twilio_bot.py", "{port}"]
    given = {"servers.desk.command": command, "agents.caller.tones": 0, "agents.caller.over": False}
    run = run_scenario(toml=toml, clock="wall", out=tmp_path / "run", check=False, set=given)
    assert "key #" in (run.folder / "servers" / "desk.log").read_text()
    assert next(e for e in logged(run, "left") if e["agent"] == "desk")["by"] == "desk"
