"""From one frame a tick to packets on their way."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import get_ident
from typing import TYPE_CHECKING, Final

from soundstage.webrtc.opus import OpusEncoder

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from soundstage.webrtc.audio_codec import Encoder

_MOST_WAITING: Final = 10
_RTP_STEP: Final = 960
"""One frame on the clock of RTP, which counts Opus at 48 kHz whatever was encoded (RFC 7587)."""


class OutgoingAudio:
    """Encodes in the caller's thread and sends on the loop's; the caller's tick is the pace."""

    def __init__(self, loop: asyncio.AbstractEventLoop, encoder: Encoder | None = None) -> None:
        self._loop = loop
        self._thread = get_ident()
        self._encoder = encoder or OpusEncoder()
        self._send: Callable[[bytes, int], None] | None = None
        self._timestamp = 0
        self._waiting: deque[tuple[bytes, int]] = deque(maxlen=_MOST_WAITING)
        self._woken = False

    def begin(self, send: Callable[[bytes, int], None]) -> None:
        """The connection is up: from now on frames are sent; those before were heard by none."""
        self._send = send

    def end(self) -> None:
        """The connection is going down."""
        self._send = None

    def play(self, pcm: bytes) -> None:
        """Send the frame of this tick."""
        if self._send is None:
            return
        self._waiting.append((self._encoder.encode(pcm), self._timestamp))
        self._timestamp += _RTP_STEP
        # One wake-up takes all that waits: waking the loop costs more than a packet does.
        if get_ident() == self._thread:
            self._flush()
        elif not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop has closed, and the call with it
                self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        self._woken = False
        while self._waiting:
            payload, timestamp = self._waiting.popleft()
            if self._send is not None:
                with suppress(ConnectionError):  # the watch finds out and says so
                    self._send(payload, timestamp)
