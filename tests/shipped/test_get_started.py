"""Whoever is at the microphone is greeted, and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.errors import UsageError

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

SOMEBODY = {
    "agents.me.kind": "scripted",
    "agents.me.lines": ["I would like to learn to bake bread.", "Goodbye."],
    "end.silence": "5s",
}


def test_the_agent_greets_and_answers_whoever_speaks(run_scenario: RunScenario) -> None:
    run = run_scenario("get_started", set=SOMEBODY)
    assert [turn.agent for turn in run.turns] == ["ai", "me", "ai", "me", "ai"]
    assert run.turns[0].text == "Hi! What would you like to talk about?"
    assert "learn to bake bread" in run.heard_by("ai")


def test_a_sound_card_needs_the_wall_clock(run_scenario: RunScenario) -> None:
    with pytest.raises(UsageError, match="wall"):
        run_scenario("get_started")
