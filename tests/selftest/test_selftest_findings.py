from __future__ import annotations

from typing import Any

import pytest

from soundstage.ledger import BatchPlan, ExpectationRow, Row
from soundstage.selftest import Findings, Plant, findings_of
from soundstage.verdict import VerdictRule

PLANT = Plant(fault="deaf", agent="bot", sets={"agents.bot.local.faults": ["deaf"]})
OTHER = Plant(fault="late", agent="bot", sets={"agents.bot.local.faults": ["late"]})


def row(seed: int, plant: Plant | None = None, failed: str = "", **more: Any) -> Row:
    expected = [ExpectationRow(id="greets", status="passed")]
    expected += [
        ExpectationRow(id=name, status="failed", owner="agent") for name in failed.split() if name
    ]
    cell = {} if plant is None else plant.sets
    given: dict[str, Any] = {
        "outcome": "failed" if failed else "ended",
        "exit_code": 1 if failed else 0,
        "fingerprint": f"{plant} {seed}",
        "reason": "turns",
        "deterministic": True,
    }
    return Row(batch="b", cell=cell, seed=seed, expectations=tuple(expected), **(given | more))


def plan_of(*, runs: int, cells=({}, PLANT.sets), rule=None) -> BatchPlan:
    return BatchPlan(
        digest="b", scenario="s", clock="virtual", seed=1, runs=runs, cells=cells, rule=rule
    )


def found(*rows: Row, again: tuple[Row, ...] | None = None, rule=None, plants=(PLANT,)) -> Findings:
    cells = ({}, *(each.sets for each in plants))
    plan = plan_of(runs=2, cells=cells, rule=rule)
    clean = (row(1), row(2))
    return findings_of(plan, plants, [*clean, *rows], clean if again is None else again)


def test_a_fault_that_one_run_shows_is_caught_by_the_expectations_that_failed():
    findings = found(row(1, PLANT), row(2, PLANT, "one two"))
    [fault] = findings.faults
    assert (fault.status, fault.failed, fault.runs) == ("caught", 1, 2)
    assert fault.caught_by == {"one": 1, "two": 1}
    assert fault.only_by == ""
    assert findings.exit_code == 0


def test_the_one_expectation_that_catches_a_fault_is_named():
    findings = found(row(1, PLANT, "one"), row(2, PLANT, "one"))
    assert findings.faults[0].only_by == "one"
    assert findings.idle == ("greets",)


def test_a_fault_with_which_all_runs_pass_is_missed():
    findings = found(row(1, PLANT), row(2, PLANT), row(1, OTHER, "one"), plants=(PLANT, OTHER))
    assert [each.status for each in findings.faults] == ["missed", "caught"]
    assert [each.fault for each in findings.missed] == ["deaf"]
    assert findings.exit_code == 1


def test_a_fault_that_changes_no_run_has_no_effect_and_alone_proves_nothing():
    same = [row(seed, PLANT, fingerprint=row(seed).fingerprint) for seed in (1, 2)]
    findings = found(*same)
    assert findings.faults[0].status == "no_effect"
    assert findings.exit_code == 3


def test_runs_that_could_not_be_judged_are_neither_caught_nor_missed():
    findings = found(row(1, PLANT, outcome="invalid", exit_code=3, reason="provider"))
    assert (findings.faults[0].status, findings.faults[0].why) == ("invalid", "provider")
    assert findings.exit_code == 3


def test_a_fault_that_could_not_be_planted_says_so():
    plants = (Plant(fault="late", agent="bot", why_not="it is a file"), OTHER)
    findings = found(row(1, OTHER, "one"), plants=plants)
    assert [each.status for each in findings.faults] == ["not_planted", "caught"]
    assert findings.exit_code == 0


def test_a_scenario_that_fails_by_itself_proves_nothing():
    findings = findings_of(
        BatchPlan(
            digest="b", scenario="s", clock="virtual", seed=1, runs=1, cells=({}, PLANT.sets)
        ),
        (PLANT,),
        [row(1, failed="greets"), row(1, PLANT, "greets")],
        [row(1, failed="greets")],
    )
    assert (findings.without, findings.exit_code) == ("failed", 3)
    assert "greets" in findings.without_why


def test_two_equal_variants_that_differ_are_told_by_their_seeds():
    findings = found(row(1, PLANT, "one"), again=(row(1), row(2, duration=4.0)))
    assert (findings.again.status, findings.again.seeds) == ("different", (2,))
    assert findings.exit_code == 3


def test_runs_that_ask_a_server_are_not_compared():
    live = (row(1, deterministic=False), row(2, deterministic=False))
    findings = findings_of(
        BatchPlan(
            digest="b", scenario="s", clock="virtual", seed=1, runs=2, cells=({}, PLANT.sets)
        ),
        (PLANT,),
        [*live, row(1, PLANT, "one")],
        live,
    )
    assert (findings.again.status, findings.exit_code) == ("not_comparable", 0)


@pytest.mark.parametrize(("failed", "status"), [(2, "undecided"), (20, "caught")])
def test_where_the_file_has_a_verdict_its_bar_decides(failed: int, status: str):
    rule = VerdictRule(at_least=0.95)
    runs = [row(seed, PLANT, "one" if seed < failed else "") for seed in range(20)]
    findings = found(*runs, rule=rule)
    assert findings.faults[0].status == status
