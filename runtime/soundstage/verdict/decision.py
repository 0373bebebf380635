"""The rule of `[verdict]`: when a batch has passed, has failed, or is undecided."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from soundstage.verdict.binomial import clean_runs_needed, lower_bound, rate_interval, tail_at_least
from soundstage.verdict.confidence_sequence import evidence_against, sequence_interval

if TYPE_CHECKING:
    from collections.abc import Iterable

Judgement: TypeAlias = Literal["passed", "failed", "invalid"]
"""How one run came out: only a fault of an agent under test is `failed`."""

_MOST_FURTHER: Final = 20_000


class VerdictRule(Struct, frozen=True, kw_only=True):
    """What a batch must show.

    Attributes:
        at_least: the share of the judged runs that must pass, above 0, at most 1.
        confidence: how sure that must be, 0 to 1.
        invalid_at_most: the share of all runs that may be invalid.
    """

    at_least: float
    confidence: float = 0.95
    invalid_at_most: float = 0.05


class BatchVerdict(Struct, frozen=True, kw_only=True):
    """What became of a batch.

    Attributes:
        verdict: `passed`, `failed` or `undecided`.
        sentence: why.
        passed: runs that passed.
        judged: runs that passed or failed.
        invalid: runs that could not be judged; they are not in `judged`.
        low: the rate is at least this, by the interval that is shown.
        high: and at most this.
        further: about how many further runs would decide it, at the rate that was seen; None where
            it is decided, or where none would.
        early: whether the batch was looked at after every run, and stopped when it was decided.
    """

    verdict: Literal["passed", "failed", "undecided"]
    sentence: str
    passed: int
    judged: int
    invalid: int
    low: float
    high: float
    further: int | None = None
    early: bool = False

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 undecided."""
        return {"passed": 0, "failed": 1, "undecided": 3}[self.verdict]


class _Count:
    """Runs counted by how they came out."""

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        self.passed = self.failed = self.invalid = 0
        for each in judgements:
            self.add(each)

    def add(self, judgement: Judgement) -> None:
        self.passed += judgement == "passed"
        self.failed += judgement == "failed"
        self.invalid += judgement == "invalid"

    @property
    def judged(self) -> int:
        return self.passed + self.failed


def decide(judgements: Iterable[Judgement], rule: VerdictRule) -> BatchVerdict:
    """The verdict on a batch whose length was fixed beforehand.

    The one-sided bounds of Clopper and Pearson decide; Wilson's interval is shown. Invalid runs are
    not counted; but where counting them all as passed, or all as failed, gives another verdict, the
    batch is undecided, as it is with more of them than the rule allows.

    Args:
        judgements: of all runs.
        rule: what they must show.
    """
    count = _Count(judgements)
    shown = rate_interval(count.passed, count.judged, rule.confidence)
    verdict = partial(_verdict, count, shown)
    total = count.judged + count.invalid
    if count.judged == 0:
        return verdict("undecided", "no run could be judged")
    if count.invalid > rule.invalid_at_most * total:
        return verdict("undecided", _too_many_invalid(count, rule))
    found = _fixed(count.passed, count.judged, rule)
    worst = _fixed(count.passed, total, rule)
    best = _fixed(count.passed + count.invalid, total, rule)
    told = f"{count.passed} of {count.judged} runs passed"
    if found != "undecided" and {worst, best} != {found}:
        why = f"{told}, but the {count.invalid} invalid runs could change the verdict"
        return verdict("undecided", why)
    if found == "undecided":
        further = _further(count, rule)
        more = "" if further is None else f"; at this rate about {further} more would decide it"
        return verdict("undecided", f"{told}: too few to tell {_bar(rule)}{more}", further)
    if found == "passed":
        return verdict("passed", f"{told}: {_shown(count, rule)}")
    return verdict("failed", f"{told}: {_missed(count, rule)}")


def _fixed(passed: int, judged: int, rule: VerdictRule) -> Literal["passed", "failed", "undecided"]:
    if rule.at_least >= 1:
        return "passed" if passed == judged else "failed"
    # What the bounds say, without a search for where they lie.
    if tail_at_least(passed, judged, rule.at_least) <= 1 - rule.confidence:
        return "passed"
    if tail_at_least(judged - passed, judged, 1 - rule.at_least) < 1 - rule.confidence:
        return "failed"
    return "undecided"


def _further(count: _Count, rule: VerdictRule) -> int | None:
    """How many further runs would decide it if as many of them passed as of those there are."""
    rate = count.passed / count.judged
    if rate == rule.at_least:
        return None
    more, step = 0, 1
    while more < _MOST_FURTHER:
        more += step
        step = max(1, more // 20)
        runs = count.judged + more
        if _fixed(round(rate * runs), runs, rule) != "undecided":
            return more
    return None


def decide_early(judgements: Iterable[Judgement], rule: VerdictRule) -> BatchVerdict:
    """The verdict on a batch that is looked at after every run, and stops when it is decided.

    Only the confidence sequence decides. The runs that come after the one that decides do not
    count, so that the verdict does not depend on how many were made beside each other.

    Args:
        judgements: in the order of the seeds, without a gap.
        rule: what they must show; `at_least` below 1.
    """
    count = _Count()
    limit = -math.log(1 - rule.confidence)
    for judgement in judgements:
        count.add(judgement)
        if judgement == "invalid" or count.judged == 0:
            continue
        if evidence_against(rule.at_least, count.passed, count.judged) < limit:
            continue
        if count.invalid > rule.invalid_at_most * (count.judged + count.invalid):
            continue
        return _early(count, rule, is_decided=True)
    return _early(count, rule, is_decided=False)


def _early(count: _Count, rule: VerdictRule, *, is_decided: bool) -> BatchVerdict:
    interval = sequence_interval(count.passed, count.judged, rule.confidence)
    told = f"{count.passed} of {count.judged} runs passed"
    found: Literal["passed", "failed", "undecided"] = "undecided"
    if is_decided:
        found = "passed" if count.passed > rule.at_least * count.judged else "failed"
        why = f"{told}: {_shown(count, rule) if found == 'passed' else _missed(count, rule)}"
    elif count.invalid > rule.invalid_at_most * (count.judged + count.invalid):
        why = _too_many_invalid(count, rule)
    else:
        why = f"{told}: too few to tell {_bar(rule)}"
    return _verdict(count, interval, found, why, early=True)


def _verdict(
    count: _Count,
    interval: tuple[float, float],
    found: Literal["passed", "failed", "undecided"],
    why: str,
    further: int | None = None,
    *,
    early: bool = False,
) -> BatchVerdict:
    return BatchVerdict(
        verdict=found,
        sentence=why,
        passed=count.passed,
        judged=count.judged,
        invalid=count.invalid,
        low=interval[0],
        high=interval[1],
        further=further,
        early=early,
    )


def _too_many_invalid(count: _Count, rule: VerdictRule) -> str:
    total, most = count.judged + count.invalid, f"{rule.invalid_at_most:.0%}"
    return f"{count.invalid} of {total} runs are invalid, and at most {most} may be"


def _bar(rule: VerdictRule) -> str:
    return f"whether {rule.at_least:.4g} of all would"


def _shown(count: _Count, rule: VerdictRule) -> str:
    if rule.at_least >= 1:
        supported = lower_bound(count.passed, count.judged, rule.confidence)
        return f"all of them, which shows a rate of {supported:.1%} with {rule.confidence:.0%}"
    return f"the rate is at least {rule.at_least:.4g}, with {rule.confidence:.0%} confidence"


def _missed(count: _Count, rule: VerdictRule) -> str:
    if rule.at_least >= 1:
        return f"{count.failed} did not"
    return f"the rate is below {rule.at_least:.4g}, with {rule.confidence:.0%} confidence"


def fewest_runs(rule: VerdictRule) -> int:
    """How many runs a batch needs so that it can pass at all, if every run passes."""
    return 1 if rule.at_least >= 1 else clean_runs_needed(rule.at_least, rule.confidence)
