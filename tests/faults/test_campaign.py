"""The fault campaign: whatever breaks, a run ends, names whose fault it was, keeps what it had.

The table is in `dummy_fault_table`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from dummy_campaign import Campaign, faults_of_artefacts
from dummy_fault_table import (
    EXIT_CODES,
    EXPECTED,
    FAULTS,
    NOT_THERE,
    ON_THE_WALL_CLOCK,
    SURFACES,
    Case,
    cases,
    clocks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


PARTS = 10
"""Of the thousand runs: each is a test, so that one that ends early leaves the others' figures."""


def named(case: Case) -> str:
    return "-".join(map(str, case))


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with Campaign(tmp_path_factory.mktemp("campaign")) as running:
        yield running


def wrong(case: Case, campaign: Campaign) -> list[str]:
    """What is not as the table has it."""
    came = campaign.play(case)
    expected = case.expected
    found: list[str] = []
    is_right = (came["outcome"], came["owner"]) == (expected.outcome, expected.owner)
    if not is_right and came["outcome"] not in expected.or_else:
        found.append(f"came out as {came}, and not as {expected}")
    if "exit_code" in came and came["outcome"] in EXIT_CODES:
        code = came["exit_code"]
        found += [f"exit code {code}"] if code != EXIT_CODES[came["outcome"]] else []
    found += [f"a thread is left: {name}" for name in came.get("threads", ())]
    found += [f"a process is left: {name}" for name in came.get("children", ())]
    # What hangs for ever holds what it had opened. What the first run of a process loads stays.
    if case.fault != "hang" and campaign.played_before:
        for name in ("descriptors", "connections"):
            left = came.get(name, 0)
            found += [f"{left} {name} are left"] if left > 0 else []
    if came["outcome"] != "endless" and (case.surface, case.fault) != ("disk", "die"):
        is_whole = came["outcome"] != "killed" and case.leaves_all
        found += faults_of_artefacts(came["folder"], whole=is_whole)
    return found


def test_every_cell_of_the_table_is_played_or_says_why_not() -> None:
    every = {(surface, fault) for surface in SURFACES for fault in FAULTS}

    assert EXPECTED.keys() | NOT_THERE.keys() == every
    assert not EXPECTED.keys() & NOT_THERE.keys()
    assert ON_THE_WALL_CLOCK.keys() <= EXPECTED.keys()


@pytest.mark.realtime  # what hangs is broken off by the wall clock
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", cases("virtual", 120), ids=named)
def test_a_fault_has_one_owner_and_loses_nothing(case: Case, campaign: Campaign) -> None:
    assert wrong(case, campaign) == []


@pytest.mark.prove
@pytest.mark.realtime
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_runs_come_out_as_the_table_says(part: int, campaign: Campaign) -> None:
    every = [*cases("virtual", 1000 - 3 * len(EXPECTED)), *cases("wall", 3 * len(EXPECTED))]
    played = every[part::PARTS]
    found = {case: told for case in played if (told := wrong(case, campaign))}
    counts = Counter((case.clock, case.expected.outcome) for case in played)
    print(f"{len(played)} runs, {len(found)} otherwise: {dict(counts)}")
    for case, told in found.items():
        print(named(case), *told, sep="\n  ")
    assert not found


@pytest.mark.prove
@pytest.mark.realtime
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("cell", EXPECTED, ids="-".join)
def test_a_fault_comes_out_alike_on_both_clocks_or_the_table_says_why_not(
    cell: tuple[str, str], campaign: Campaign
) -> None:
    played = clocks(cell[0])
    assert [wrong(Case(*cell, clock, 1), campaign) for clock in played] == [[] for _ in played]
