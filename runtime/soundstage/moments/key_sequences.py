"""Keys that were pressed one after the other, found among the keys that were heard."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages import events
from soundstage.units import Samples, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.messages.events import Event

PRESSED_WITHIN: Final[Samples] = samples_of_seconds(3)
"""A key that comes later after the one before it begins anew."""

_HEARD_WITHIN: Final[Samples] = samples_of_ms(500)
"""How much later another agent may hear the same key: lines differ in how late they are."""

_LONGEST: Final = 100
"""Keys of a row that are looked at: the longest pattern has as many, and a longer row is none."""


class KeysPressed(Struct, frozen=True):
    """Keys that were waited for.

    Attributes:
        agent: the agent that pressed them.
        by: the agent that heard them.
        start: when the first one began.
        end: when the last one did.
        keys: all of them.
        slots: the digits that the slots stand for.
    """

    agent: str
    by: str
    start: Samples
    end: Samples
    keys: str
    slots: Mapping[str, str]


class KeySequence:
    """Waits for one row of keys, each time that it comes.

    The keys are those of a row from its first one on, so that "1" is not found in "4711". They are
    known with the last one that is waited for: a menu reacts to "1" at once, and does not wait
    for a key that may follow. Each agent that hears keys is followed by itself. Keys that several
    agents hear count once. A row begins anew when it has been found, after 3 s, and when the
    agent that heard the keys so far begins to speak: it has taken them.

    Args:
        pattern: the keys; `{slot}` stands for one digit or more.
        agent: who presses them; any agent where it is None.
        by: who hears them, likewise.
    """

    def __init__(self, pattern: str, agent: str | None = None, by: str | None = None) -> None:
        self._pattern = _compiled(pattern)
        self._agent = agent
        self._by = by
        self._heard: dict[tuple[str, str], list[tuple[str, Samples]]] = {}
        self._last: dict[str, tuple[str, Samples]] = {}

    def observe(self, event: Event) -> KeysPressed | None:
        """Take one event of the log; the row that it completes."""
        match event:
            case events.Dtmf():
                return self._hear(event)
            case events.VoiceStarted(track="said"):
                for (_, by), row in self._heard.items():
                    if by == event.agent:
                        row.clear()
            case _:
                pass
        return None

    def _hear(self, event: events.Dtmf) -> KeysPressed | None:
        if self._agent not in {None, event.agent} or self._by not in {None, event.by}:
            return None
        row = self._heard.setdefault((event.agent, event.by), [])
        if row and event.pts - row[-1][1] > PRESSED_WITHIN:
            row.clear()
        if len(row) <= _LONGEST:
            row.append((event.key, event.pts))
        keys = "".join(key for key, _ in row)
        match = self._pattern.fullmatch(keys)
        if match is None:
            return None
        start = row[0][1]
        # A key belongs to one row only: "11" comes once in "111".
        row.clear()
        by, last = self._last.get(event.agent, (event.by, event.pts))
        if by != event.by and abs(event.pts - last) <= _HEARD_WITHIN:
            return None
        self._last[event.agent] = event.by, event.pts
        return KeysPressed(event.agent, event.by, start, event.pts, match[0], match.groupdict())


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern of a whole row."""
    pieces = re.split(r"\{(\w+)\}", pattern)
    parts = (
        f"(?P<{piece}>[0-9]+)" if place % 2 else re.escape(piece)
        for place, piece in enumerate(pieces)
    )
    return re.compile("".join(parts))
