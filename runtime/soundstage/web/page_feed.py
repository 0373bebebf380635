"""What a page is shown: the run's events, one after the other, and how loud it is."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from soundstage.messages import events
from soundstage.printable_text import printable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from soundstage.messages.events import Event
    from soundstage.units import Samples

_SHOWN: Final = (
    events.RunStarted,
    events.Joined,
    events.Left,
    events.VoiceStarted,
    events.VoiceStopped,
    events.AgentSpeechStarted,
    events.ResponseStarted,
    events.ResponseDone,
    events.Saying,
    events.HeardText,
    events.Turn,
    events.Interrupted,
    events.ToolCalled,
    events.ToolReturned,
    events.Fault,
    events.HangUp,
    events.RunEnded,
)
"""What the page makes something of; the wire and an agent's own entries stay here."""

_REMEMBERED: Final = 3000
"""Events that a page which comes later is told; an hour of talk is about half of it."""

_BEHIND: Final = 1000
"""Messages that may wait for a page which does not read; then it must come anew."""

_MOST_READERS: Final = 100

_FULL_SCALE: Final = 32_768


class _Line(NamedTuple):
    """An event as it is told; `number` counts the events from 1."""

    number: int
    text: bytes


class Feed:
    """Tells every page that looks the same story, from its beginning.

    All of it happens on the loop's thread.

    Args:
        hello: the first message of every page: what it looks at.
    """

    def __init__(self, hello: Mapping[str, Any]) -> None:
        self._hello = _encoded({"type": "hello", **hello})
        self._count = 0
        self._standing: dict[str, _Line] = {}
        self._seats: bytes | None = None
        self._past: deque[_Line] = deque(maxlen=_REMEMBERED)
        self._readers: set[asyncio.Queue[bytes | None]] = set()
        self._bye: bytes | None = None

    @property
    def readers(self) -> int:
        """How many pages look."""
        return len(self._readers)

    @property
    def is_full(self) -> bool:
        """Whether as many pages look as may."""
        return len(self._readers) >= _MOST_READERS

    def show(self, event: Event) -> None:
        """Something has happened."""
        if not isinstance(event, _SHOWN) or (
            isinstance(event, events.VoiceStarted | events.VoiceStopped) and event.track != "said"
        ):
            return
        told = msgspec.to_builtins(event)
        # Neither is for visitors: a traceback, and the place in the user's code.
        told.pop("traceback", None)
        told.pop("cause", None)
        self._count += 1
        line = _Line(self._count, _encoded(told))
        if isinstance(event, events.RunStarted | events.Joined | events.Left):
            self._standing[event.agent] = line
        self._past.append(line)
        self._tell(line.text)

    def show_levels(self, pts: Samples, peaks: Mapping[str, int], seats: Mapping[int, int]) -> None:
        """How loud each agent and each visitor was lately; told to the pages that look now."""
        if self._readers:
            told = {
                "type": "levels",
                "pts": pts,
                "peaks": {name: _level(peak) for name, peak in peaks.items()},
                "seats": {str(seat): _level(peak) for seat, peak in seats.items()},
            }
            self._tell(_encoded(told))

    def show_seats(self, seats: list[dict[str, Any]]) -> None:
        """Who sits where; only the last of these counts."""
        self._seats = _encoded({"type": "seats", "seats": seats})
        self._tell(self._seats)

    def close(self, text: str) -> None:
        """Say goodbye to every page; a page that comes later gets the story and the goodbye."""
        if self._bye is None:
            self._bye = _encoded({"type": "bye", "text": text})
            self._tell(self._bye)
            for reader in list(self._readers):
                self._end(reader)

    async def read(self) -> AsyncGenerator[bytes, None]:
        """The story as server-sent events, until it ends or the page stops reading."""
        reader: asyncio.Queue[bytes | None] = asyncio.Queue()
        oldest = self._past[0].number if self._past else 0
        # What still holds, though the event that said so is forgotten.
        standing = [line for line in self._standing.values() if line.number < oldest]
        reader.put_nowait(self._hello)
        if self._seats is not None:
            reader.put_nowait(self._seats)
        for line in (*standing, *self._past):
            reader.put_nowait(line.text)
        if self._bye is not None:
            reader.put_nowait(self._bye)
            reader.put_nowait(None)
        self._readers.add(reader)
        try:
            while (told := await reader.get()) is not None:
                yield told
        finally:
            self._readers.discard(reader)

    def _tell(self, line: bytes) -> None:
        for reader in list(self._readers):
            if reader.qsize() < _BEHIND + _REMEMBERED:
                reader.put_nowait(line)
            else:
                self._end(reader)

    def _end(self, reader: asyncio.Queue[bytes | None]) -> None:
        self._readers.discard(reader)
        reader.put_nowait(None)


def _encoded(message: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(_shown(msgspec.to_builtins(message))) + b"\n\n"


def _shown(value: Any) -> Any:
    """The value with texts that a page shows in the order and the length in which they are."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(key)): _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return value


def _level(peak: int) -> float:
    return round(min(1.0, peak / _FULL_SCALE), 4)
