"""Two runs beside each other: the rows of a table, what is alike in one row."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from soundstage.comparison.comparable_events import comparable
from soundstage.comparison.divergence import Side, side_of
from soundstage.comparison.event_sentences import EventSentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.results import AnyEvent

Mark: TypeAlias = Literal["=", "~", "|", "<", ">"]
"""`=` equal, `~` at another time, `|` different, `<` in the first run only, `>` in the second."""

SHOWN: Final = frozenset(
    (
        "joined",
        "left",
        "turn",
        "heard",
        "interrupted",
        "tool_called",
        "tool_returned",
        "tool_dropped",
        "fault",
        "warned",
        "cue_given",
        "floor_given",
        "floor_taken",
        "entered",
        "exited",
        "dropped",
        "reconnected",
        "hang_up",
        "run_ended",
    )
)
"""Types that tell what was said and done; the others tell how."""


class DiffRow(Struct, frozen=True, kw_only=True):
    """One row of the table.

    Attributes:
        mark: how the two differ.
        a: what happened in the first run; None where nothing did.
        b: what happened in the second run, likewise.
    """

    mark: Mark
    a: Side | None
    b: Side | None


def side_by_side(
    mine: Sequence[AnyEvent],
    theirs: Sequence[AnyEvent],
    *,
    timed: bool,
    common: int,
    every: bool = False,
) -> tuple[DiffRow, ...]:
    """The rows from the first event on that differs.

    Args:
        mine: the events of the first run.
        theirs: the events of the second run.
        timed: whether times count.
        common: how many of the compared events are equal, which are left out.
        every: whether all events are shown; without it, what was said and done.
    """
    left = _sides(mine, timed=timed, skip=common, every=every)
    right = _sides(theirs, timed=timed, skip=common, every=every)
    keys, others = ([(each.type, each.text) for each in sides] for sides in (left, right))
    rows: list[DiffRow] = []
    for how, start, end, other, stop in SequenceMatcher(None, keys, others).get_opcodes():
        pairs = zip_longest(left[start:end], right[other:stop])
        rows += (_row(a, b, timed=timed, equal=how == "equal") for a, b in pairs)
    return tuple(rows)


def _sides(log: Sequence[AnyEvent], *, timed: bool, skip: int, every: bool) -> list[Side]:
    sentences = EventSentences(log)
    return [
        side_of(event, sentences)
        for event in _from(log, timed=timed, skip=skip)
        if every or event.type in SHOWN
    ]


def _from(log: Sequence[AnyEvent], *, timed: bool, skip: int) -> Iterator[AnyEvent]:
    """The events from the first one on that differs, those included that are not compared."""
    compared = [event for event, _ in comparable(log, timed=timed)]
    first = compared[skip] if skip < len(compared) else None
    begun = False
    for event in log:
        begun = begun or event is first
        if begun and event.type != "wire":
            yield event


def _row(a: Side | None, b: Side | None, *, timed: bool, equal: bool) -> DiffRow:
    mark: Mark
    if a is None or b is None:
        mark = ">" if a is None else "<"
    elif not equal:
        mark = "|"
    else:
        mark = "~" if timed and a.pts != b.pts else "="
    return DiffRow(mark=mark, a=a, b=b)
