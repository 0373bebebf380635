"""An agent that is restarted goes on with its random streams, and repeats none of its ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage import run_scenario
from soundstage.messages.events import Fault, Noted

if TYPE_CHECKING:
    from pathlib import Path

FRAGILE = """
from soundstage import Agent, Begin, handles


class Fragile(Agent):
    def started(self):
        super().started()
        drawn = self.given.stream("ids")
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
