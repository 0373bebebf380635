"""In which part of a run an expectation counts: from `after` on, and until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.expectations.declared.slot_values import NOTHING_BOUND
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from soundstage.expectations.declared.expectation_tables import Expectation
    from soundstage.expectations.declared.slot_values import Bindings
    from soundstage.expectations.judges.timeline import Occurrence, Timeline
    from soundstage.units import Samples

_TOLD_WITHIN: Final = samples_of_seconds(10)
"""How much later than it happens something may stand in the log of a run that goes on."""

_WORDED: Final = frozenset({"said", "heard", "cue"})


class Window(Struct, frozen=True):
    """A time in which an expectation counts.

    Attributes:
        start: its first sample.
        end: its last one; None for the end of the run.
        opened_by: the moment that it begins with; None for the begin of the run.
    """

    start: Samples
    end: Samples | None = None
    opened_by: Occurrence | None = None

    @property
    def bound(self) -> Bindings:
        """What its begin has bound."""
        return NOTHING_BOUND if self.opened_by is None else self.opened_by.bound

    def holds(self, occurrence: Occurrence) -> bool:
        """Whether something began in it."""
        if occurrence is self.opened_by or occurrence.start < self.start:
            return False
        if self.opened_by is not None and _is_same(occurrence, self.opened_by):
            return False
        return self.end is None or occurrence.start <= self.end

    def is_over(self, line: Timeline) -> bool:
        """Whether nothing more can come to stand in the log that began in it."""
        return line.is_whole or (self.end is not None and line.now > self.end + _TOLD_WITHIN)


def windows(expectation: Expectation, line: Timeline) -> list[Window]:
    """The times in which an expectation counts: one for each time that `after` came."""
    if expectation.after is None:
        # Before all are there, the calls are made, which takes live runs their time.
        return [_closed(Window(0), expectation, line, line.ready)]
    openings = matching(expectation, line.find(expectation.after))
    worded = expectation.after.form in _WORDED
    return [
        # Whoever answers may begin before the last word: the turn that it answers has begun.
        _closed(
            Window(each.start + 1 if worded else each.end, None, each), expectation, line, each.end
        )
        for each in openings
    ]


def matching(expectation: Expectation, found: list[Occurrence]) -> list[Occurrence]:
    """Those whose slots have the values that the expectation asks for."""
    conditions = expectation.where
    if not conditions:
        return found
    return [
        each
        for each in found
        if all(
            wanted.hold(each.bound[name])
            for name, wanted in conditions.items()
            if name in each.bound
        )
    ]


def _closed(window: Window, expectation: Expectation, line: Timeline, since: Samples) -> Window:
    ends: list[Samples] = []
    if expectation.within is not None:
        ends.append(since + int(expectation.within))
    until = _until(window, expectation, line)
    if until is not None:
        ends.append(until)
    return Window(window.start, min(ends), window.opened_by) if ends else window


def _until(window: Window, expectation: Expectation, line: Timeline) -> Samples | None:
    until = expectation.until
    if until is None:
        return None
    if until.turns is None:
        return next((each.start for each in line.find(until) if window.holds(each)), None)
    agent = expectation.agent
    later = [
        turn.end
        for turn in line.turns
        if turn.start >= window.start and agent in {None, turn.agent}
    ]
    return later[until.turns - 1] if len(later) >= until.turns else None


def _is_same(one: Occurrence, other: Occurrence) -> bool:
    return (one.start, one.end, one.agent, one.text) == (
        other.start,
        other.end,
        other.agent,
        other.text,
    )
