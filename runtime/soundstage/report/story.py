"""What happened in a run, in order: the entries of the time line and of the transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET, Struct

from soundstage.config.values import normalize
from soundstage.messages import events
from soundstage.results import LATENCY_POINTS, display_name, keys_heard, with_cut
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.messages import Verdict
    from soundstage.results import History, Turn

LONGEST: Final = 2000
"""Characters of a tool's arguments or result, or of an error, that a report shows."""

TINTS: Final = 8
"""Tints of lanes that the page's style has; more agents share them."""

_PINNED: Final = ("passed", "failed", "skipped", "unknown")
"""What became of an expectation in this run; `deferred` is for many runs to say."""

POINTS: Final = {
    "decided": "end of turn decided",
    "recognised": "words recognised",
    "called": "tool called",
    "returned": "tool returned",
    "begun": "reply begun",
    "sent": "first frame sent",
    "heard": "first sound heard",
}


class Piece(Struct, frozen=True):
    """A piece of a response gap.

    Attributes:
        label: the point or points at which it ends, in words.
        seconds: how long it is.
        start: seconds from the beginning of the gap.
        tint: which of the tints it has: the place of its last point.
    """

    label: str
    seconds: float
    start: float
    tint: int


class Entry(Struct, frozen=True, kw_only=True):
    """Something that happened.

    Attributes:
        kind: `turn`, `tool`, `cut`, `fault`, `warning`, `cue`, `keys`, `dropped`, `reconnected`,
            `hangup`, or of an expectation `passed`, `failed`, `skipped` or `unknown`.
        start: seconds of the run.
        end: the same where it has no length.
        lane: which agent it is about, by its place; -1 for none.
        agent: the agent's name as people write names.
        label: a word or two.
        text: what was said, or what happened.
        notes: further lines.
        gap: the response gap before it, in seconds.
        pieces: what that was spent on.
        target: the id of what it links to, or empty.
    """

    kind: str
    start: float
    end: float
    lane: int
    agent: str
    label: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    gap: float | None = None
    pieces: tuple[Piece, ...] = ()
    target: str = ""

    @property
    def tint(self) -> int:
        """Which of the page's tints its lane has."""
        return self.lane % TINTS


def story(
    history: History, turns: Sequence[Turn], expected: Sequence[Verdict]
) -> tuple[Entry, ...]:
    """Everything of a run that a report shows, in order."""
    lanes = {agent: number for number, agent in enumerate(history.agents)}
    found = [
        *(_turn(turn, lanes) for turn in turns),
        *_calls(history, lanes),
        *_keys(history, lanes),
        *(entry for event in history.events for entry in _event(event, lanes)),
        *(_pin(each, lanes) for each in expected if _has_moment(each)),
    ]
    return tuple(sorted(found, key=lambda entry: entry.start))


def pieces_of(spans: dict[str, float]) -> tuple[Piece, ...]:
    """The pieces of a gap, one behind the other."""
    pieces: list[Piece] = []
    start = 0.0
    for name, seconds in spans.items():
        points = name.split("+")
        label = " + ".join(POINTS.get(point, point) for point in points)
        tint = LATENCY_POINTS.index(points[-1]) if points[-1] in LATENCY_POINTS else 0
        pieces.append(Piece(label, seconds, start, tint))
        start += seconds
    return tuple(pieces)


def clipped(text: str) -> str:
    """A text that a program made, no longer than can be read."""
    rest = len(text) - LONGEST
    return text if rest <= 0 else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS} ({rest:,} more)"


def _turn(turn: Turn, lanes: dict[str, int]) -> Entry:
    notes: list[str] = []
    if turn.interrupted_by:
        notes.append(f"cut by {display_name(turn.interrupted_by)}")
    if turn.text != turn.generated:
        estimate = " (where it was cut is an estimate)" if turn.estimated else ""
        notes.append(f"would have said: {turn.generated}{estimate}")
    said = normalize(turn.text)
    notes += [
        f"{display_name(agent)} heard: {words}"
        for agent, words in turn.heard_by.items()
        if words and normalize(words) != said
    ]
    if turn.text_source == "recognised":
        notes.append("words as recognised in the sound; the agent told none")
    if turn.made_by:
        notes.append(f"words made by the model {turn.made_by}")
    return Entry(
        kind="turn",
        start=turn.start,
        end=turn.end,
        lane=lanes.get(turn.agent, -1),
        agent=display_name(turn.agent),
        text=with_cut(turn) or "\N{EM DASH}",
        notes=tuple(notes),
        gap=turn.gap,
        pieces=pieces_of(turn.spans),
    )


def _calls(history: History, lanes: dict[str, int]) -> Iterator[Entry]:
    answers = {(answer.agent, answer.call): answer for answer in history.of(events.ToolReturned)}
    for call in history.of(events.ToolCalled):
        answer = answers.get((call.agent, call.call))
        if answer is None:
            came = "no answer"
        elif answer.error:
            came = f"failed: {clipped(answer.error)}"
        else:
            came = f"returned: {clipped(answer.output)}"
        yield Entry(
            kind="tool",
            start=seconds_of(call.pts),
            end=seconds_of(call.pts if answer is None else answer.pts),
            lane=lanes.get(call.agent, -1),
            agent=display_name(call.agent),
            label=call.tool,
            text=clipped(call.arguments or "{}"),
            notes=(came,),
        )


def _keys(history: History, lanes: dict[str, int]) -> Iterator[Entry]:
    for start, agent, by, keys in keys_heard(history):
        yield Entry(
            kind="keys",
            start=start,
            end=start,
            lane=lanes.get(by, -1),
            agent=display_name(by),
            label="heard",
            text=f"{keys}, pressed by {display_name(agent)}",
        )


def _event(event: object, lanes: dict[str, int]) -> Iterator[Entry]:
    match event:
        case events.Interrupted():
            yield _moment("cut", event, lanes, text=f"cut by {display_name(event.by)}")
        case events.Fault():
            notes = (clipped(event.traceback),) if event.traceback else ()
            yield _moment("fault", event, lanes, event.action, clipped(event.error), notes)
        case events.Warned():
            yield _moment("warning", event, lanes, event.code, clipped(event.message))
        case events.CueGiven():
            name = f"cue {event.cue}" if event.id is UNSET else str(event.id)
            yield _moment("cue", event, lanes, event.act, name)
        case events.Pressed():
            yield _moment("keys", event, lanes, "pressed", event.keys)
        case events.Dropped():
            yield _moment("dropped", event, lanes, text=clipped(event.error))
        case events.Reconnected():
            calls = "call" if event.attempts == 1 else "calls"
            text = f"after {seconds_of(event.gap):.2f} s and {event.attempts} {calls}"
            yield _moment("reconnected", event, lanes, text=text)
        case events.HangUp():
            yield _moment("hangup", event, lanes, text=f"hung up by {event.by}")
        case _:
            return


def _moment(
    kind: str,
    event: events.Event,
    lanes: dict[str, int],
    label: str = "",
    text: str = "",
    notes: tuple[str, ...] = (),
) -> Entry:
    at = seconds_of(event.pts)
    return Entry(
        kind=kind,
        start=at,
        end=at,
        lane=lanes.get(event.agent, -1),
        agent=display_name(event.agent),
        label=label,
        text=text,
        notes=notes,
    )


def _pin(expected: Verdict, lanes: dict[str, int]) -> Entry:
    at = seconds_of(expected.pts or 0)
    return Entry(
        kind=expected.status,
        start=at,
        end=at,
        lane=lanes.get(expected.agent, -1),
        agent=display_name(expected.agent),
        label=expected.id,
        text=expected.sentence,
        target=f"expect-{expected.id}",
    )


def _has_moment(expected: Verdict) -> bool:
    return expected.pts is not None and expected.status in _PINNED
