"""What happened in a run, found in its event log: each moment with its beginning and its end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from soundstage.expectations.declared.expectation_tables import slot_of
from soundstage.expectations.declared.expected_words import clock
from soundstage.expectations.declared.slot_values import NOTHING_BOUND, Bindings, equal
from soundstage.json_text import read_object
from soundstage.messages import events
from soundstage.moments import (
    CONVERSATION_EVENTS,
    ConversationEvent,
    ConversationEvents,
    KeySequence,
)
from soundstage.results import Interval, Measurements, measure, union
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.config.values import Phrase
    from soundstage.expectations.declared.expectation_tables import ExpectedMoment
    from soundstage.results import History
    from soundstage.units import Samples

E = TypeVar("E", bound=events.Event)

_AUDIBLE_WITHIN: Final = samples_of_seconds(10)
"""How long after a cue its agent may begin to speak, for the sound to be the cue's."""

_COMINGS: Final = (events.Joined, events.Entered, events.Left, events.Exited)

_SPOKEN: Final = frozenset({"say", "ask", "play", "keys"})


class Occurrence(Struct, frozen=True):
    """A moment that has come.

    Words last from the first to the last sample of their turn, a tool's call until its result, a
    cue as long as its agent is audible. What comes after a moment begins when that has ended.

    Attributes:
        start: when it began.
        end: when it was over.
        agent: whose it is; empty for a time.
        turn: the number of its turn; 0 where it is in none.
        text: its words, or what it is.
        bound: what it has bound.
        by: the agent that recognised the words.
        score: how sure the recogniser was: the mean log probability; None where it is not known.
    """

    start: Samples
    end: Samples
    agent: str = ""
    turn: int = 0
    text: str = ""
    bound: Bindings = NOTHING_BOUND
    by: str = ""
    score: float | None = None


class Timeline:
    """A run, or the part of it that has been so far, as moments are looked for in it.

    Args:
        history: what its log tells.
        running: whether the run goes on.

    Attributes:
        history: what its log tells.
        now: up to when the log tells.
        is_whole: whether the run came to its own end, so that what is not in the log did not
            happen.
    """

    def __init__(self, history: History, *, running: bool = False) -> None:
        self.history = history
        self.now: Samples = history.end
        ended = history.ended
        own_end = ended is not None and ended.outcome in {"ended", "failed"}
        self.is_whole = own_end and not running
        self._of: dict[type, Sequence[events.Event]] = {}
        self._waits: dict[str, Sequence[Interval]] = {}

    def of(self, kind: type[E]) -> Sequence[E]:
        """The events of one type, in the order of the log."""
        if kind not in self._of:
            self._of[kind] = list(self.history.of(kind))
        return cast("Sequence[E]", self._of[kind])

    @cached_property
    def turns(self) -> Sequence[events.Turn]:
        """What was played, by its begin."""
        return sorted(self.of(events.Turn), key=lambda turn: (turn.start, turn.number))

    @cached_property
    def ready(self) -> Samples:
        """When all agents had come."""
        came = {each.agent: each.pts for each in reversed(tuple(self.of(events.Joined)))}
        return max(came.values(), default=0)

    @cached_property
    def measurements(self) -> Measurements:
        """The run's metrics."""
        return measure(self.history)

    def find(self, moment: ExpectedMoment) -> list[Occurrence]:
        """Each time that a moment has come, by its begin.

        With `nth` only that time, with `delay` so much later.
        """
        found = sorted(self._found(moment), key=lambda each: (each.start, each.end))
        if moment.nth > 1 or "nth" in moment.model_fields_set:
            found = found[moment.nth - 1 : moment.nth]
        if not moment.delay:
            return found
        delay = int(moment.delay)
        return [_later(each, delay) for each in found]

    def turn_at(self, pts: Samples, agent: str = "") -> int | None:
        """The number of the turn that was being played at a time, of an agent or of any."""
        numbers = [
            turn.number
            for turn in self.turns
            if turn.start <= pts < turn.end and agent in {"", turn.agent}
        ]
        return numbers[-1] if numbers else None

    def voice_at(self, agent: str, pts: Samples) -> Interval | None:
        """The time around a moment in which an agent was audible; None where it was silent."""
        return next((each for each in self.voices(agent) if each.start <= pts < each.end), None)

    def voice_from(self, agent: str, pts: Samples) -> Interval | None:
        """The first time in which an agent was audible that begins at a moment or later."""
        intervals = self.voices(agent)
        place = bisect_left(intervals, pts, key=lambda each: each.start)
        return intervals[place] if place < len(intervals) else None

    def voices(self, agent: str) -> Sequence[Interval]:
        """When an agent was audible."""
        return self.history.audible(agent, "said")

    def waits_for_tools(self, agent: str) -> Sequence[Interval]:
        """When an agent waited for the result of a tool."""
        if agent not in self._waits:
            self._waits[agent] = union(
                Interval(call.pts, self._tool_ended.get((call.agent, call.call), self.now))
                for call in self.of(events.ToolCalled)
                if call.agent == agent
            )
        return self._waits[agent]

    @cached_property
    def _tool_ended(self) -> dict[tuple[str, str], Samples]:
        dropped = {(each.agent, each.call): each.pts for each in self.of(events.ToolDropped)}
        return dropped | {key: each.pts for key, each in self._returned.items()}

    def is_here(self, agent: str, pts: Samples) -> bool:
        """Whether an agent took part at a time: it had come, and had not gone again."""
        here = False
        for event in self._comings.get(agent, ()):
            if event.pts <= pts:
                here = isinstance(event, events.Joined | events.Entered)
        return here

    def gone_at(self, agent: str, pts: Samples) -> Samples | None:
        """When an agent went first after a time; None where it stayed until the run was over."""
        for event in self._comings.get(agent, ()):
            comes = isinstance(event, events.Joined | events.Entered)
            if event.pts > pts and not comes and not _is_over(event):
                return event.pts
        return None

    @cached_property
    def _comings(self) -> dict[str, list[events.Event]]:
        """Agent to the events with which it came and went."""
        found: dict[str, list[events.Event]] = {}
        for event in self.history.events:
            if isinstance(event, _COMINGS) or (
                isinstance(event, events.Fault) and event.action != "none"
            ):
                found.setdefault(event.agent, []).append(event)
        return found

    def _found(self, moment: ExpectedMoment) -> Iterator[Occurrence]:
        match moment.form:
            case "said":
                yield from self._said(moment, cast("Phrase", moment.said))
            case "heard":
                yield from self._heard(moment, cast("Phrase", moment.heard))
            case "tool":
                yield from self._called(moment)
            case "keys":
                yield from self._pressed(moment, moment.keys or "")
            case "cue":
                yield from self._cued(moment)
            case "at":
                at = int(moment.at or 0)
                if at <= self.now:
                    yield Occurrence(at, at, text=f"at {moment.at}")
            case "silence":
                yield from self._silences(moment.agent, int(moment.silence or 0))
            case "event":
                yield from self._events(moment)
            case _:
                return

    def _silences(self, agent: str | None, length: Samples) -> Iterator[Occurrence]:
        """When an agent, or all of them, had been quiet for so long: once in each silence."""
        for since, until in self._quiet(agent):
            if until - since >= length:
                at = since + length
                yield Occurrence(at, at, agent or "", 0, f"silence since {clock(since)}")

    def _quiet(self, agent: str | None) -> Iterator[Interval]:
        """The silences of an agent while it takes part, or of all; none before all have come."""
        agents = self.history.agents if agent is None else (agent,)
        left = {each.agent: each.pts for each in self.of(events.Left)}
        since = self.ready
        end = self.now if agent is None else left.get(agent, self.now)
        for voice in union(*(self.voices(each) for each in agents)):
            if voice.start > since:
                yield Interval(since, min(voice.start, end))
            since = max(since, voice.end)
        yield Interval(since, max(since, end))

    def _said(self, moment: ExpectedMoment, phrase: Phrase) -> Iterator[Occurrence]:
        for turn in self.turns:
            if moment.agent in {None, turn.agent}:
                for slots in _distinct(phrase, turn.said):
                    yield Occurrence(
                        turn.start, turn.end, turn.agent, turn.number, turn.said, Bindings(slots)
                    )

    def _heard(self, moment: ExpectedMoment, phrase: Phrase) -> Iterator[Occurrence]:
        for heard in self.of(events.HeardText):
            if moment.by in {None, heard.agent} and moment.agent in {None, heard.speaker}:
                for slots in _distinct(phrase, heard.text):
                    yield Occurrence(
                        heard.start,
                        max(heard.start, heard.end),
                        heard.speaker,
                        self.turn_at(heard.start, heard.speaker) or 0,
                        heard.text,
                        Bindings(slots),
                        heard.agent,
                        score_of(heard),
                    )

    @cached_property
    def _returned(self) -> dict[tuple[str, str], events.ToolReturned]:
        return {(each.agent, each.call): each for each in self.of(events.ToolReturned)}

    def _called(self, moment: ExpectedMoment) -> Iterator[Occurrence]:
        for call in self.of(events.ToolCalled):
            if call.tool != moment.tool or moment.agent not in {None, call.agent}:
                continue
            bound = _bound_arguments(moment.args or {}, read_object(call.arguments))
            if bound is None:
                continue
            answer = self._returned.get((call.agent, call.call))
            result = {} if answer is None else read_object(answer.output)
            end = call.pts if answer is None else max(answer.pts, call.pts)
            text = f"{call.tool}({call.arguments})"
            yield Occurrence(call.pts, end, call.agent, 0, text, Bindings(bound, result))

    def _cued(self, moment: ExpectedMoment) -> Iterator[Occurrence]:
        for cue in self.of(events.CueGiven):
            if cue.id is UNSET or cue.id != moment.cue:
                continue
            voice = self.voice_from(cue.agent, cue.pts) if cue.act in _SPOKEN else None
            heard = voice is not None and voice.start - cue.pts <= _AUDIBLE_WITHIN
            start, end = voice if voice is not None and heard else (cue.pts, cue.pts)
            turn = self.turn_at(start, cue.agent) or 0
            yield Occurrence(start, end, cue.agent, turn, f"cue {cue.id}")

    def _pressed(self, moment: ExpectedMoment, keys: str) -> Iterator[Occurrence]:
        sequence = KeySequence(keys, moment.agent, moment.by)
        for event in self.history.events:
            row = sequence.observe(event) if isinstance(event, events.Event) else None
            if row is not None:
                text, bound = f"keys {row.keys}", Bindings(row.slots)
                yield Occurrence(row.start, row.end, row.agent, 0, text, bound, row.by)

    @cached_property
    def _conversation(self) -> list[ConversationEvent]:
        watch = ConversationEvents()
        known = (each for each in self.history.events if isinstance(each, events.Event))
        return [happened for event in known for happened in watch.observe(event)]

    def _events(self, moment: ExpectedMoment) -> Iterator[Occurrence]:
        if moment.event in CONVERSATION_EVENTS:
            for each in self._conversation:
                if each.name == moment.event and moment.agent in {None, each.agent}:
                    turn = self.turn_at(each.pts, each.agent) or 0
                    bound = Bindings(fields={"other": each.other})
                    yield Occurrence(each.pts, each.pts, each.agent, turn, each.name, bound)
            return
        kind = events.Noted if moment.is_emitted else events.Event
        for event in self.of(kind):
            name = event.name if isinstance(event, events.Noted) else event.type
            if name == moment.event and moment.agent in {None, event.agent} and not _is_over(event):
                data = _data_of(event)
                slots = _bound_arguments(moment.args or {}, data)
                if slots is not None:
                    bound = Bindings(slots, data)
                    yield Occurrence(event.pts, event.pts, event.agent, 0, name, bound)


def _data_of(event: events.Event) -> Mapping[str, object]:
    match event:
        case events.Noted():
            return event.data
        case events.Dtmf():
            return {"key": event.key, "by": event.by}
        case _:
            return {}


def _is_over(event: events.Event) -> bool:
    """Whether an agent left only because the run was over: then it has not left the others."""
    return isinstance(event, events.Left) and event.reason == "stopped"


def score_of(heard: events.HeardText) -> float | None:
    """How sure the recogniser was of what it heard; None where the log does not say."""
    return None if isinstance(heard.score, UnsetType) else heard.score


def _later(occurrence: Occurrence, delay: Samples) -> Occurrence:
    return replace(occurrence, start=occurrence.start + delay, end=occurrence.end + delay)


def _distinct(phrase: Phrase, text: str) -> list[dict[str, str]]:
    """What a phrase binds in a text, each once: a text that says it twice says it once."""
    found: list[dict[str, str]] = []
    for slots in phrase.matches(text):
        if slots not in found:
            found.append(slots)
    return found


def _bound_arguments(
    wanted: Mapping[str, object], given: Mapping[str, object]
) -> Mapping[str, object] | None:
    """What a call's arguments bind; None where it is not the call that is looked for."""
    bound: dict[str, object] = {}
    for name, value in wanted.items():
        if name not in given:
            return None
        slot = slot_of(value)
        if not slot:
            if not _matches(value, given[name]):
                return None
        elif not equal(bound.setdefault(slot, given[name]), given[name]):
            return None
    return bound


def _matches(wanted: object, given: object) -> bool:
    if isinstance(wanted, dict):
        inner = cast("dict[str, object]", wanted)
        return isinstance(given, dict) and all(
            key in given and _matches(value, cast("dict[str, object]", given)[key])
            for key, value in inner.items()
        )
    return equal(wanted, given)
