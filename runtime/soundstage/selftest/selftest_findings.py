"""What the runs of a selftest show: of each planted fault, whether anything caught it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from soundstage.ledger import cell_text, pure_part
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED, EXIT_INVALID
from soundstage.selftest.planted_faults import FAULTS
from soundstage.sweep import judgement_of, pooled_expectations
from soundstage.verdict import decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.ledger import BatchPlan, Row
    from soundstage.selftest.planted_faults import Plant
    from soundstage.verdict import Judgement

Status: TypeAlias = Literal["caught", "missed", "undecided", "no_effect", "invalid", "not_planted"]


class Finding(Struct, frozen=True, kw_only=True):
    """What became of one fault in one agent.

    Attributes:
        fault: its name.
        agent: the agent that had it.
        what: the fault in words.
        status: `caught`: the scenario fails with it; `missed`: it passes; `undecided`: too few runs
            to tell by `[verdict]`; `no_effect`: every run was the same as without it; `invalid`:
            the runs could not be judged; `not_planted`.
        why: why it was not planted or not judged; empty otherwise.
        runs: how many runs were made with it.
        failed: how many of them failed.
        caught_by: id of a required expectation to the runs that it failed; `[end]` stands for runs
            that did not end as declared.
        only_by: the one id without which nothing would have caught it; empty where there is none.
    """

    fault: str
    agent: str
    what: str
    status: Status
    why: str = ""
    runs: int = 0
    failed: int = 0
    caught_by: dict[str, int] = {}
    only_by: str = ""


class AgainFinding(Struct, frozen=True, kw_only=True):
    """Whether the scenario as it is came out the same twice, in two sets of processes.

    Attributes:
        status: `identical`, `different`, or `not_comparable`: runs that ask a server are not the
            same twice.
        runs: how many pairs were compared.
        seeds: those that differed.
    """

    status: Literal["identical", "different", "not_comparable"]
    runs: int
    seeds: tuple[int, ...] = ()


class Findings(Struct, frozen=True, kw_only=True):
    """All that a selftest has found.

    Attributes:
        scenario: the file's stem.
        runs: how many runs of each variant were asked for.
        seed: the first one.
        again: whether two equal variants were identical.
        without: `passed` where the scenario passes without a fault; else `failed`, `undecided` or
            `invalid`.
        without_why: how it came out without a fault, in words.
        faults: what became of each.
        idle: ids of required expectations that no planted fault has failed.
        interrupted: whether runs are missing because it was broken off.
    """

    scenario: str
    runs: int
    seed: int
    again: AgainFinding
    without: Literal["passed", "failed", "undecided", "invalid"]
    without_why: str
    faults: tuple[Finding, ...]
    idle: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def missed(self) -> tuple[Finding, ...]:
        """The faults that nothing caught."""
        return tuple(each for each in self.faults if each.status == "missed")

    @property
    def exit_code(self) -> int:
        """0 if every planted fault was caught, 1 if one was missed, 3 if it cannot be told."""
        found = {each.status for each in self.faults}
        is_sound = self.without == "passed" and self.again.status != "different"
        if not is_sound or self.interrupted:
            return EXIT_INVALID
        if "missed" in found:
            return EXIT_FAILED
        if found & {"invalid", "undecided"} or "caught" not in found:
            return EXIT_INVALID
        return EXIT_ENDED


def findings_of(
    plan: BatchPlan,
    plants: Sequence[Plant],
    rows: Iterable[Row],
    again: Iterable[Row],
    *,
    interrupted: bool = False,
) -> Findings:
    """What the runs show.

    Args:
        plan: of the batch, whose first cell is the scenario as it is.
        plants: the faults, those that could not be planted included.
        rows: of its runs.
        again: of the runs of the scenario as it is that were made a second time.
        interrupted: whether it was broken off.
    """
    cells: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        cells[cell_text(row.cell)][row.seed] = row
    as_it_is = cells[cell_text({})]
    found = tuple(_finding(plan, each, cells[cell_text(each.sets)], as_it_is) for each in plants)
    without, why = _without(plan, list(as_it_is.values()))
    return Findings(
        scenario=plan.scenario,
        runs=plan.runs,
        seed=plan.seed,
        again=_compared(as_it_is, again),
        without=without,
        without_why=why,
        faults=found,
        idle=_idle(as_it_is.values(), found),
        interrupted=interrupted,
    )


def _without(
    plan: BatchPlan, rows: list[Row]
) -> tuple[Literal["passed", "failed", "undecided", "invalid"], str]:
    judged: list[Judgement] = [judgement_of(row) for row in rows]
    told = f"{judged.count('passed')} of {len(rows)} runs passed"
    pooled = [each for each in pooled_expectations(plan, rows) if each.need == "required"]
    if any(each.status == "failed" for each in pooled):
        return "failed", next(each.sentence for each in pooled if each.status == "failed")
    if "failed" in judged:
        if plan.rule is not None and decide(judged, plan.rule).verdict != "failed":
            return "passed", told
        return "failed", f"{told}: {_causes_told(rows)}"
    if not rows or "invalid" in judged:
        bad = next((row for row in rows if judgement_of(row) == "invalid"), None)
        return "invalid", told if bad is None else f"{told}: {bad.reason} {bad.explanation}".strip()
    return "passed", told


def _compared(once: dict[int, Row], again: Iterable[Row]) -> AgainFinding:
    pairs = [(once[row.seed], row) for row in again if row.seed in once]
    differ = tuple(sorted(a.seed for a, b in pairs if pure_part(a) != pure_part(b)))
    status: Literal["identical", "different", "not_comparable"] = "identical"
    if not pairs or not all(a.deterministic or a.outcome != "ended" for a, _ in pairs):
        status = "not_comparable"
    elif differ:
        status = "different"
    return AgainFinding(status=status, runs=len(pairs), seeds=differ)


def _finding(
    plan: BatchPlan, plant: Plant, runs: dict[int, Row], as_it_is: dict[int, Row]
) -> Finding:
    what = FAULTS[plant.fault]
    if not plant.sets:
        return Finding(
            fault=plant.fault,
            agent=plant.agent,
            what=what,
            status="not_planted",
            why=plant.why_not,
        )
    rows = list(runs.values())
    failed = [row for row in rows if judgement_of(row) == "failed"]
    causes = Counter(cause for row in failed for cause in _causes(row))
    status, why = _status(plan, rows, as_it_is)
    if status == "caught":
        for each in pooled_expectations(plan, rows, plant.sets):
            if each.status == "failed" and each.need == "required":
                causes[each.id] += each.runs
    only = {frozenset(_causes(row)) for row in failed}
    is_sole = status == "caught" and len(causes) == 1 and len(only) <= 1
    return Finding(
        fault=plant.fault,
        agent=plant.agent,
        what=what,
        status=status,
        why=why,
        runs=len(rows),
        failed=len(failed),
        caught_by=dict(sorted(causes.items(), key=lambda each: (-each[1], each[0]))),
        only_by=next(iter(causes)) if is_sole else "",
    )


def _status(plan: BatchPlan, rows: list[Row], as_it_is: dict[int, Row]) -> tuple[Status, str]:
    judged: list[Judgement] = [judgement_of(row) for row in rows]
    cell = rows[0].cell if rows else {}
    pooled = pooled_expectations(plan, rows, cell)
    if any(each.status == "failed" and each.need == "required" for each in pooled):
        return "caught", ""
    if plan.rule is not None and "failed" in judged:
        verdict = decide(judged, plan.rule)
        if verdict.verdict == "failed":
            return "caught", ""
        if verdict.verdict == "undecided":
            return "undecided", verdict.sentence
    elif "failed" in judged:
        return "caught", ""
    if not rows:
        return "invalid", "no run was made"
    if "invalid" in judged:
        bad = next(row for row in rows if judgement_of(row) == "invalid")
        return "invalid", f"{bad.reason}: {bad.explanation}" if bad.explanation else bad.reason
    if _are_equal(rows, as_it_is):
        return "no_effect", "every run is the same without it"
    return "missed", ""


def _are_equal(rows: list[Row], as_it_is: dict[int, Row]) -> bool:
    return all(
        row.fingerprint
        and row.seed in as_it_is
        and row.fingerprint == as_it_is[row.seed].fingerprint
        for row in rows
    )


def _causes(row: Row) -> list[str]:
    """What failed a run: the required expectations, else the way in which it ended."""
    ids = [
        each.id for each in row.expectations if each.status == "failed" and each.need == "required"
    ]
    return ids or [f"[end] {row.reason}"]


def _causes_told(rows: list[Row]) -> str:
    failed = (row for row in rows if judgement_of(row) == "failed")
    return ", ".join(sorted({cause for row in failed for cause in _causes(row)}))


def _idle(rows: Iterable[Row], found: tuple[Finding, ...]) -> tuple[str, ...]:
    """The required expectations that no fault has failed, in the order of the file."""
    required = {
        each.id: None for row in rows for each in row.expectations if each.need == "required"
    }
    busy = {name for each in found for name in each.caught_by}
    return tuple(name for name in required if name not in busy)
