"""What becomes of an agent that fails, in a run: its policy says, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage import run_scenario
from soundstage.messages.events import Fault, Left, Noted

if TYPE_CHECKING:
    from pathlib import Path

FRAGILE = """
from soundstage import Agent, Begin, handles


class Fragile(Agent):
    def started(self):
        super().started()
        drawn = self.context.stream("ids")
        self.emit("drawn", numbers=[drawn.random() for _ in range(3)])
        self.after(4800, Begin())

    @handles(Begin)
    def break_down(self, begin):
        raise RuntimeError("that was too much")


class Calm(Agent):
    pass
"""

SCENARIO = """
[agents.one]
kind = "./fragile.py:Fragile"
on_fault = "restart"
restarts = 2

[agents.two]
kind = "./fragile.py:Calm"

[[links]]
between = ["one", "two"]

[end]
max = "5s"
"""


@pytest.mark.parametrize(
    ("policy", "faults", "seconds"), [("leave", 1, 5), ("restart", 3, 5), ("end", 1, 0.2)]
)
def test_a_failing_agent_is_left_restarted_or_ends_the_run_as_its_policy_says(
    tmp_path: Path, policy: str, faults: int, seconds: float
) -> None:
    (tmp_path / "fragile.py").write_text(FRAGILE)
    third = """
[agents.three]
kind = "./fragile.py:Calm"

[[links]]
between = ["two", "three"]
"""
    (tmp_path / "fragile.toml").write_text(SCENARIO + third)
    changes = {"agents.one.on_fault": policy}
    run = run_scenario(tmp_path / "fragile.toml", set=changes, out=tmp_path / "run", check=False)
    found = list(run.events(Fault))
    assert [fault.agent for fault in found] == ["one"] * faults
    assert "break_down" in found[0].traceback
    assert "that was too much" in found[0].traceback
    assert found[-1].action == ("leave" if policy == "restart" else policy)
    assert (run.outcome, run.reason, run.exit_code) == ("failed", "fault:one", 1)
    left = {event.agent: event.reason for event in run.events(Left)}
    assert left == {"one": "fault", "two": "stopped", "three": "stopped"}
    lengths = {len(run.audio(name)) for name in ("one", "two", "three")}
    assert len(lengths) == 1
    assert run.duration == pytest.approx(seconds, abs=0.2)


def test_a_restarted_agent_draws_what_it_has_not_drawn_before(tmp_path: Path) -> None:
    (tmp_path / "fragile.py").write_text(FRAGILE)
    (tmp_path / "fragile.toml").write_text(SCENARIO)
    drawn: list[list[float]] = []
    for again in ("first", "again"):
        run = run_scenario(tmp_path / "fragile.toml", out=tmp_path / again, check=False)
        assert [fault.agent for fault in run.events(Fault)].count("one") == 3
        drawn.append(
            [x for note in run.events(Noted) if note.agent == "one" for x in note.data["numbers"]]
        )
    assert len(set(drawn[0])) == len(drawn[0]) == 9
    assert drawn[0] == drawn[1]
