"""The one matcher of moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.json_text import read_object
from soundstage.messages import events
from soundstage.moments.conversation_events import ConversationEvents
from soundstage.moments.key_sequences import KeySequence
from soundstage.moments.silence_watch import KNOWN_WITHIN, SilenceWatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from soundstage.config.values import Moment
    from soundstage.messages.events import Event
    from soundstage.units import Samples


class Happening(Struct, frozen=True):
    """A moment that has come.

    Attributes:
        place: which of those watched for.
        times: how often it has come, from its `nth` time on, from 1.
        pts: when it was, in samples of the run; of a silence, when it had lasted long enough.
        slots: what its phrase has bound, the fields of its tool's result, or the data emitted.
    """

    place: int
    times: int
    pts: Samples
    slots: Mapping[str, Any]


class MomentMatcher:
    """Counts how often each of some moments has happened.

    A moment that is a time is not found here: it needs no event. A silence comes with no event
    either, but with time: the caller of `observe` also calls `pass_time` at `next_silence`. Where
    all events of a run are there already, it is enough to observe them in their order, and then to
    let the time pass until the last one.

    Args:
        moments: what is watched for.
    """

    def __init__(self, moments: Sequence[Moment]) -> None:
        self._moments = tuple(moments)
        self._counts = [0] * len(self._moments)
        self._arguments: dict[str, Mapping[str, object]] = {}
        self._watch = SilenceWatch()
        self._conversation = ConversationEvents()
        self._keys = {
            place: KeySequence(moment.keys, moment.agent)
            for place, moment in enumerate(self._moments)
            if moment.keys is not None
        }
        # Since when it was quiet the last time that a silence came: it comes once in each.
        self._told: dict[int, Samples] = {}

    @property
    def next_silence(self) -> Samples | None:
        """When the next silence is known to be one if no voice is heard until then, or None."""
        return min((end + KNOWN_WITHIN for _, _, end in self._silences()), default=None)

    def observe(self, event: Event) -> list[Happening]:
        """Take one event; the moments that come with it."""
        found: list[Happening] = []
        if isinstance(event, events.VoiceStarted | events.Left):
            # What it ends may have been long enough, though it is not known for long enough.
            found += self._told_until(event.pts)
        self._watch.observe(event)
        if isinstance(event, events.ToolCalled):
            self._arguments[event.call] = read_object(event.arguments)
        for place, moment in enumerate(self._moments):
            slots = self._match(moment, event)
            if slots is not None:
                found += self._counted(place, event.pts, slots)
        for place, sequence in self._keys.items():
            pressed = sequence.observe(event)
            if pressed is not None:
                found += self._counted(place, event.pts, pressed.slots)
        for happened in self._conversation.observe(event):
            for place, moment in enumerate(self._moments):
                if moment.event == happened.name and moment.agent in {None, happened.agent}:
                    found += self._counted(place, happened.pts, {"other": happened.other})
        return found

    def pass_time(self, now: Samples) -> list[Happening]:
        """Let time pass until `now`; the silences that have become long enough."""
        return self._told_until(now - KNOWN_WITHIN)

    def _told_until(self, pts: Samples) -> list[Happening]:
        found: list[Happening] = []
        for place, since, end in list(self._silences()):
            if end <= pts:
                self._told[place] = since
                found += self._counted(place, end, {})
        return found

    def _silences(self) -> Iterator[tuple[int, Samples, Samples]]:
        """The silences that are still to come, if no voice is heard: place, beginning and end."""
        for place, moment in enumerate(self._moments):
            if moment.silence is None:
                continue
            since = self._watch.since(moment.agent)
            if since is not None and self._told.get(place) != since:
                yield place, since, since + moment.silence

    def _counted(self, place: int, pts: Samples, slots: Mapping[str, Any]) -> Iterator[Happening]:
        self._counts[place] += 1
        times = self._counts[place] - self._moments[place].nth + 1
        if times > 0:
            yield Happening(place, times, pts, slots)

    def _match(self, moment: Moment, event: Event) -> Mapping[str, Any] | None:
        """What is bound where a moment comes with an event; None where it does not."""
        match event:
            case events.HeardText():
                its = moment.said is not None and moment.agent in {None, event.speaker}
                return moment.said.match(event.text) if its and moment.said else None
            case events.ToolReturned():
                its = moment.tool == event.tool and moment.agent in {None, event.agent}
                if its and moment.takes(self._arguments.get(event.call, {})):
                    return read_object(event.output)
                return None
            case events.Noted():
                its = moment.is_emitted and moment.event == event.name
                its = its and moment.agent in {None, event.agent} and moment.takes(event.data)
                return event.data if its else None
            case events.Dtmf():
                its = moment.event == event.type and moment.agent in {None, event.agent}
                return {"key": event.key, "by": event.by} if its else None
            case _:
                if moment.is_emitted:
                    return None
                its = moment.event == event.type and moment.agent in {None, event.agent}
                return {} if its else None
