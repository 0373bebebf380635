"""Watching the events for moments: the one matcher of ends and cues."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from soundstage.messages import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.messages.events import Event
    from soundstage.values import Moment


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

    def observe(self, event: Event) -> list[tuple[int, int]]:
        """Take one event.

        Returns:
            The place of each moment that happens with it from its `nth` time on, and how often it
            has happened since then, from 1.
        """
        if isinstance(event, events.ToolCalled):
            self._arguments[event.call] = _arguments_of(event.arguments)
        found: list[tuple[int, int]] = []
        for place, moment in enumerate(self._moments):
            if _happens(moment, event, self._arguments):
                self._counts[place] += 1
                since = self._counts[place] - moment.nth + 1
                if since > 0:
                    found.append((place, since))
        return found


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
