"""How the assistant's track leaves: as events of 100 ms, or frame by frame."""

from __future__ import annotations

import base64
from collections import deque
from typing import TYPE_CHECKING, Final

from soundstage.live.protocol.server_events import OutputAudioDelta
from soundstage.units import FRAME_MS, SILENCE

if TYPE_CHECKING:
    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.realtime import Coder

FRAMES_OF_EVENT: Final = 100 // FRAME_MS
"""Ten events a second, silence too, as pydantic-ai has seen at the service."""

_MOST_WAITING: Final = 50


class AudioEvents:
    """The track over a WebSocket.

    Args:
        events: takes the events.
        coder: makes the session's format of 24 kHz mono signed 16-bit.
    """

    def __init__(self, events: ServerOutbox, coder: Coder) -> None:
        self._events = events
        self._coder = coder
        self._frames: list[bytes] = []

    def put(self, frame: bytes) -> None:
        """The next 20 ms."""
        self._frames.append(frame)
        if len(self._frames) == FRAMES_OF_EVENT:
            audio = self._coder.push(b"".join(self._frames))
            self._frames.clear()
            # A coder that resamples gives its first samples late.
            if audio:
                self._events.send(OutputAudioDelta(delta=base64.b64encode(audio).decode()))

    def take(self) -> bytes:
        """Nothing: there is no track beside the events."""
        return SILENCE


class AudioTrack:
    """The track of a call."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=_MOST_WAITING)

    def put(self, frame: bytes) -> None:
        """The next 20 ms."""
        self._frames.append(frame)

    def take(self) -> bytes:
        """The frame of this tick."""
        return self._frames.popleft() if self._frames else SILENCE

    def waiting(self) -> list[bytes]:
        """The frames of the next ticks, that of the next one at least; this changes nothing."""
        return list(self._frames) or [SILENCE]

    def pass_on(self, frames: list[bytes]) -> None:
        """So many ticks have passed: in each, a frame was taken and then one of these was put."""
        kept = [*self.waiting(), *frames][len(frames) :]
        self._frames.clear()
        self._frames.extend(kept)
