"""Conversations with bots that have a model and a tool, as their callers hear them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dummy_bot_call import told_of_call
from dummy_conversation import hold

if TYPE_CHECKING:
    from soundstage import Run

pytestmark = [
    pytest.mark.prove,
    pytest.mark.realtime,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("nothing_is_left"),
]

BRIDGE = str(Path(__file__).parent / "programs" / "bridge_bot.py")
EXPECTED = {"greets", "asks-its-tool", "is-cut", "hours", "parking", "goodbye", "unanswered"}


def judged(run: Run) -> dict[str, str]:
    return {each.id: each.status for each in run.expectations}


def test_a_bot_between_twilio_and_a_model_answers_with_what_its_tool_says(tmp_path: Path) -> None:
    command = ["{python}", BRIDGE, "{port}", "twilio"]
    run, log = hold(tmp_path, command, "twilio", lines=2)
    assert log.count("tool get_weather") == 1
    assert judged(run)["asks-its-tool"] == "passed", run.cause


@pytest.mark.parametrize("transport", ["websocket", "twilio"])
def test_six_turns_with_a_tool_and_an_interruption_are_held_and_judged(
    tmp_path: Path, transport: str
) -> None:
    run, log = hold(tmp_path, ["{python}", BRIDGE, "{port}", transport], transport)
    assert judged(run) == dict.fromkeys(EXPECTED, "passed"), run.cause
    assert log.count("tool get_weather") == 1
    assert "interrupted" in log
    assert told_of_call(run)["dropped_ms"] > 0
    assert run.outcome == "ended"
    gap = run.metrics["desk"].response_gap
    print(f"{transport}: {run.metrics['desk'].turns} turns, response gap {gap}")
