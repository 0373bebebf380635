"""Watching the events for moments: the one matcher of ends and cues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from soundstage.json_text import NotJson, read_json
from soundstage.messages import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.config.values import Moment
    from soundstage.messages.events import Event


class Happening(Struct, frozen=True):
    """A moment that has come.

    Attributes:
        place: which of those watched for.
        times: how often it has come, from its `nth` time on, from 1.
        slots: what its phrase has bound, or the fields of its tool's result.
    """

    place: int
    times: int
    slots: Mapping[str, Any]


class Moments:
    """Counts how often each of some moments has happened.

    A moment that is a time is not found here: it needs no event.

    Args:
        moments: what is watched for.
    """

    def __init__(self, moments: Sequence[Moment]) -> None:
        self._moments = tuple(moments)
        self._counts = [0] * len(self._moments)
        self._arguments: dict[str, Mapping[str, object]] = {}

    def observe(self, event: Event) -> list[Happening]:
        """Take one event; the moments that come with it."""
        if isinstance(event, events.ToolCalled):
            self._arguments[event.call] = _fields_of(event.arguments)
        found: list[Happening] = []
        for place, moment in enumerate(self._moments):
            slots = self._match(moment, event)
            if slots is not None:
                self._counts[place] += 1
                times = self._counts[place] - moment.nth + 1
                if times > 0:
                    found.append(Happening(place, times, slots))
        return found

    def _match(self, moment: Moment, event: Event) -> Mapping[str, Any] | None:
        """What is bound where a moment comes with an event; None where it does not."""
        match event:
            case events.HeardText():
                its = moment.said is not None and moment.agent in {None, event.speaker}
                return moment.said.match(event.text) if its and moment.said else None
            case events.ToolReturned():
                its = moment.tool == event.tool and moment.agent in {None, event.agent}
                if its and moment.takes(self._arguments.get(event.call, {})):
                    return _fields_of(event.output)
                return None
            case _:
                its = moment.event == _name_of(event) and moment.agent in {None, event.agent}
                return {} if its else None


def _fields_of(text: str) -> dict[str, object]:
    try:
        value = read_json(text or "{}")
    except NotJson:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _name_of(event: Event) -> str:
    return str(type(event).__struct_config__.tag)
