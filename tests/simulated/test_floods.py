"""An agent that sends without end is stopped by name; what it sends to goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

FLOOD = """
from soundstage import Agent, Begin, handles


class Flood(Agent):
    @handles(Begin)
    def begin(self, _):
        for number in range(20_000):
            {does}
"""

ROOM = """
[agents.flood]
kind = "./flood.py:Flood"
[agents.other]
kind = "scripted"
lines = ["Good morning, this is said to the end."]
[agents.third]
kind = "scripted"
lines = ["Good morning."]
[rooms.room]
members = ["flood", "other", "third"]
[end]
silence = "2s"
max = "20s"
"""

WAYS = {
    "events": "self.emit('x', number=number)",
    "the floor": "self.give_floor('other')",
    "words": "self.say('x')",
    "muting": "self.mute('other')",
    "logged events": "self.log_event(Noted(pts=0, agent='flood', name='x', data={}))",
}


def flood(folder: Path, way: str) -> str:
    text = FLOOD.replace("{does}", WAYS[way])
    if way == "logged events":
        text = "from soundstage.messages.events import Noted\n" + text
    (folder / "flood.py").write_text(text)
    (folder / "flood.toml").write_text(ROOM)
    return str(folder / "flood.toml")


@pytest.mark.parametrize("way", WAYS)
def test_the_sender_fails_and_not_what_it_sends_to(
    tmp_path: Path, run_scenario: RunScenario, way: str
) -> None:
    run = run_scenario(flood(tmp_path, way), check=False)
    assert run.cause is not None
    assert (run.outcome, run.exit_code, run.cause.owner) == ("failed", 1, "agent")
    assert run.reason == "fault:flood"
    assert "flood sends too much" in run.cause.message
    assert [fault.agent for fault in run.faults] == ["flood"]


def test_the_others_go_on(tmp_path: Path, run_scenario: RunScenario) -> None:
    run = run_scenario(flood(tmp_path, "events"), check=False)
    assert run.said_by("other") == "Good morning, this is said to the end."
