"""The first event in which two runs differ."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from soundstage.comparison.comparable_events import comparable
from soundstage.comparison.event_sentences import EventSentences
from soundstage.units import Samples, seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.comparison.comparable_events import Form
    from soundstage.results import AnyEvent

What: TypeAlias = Literal["words", "time", "event", "detail", "length", "sound"]
"""How two runs differ first.

`words`: other words are said or heard. `time`: the same happens at another time. `event`: something
else happens. `detail`: the same happens at the same time, with other details. `length`: one run has
nothing more. `sound`: all events are equal, and the recordings are not.
"""


class Side(Struct, frozen=True, kw_only=True):
    """An event of one of two runs.

    Attributes:
        type: the event's type, as in the log.
        agent: the agent that it is about, or empty.
        pts: when it was, in samples of the run.
        at: the same in seconds.
        text: what happened, in words.
        words: what is said in it; of a piece of a reply, the whole reply. Empty where nothing is.
    """

    type: str
    agent: str
    pts: Samples
    at: float
    text: str
    words: str = ""


class Divergence(Struct, frozen=True, kw_only=True):
    """The first event in which two runs differ.

    Attributes:
        what: how they differ first.
        common: how many events are equal before it.
        a: the event of the first run; None where it has no more, or no event differs.
        b: the event of the second run, likewise.
    """

    what: What
    common: int
    a: Side | None
    b: Side | None

    @property
    def cause(self) -> tuple[str, str, str]:
        """What two runs have in common with other two that differ in the same way first."""
        mine, theirs = (self._told(side) for side in (self.a, self.b))
        return self.what, mine, theirs

    def _told(self, side: Side | None) -> str:
        if side is None:
            return ""
        return f"{side.agent}: {side.words}" if self.what == "words" else side.text


def first_divergence(
    mine: Sequence[AnyEvent], theirs: Sequence[AnyEvent], *, timed: bool
) -> Divergence | None:
    """The first event in which two logs differ; None where they are equal.

    Args:
        mine: the events of the first run.
        theirs: the events of the second run.
        timed: whether times count, and every event; without it, only what was said and done.
    """
    pairs = zip_longest(comparable(mine, timed=timed), comparable(theirs, timed=timed))
    for common, (left, right) in enumerate(pairs):
        if left is not None and right is not None and left[1] == right[1]:
            continue
        a = None if left is None else side_of(left[0], EventSentences(mine))
        b = None if right is None else side_of(right[0], EventSentences(theirs))
        what = "length" if left is None or right is None else _what(left[1], right[1], a, b)
        return Divergence(what=what, common=common, a=a, b=b)
    return None


def side_of(event: AnyEvent, sentences: EventSentences) -> Side:
    """An event as it is shown."""
    return Side(
        type=event.type,
        agent=event.agent,
        pts=event.pts,
        at=round(seconds_of(event.pts), 3),
        text=sentences.sentence(event),
        words=sentences.words(event),
    )


def _what(mine: Form, theirs: Form, a: Side | None, b: Side | None) -> What:
    if a is None or b is None:
        return "length"
    if (a.type, a.agent) != (b.type, b.agent):
        return "event"
    if a.words != b.words:
        return "words"
    changed = {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
    if changed <= {"pts", "start", "end", "at", "latency"}:
        return "time"
    return "detail" if a.text == b.text else "event"
