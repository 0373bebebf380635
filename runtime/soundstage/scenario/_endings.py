"""When a run is over: the `[end]` of a scenario, judged from the events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from msgspec import Struct

from soundstage.messages import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.messages.events import Event
    from soundstage.units import Samples
    from soundstage.values import Moment


class Due(Struct, frozen=True):
    """The run is to end, for this reason, so long after now."""

    reason: str
    delay: Samples = 0


class Endings:
    """Watches the events for the first condition that holds.

    Args:
        turns: end after so many turns, or None.
        silence: end after so long with nobody audible, replying or waiting for a tool, or None.
        when: moments that end the run.
    """

    def __init__(
        self, *, turns: int | None, silence: Samples | None, when: Sequence[Moment]
    ) -> None:
        self._turns = turns
        self.silence = silence
        self._when = list(enumerate(when))
        self._counts = [0] * len(self._when)
        self._audible: set[str] = set()
        self._replying: set[str] = set()
        self._waiting: set[str] = set()
        self._arguments: dict[str, Mapping[str, object]] = {}
        self.quiet_since: Samples | None = 0

    @property
    def hang_up_is_an_end(self) -> bool:
        """Whether hanging up is a declared end."""
        return any(moment.event == "hang_up" for _, moment in self._when)

    @property
    def speaking(self) -> frozenset[str]:
        """Who is audible now."""
        return frozenset(self._audible)

    def times(self) -> list[Due]:
        """The ends that are times since the run began."""
        return [
            Due(f"when[{number}]", moment.at)
            for number, moment in self._when
            if moment.at is not None
        ]

    def observe(self, event: Event) -> Due | None:
        """Take one event; the first end that holds with it, if any."""
        self._follow(event)
        if isinstance(event, events.Turn) and self._turns and event.number >= self._turns:
            return Due("turns")
        for number, moment in self._when:
            if _happens(moment, event, self._arguments):
                self._counts[number] += 1
                if self._counts[number] == moment.nth:
                    return Due(f"when[{number}]", moment.delay)
        return None

    def _follow(self, event: Event) -> None:
        match event:
            case events.VoiceStarted(track="said"):
                self._audible.add(event.agent)
            case events.VoiceStopped(track="said"):
                self._audible.discard(event.agent)
            case events.ResponseStarted():
                self._replying.add(event.response)
            case events.ResponseDone():
                self._replying.discard(event.response)
            case events.ToolCalled():
                self._waiting.add(event.call)
                self._arguments[event.call] = _arguments_of(event.arguments)
            case events.ToolReturned() | events.ToolDropped():
                self._waiting.discard(event.call)
            case events.Left():
                self._audible.discard(event.agent)
            case _:
                return
        busy = self._audible or self._replying or self._waiting
        self.quiet_since = None if busy else event.pts


def _happens(moment: Moment, event: Event, arguments: Mapping[str, Mapping[str, object]]) -> bool:
    match event:
        case events.HeardText():
            said = moment.said is not None and moment.said.match(event.text) is not None
            return said and moment.agent in {None, event.speaker}
        case events.ToolReturned():
            return (
                moment.tool == event.tool
                and moment.agent in {None, event.agent}
                and moment.takes(arguments.get(event.call, {}))
            )
        case _:
            return moment.event == _name_of(event) and moment.agent in {None, event.agent}


def _arguments_of(text: str) -> dict[str, object]:
    try:
        value = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _name_of(event: Event) -> str:
    return str(type(event).__struct_config__.tag)
