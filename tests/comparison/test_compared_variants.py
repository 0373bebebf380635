"""Batches that were really run: a variant against itself, and against one with a changed word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.comparison import compare_batches
from soundstage.ledger import BatchFolder, BatchPlan, digest_of, read_rows
from soundstage.scenario import load_scenario
from soundstage.sweep import Keep, SweepRequest, UnitRunner, identity_of

if TYPE_CHECKING:
    from pathlib import Path

DESK = """
[scenario]
seed = 3
[agents.ann]
opening_prompt = "Call."
[agents.ann.local]
lines = [
  { one_of = ["I want my money back.", "Where is my parcel?", "When do you close?"] },
  { one_of = ["And where is my parcel?", "Thank you."] },
  "Goodbye.",
]
think = ["100ms", "900ms"]
[agents.ben]
voice = "ash"
[agents.ben.local]
rules = [
  { heard = "money back", say = "Of course, you get a refund." },
  { heard = "parcel", say = "Your parcel is under way." },
  { heard = "close", say = "We close at five." },
]
otherwise = "Goodbye."
think = ["100ms", "900ms"]
[[links]]
between = ["ann", "ben"]
[end]
turns = 4
max = "30s"
"""

SIZES = [8, pytest.param(500, marks=[pytest.mark.prove, pytest.mark.timeout(2000)])]


def run(folder: Path, text: str, runs: int) -> Path:
    """A batch of a scenario, made in this process."""
    folder.mkdir()
    file, out = folder / "desk.toml", folder / "batch"
    file.write_text(text)
    scenario = load_scenario(str(file), clock="virtual")
    identity = identity_of(scenario, None)
    plan = BatchPlan(
        digest=digest_of(identity),
        scenario=scenario.stem,
        clock="virtual",
        seed=scenario.seed,
        runs=runs,
        varies=dict(scenario.drawing.varies),
        identity=identity,
    )
    runner = UnitRunner(
        SweepRequest(
            file=str(file), clock="virtual", provider=None, sets=(), out=out, cache=True,
            keep=Keep.FAILED,
        )
    )  # fmt: skip
    with BatchFolder(out, plan) as batch:
        for unit in batch.owed():
            batch.add(runner.run(unit))
    return out


@pytest.mark.parametrize("runs", SIZES)
def test_only_the_conversations_differ_in_which_the_changed_rule_fired(
    tmp_path: Path, runs: int
) -> None:
    before = run(tmp_path / "a", DESK, runs)
    again = run(tmp_path / "again", DESK, runs)
    after = run(tmp_path / "b", DESK.replace("under way", "on course"), runs)

    same = compare_batches(before, again)
    assert (same.verdict, same.pairs, same.identical) == ("identical", runs, runs)
    assert (same.changes, same.settings) == ((), ())

    found = compare_batches(before, after)
    fired = {
        row.seed
        for row in read_rows(before)
        if any(turn.agent == "ben" and "parcel" in turn.text for turn in row.turns)
    }
    assert 0 < len(fired) < runs
    assert {unit.seed for change in found.changes for unit in change.runs} == fired
    assert (found.identical, found.changed) == (runs - len(fired), len(fired))
    (change,) = found.changes
    assert (change.what, change.agent) == ("words", "ben")
    assert [(each.a, each.b) for each in change.replaced] == [("under way.", "on course.")]
    assert [each.path for each in found.settings] == ["agents.ben.local.rules.1.say"]
    assert found.verdict == "no_difference_shown"
