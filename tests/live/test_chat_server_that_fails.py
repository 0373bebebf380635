"""A chat server that is down, or refuses: the run is invalid, at once, and says why."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from dummy_chat_server import DummyChatServer
from dummy_command import begin

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

SCENE = """
[scenario]
under_test = ["bot"]
[agents.bot]
voice = "ash"
[agents.bot.local]
chat = {{ url = "{url}", model = "m" }}
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello?"]
[[links]]
between = ["bot", "caller"]
[end]
turns = 2
max = "30s"
"""

SOON = 3.0
"""Seconds from the question, the time to recognise it included."""


@pytest.mark.parametrize("clock", ["virtual", "wall"])
@pytest.mark.parametrize(
    ("answer", "reason", "told"),
    [
        (None, "chat", "127.0.0.1 cannot be reached: ConnectError"),
        ((429, {"error": {"message": "Slow down."}}), "chat:429", "answered 429: Slow down."),
        ((503, {"error": "overloaded"}), "chat:503", "answered 503: overloaded"),
        ((401, {}), "chat:401", "answered 401"),
        (b"data: {broken\n\n", "chat", "sent what is no JSON"),
    ],
    ids=["down", "429", "503", "401", "no JSON"],
)
def test_a_chat_server_that_fails_makes_the_run_invalid_soon(
    answer: Any, reason: str, told: str, clock: str, tmp_path: Path
) -> None:
    file, out = tmp_path / "scene.toml", tmp_path / "run"
    with ExitStack() as stack:
        url = "http://127.0.0.1:9/v1"
        if answer is not None:
            url = stack.enter_context(DummyChatServer(answer).serving()).url
        file.write_text(SCENE.format(url=url))
        command = begin(file, "--clock", clock, "--ui", "plain", "--no-cache", "--out", out)
        _, err = command.communicate(timeout=60)
    result = json.loads((out / "result.json").read_text())
    assert (command.returncode, result["outcome"], result["reason"]) == (3, "invalid", reason)
    assert result["cause"]["owner"] == "infrastructure"
    assert told in result["cause"]["message"]
    lines = (out / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    asked = next(each["pts"] for each in events if each["type"] == "speech_stopped")
    assert (events[-1]["pts"] - asked) / 24_000 < SOON
    assert "never retrieved" not in err
    assert "Traceback" not in err
