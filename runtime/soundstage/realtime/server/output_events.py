"""Audio that is sent in events: the client plays it, and says itself what was heard of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.server_events import OutputAudioDelta
from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, Samples, samples_of_ms

if TYPE_CHECKING:
    from soundstage.realtime.audio_formats import Coder, Coding
    from soundstage.realtime.server.conversation import Entry
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.output_items import OutputMessage
    from soundstage.realtime.server.response_settings import ResponseSettings

DELTA: Final[Samples] = samples_of_ms(258)
"""Audio in one `response.output_audio.delta`, as recorded: 16.5 KB of PCM in base64."""

FIRST_DELTAS: Final = 3
"""Deltas that are sent at once when the first audio is there, as recorded."""


class _Stream(Struct, eq=False):
    """The audio of one response.

    Attributes:
        entry: its item, whose length is what was sent.
        place: where its events say that they belong.
        coder: makes the format that the client asked for.
        pcm: what is still to be sent.
        allowed: samples that may be sent by now, or are fewer than none.
        begun: whether any audio has come.
        closed: whether no more is to come.
    """

    entry: Entry
    place: dict[str, Any]
    coder: Coder
    pcm: bytearray
    allowed: float
    begun: bool = False
    closed: bool = False

    @property
    def drained(self) -> bool:
        return self.closed and not self.pcm


class EventOutput:
    """Sends audio in pieces, faster than it is heard and no faster than that.

    The first pieces go at once. When a response ends early, what of it has not been sent is not
    sent any more.

    Args:
        events: tells the client.
        coding: makes the format that the client asked for.
        pace: seconds of audio that are sent in a second.
    """

    def __init__(self, events: ServerOutbox, coding: Coding, pace: float) -> None:
        self._events = events
        self._coding = coding
        self._pace = pace
        # Slower than it is heard, whole deltas would come in fits: then it is a frame at a time.
        self._piece = DELTA if pace >= 1 else FRAME_SAMPLES
        self._ticked: Samples = 0
        self._streams: dict[str, _Stream] = {}
        self._heard_until: Samples = 0

    def is_busy(self, now: Samples) -> bool:
        """Whether a client that plays what it got at once still plays."""
        return bool(self._streams) or now < self._heard_until

    def open(self, response: str, message: OutputMessage, settings: ResponseSettings) -> None:
        """Expect audio of a response."""
        # One for each response: a coder carries the state of its stream from piece to piece.
        coder = self._coding.encoder(settings.format["type"])
        self._streams[response] = _Stream(
            message.entry, message.place, coder, bytearray(), FIRST_DELTAS * self._piece
        )

    def append(self, response: str, pcm: bytes, now: Samples) -> None:
        """Add audio of a response, and send what may be sent."""
        stream = self._streams[response]
        stream.begun = True
        stream.pcm += pcm
        self._send(stream, now)

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        stream = self._streams.get(response)
        if stream is not None:
            stream.closed = True
            # Nothing more will come to send, but the coder may still hold the last of it.
            if not stream.pcm:
                self._send_piece(stream, 0)

    def holds(self, response: str) -> bool:
        """Whether some of it is still to be sent."""
        stream = self._streams.get(response)
        return stream is not None and not stream.drained

    def end(self, response: str) -> None:
        """Send no more of a response."""
        self._streams.pop(response, None)

    def interrupt(self) -> None:
        """There is nothing to stop: what was sent is the client's to play."""

    def clear(self) -> None:
        """There is nothing to clear.

        Raises:
            ClientFault: always.
        """
        # The service's own words for it.
        message = "'output_audio_buffer.clear' is only available in WebRTC and SIP sessions."
        raise ClientFault("invalid_value", message, param="type")

    def foresee(self, most: int) -> list[bytes]:  # noqa: ARG002 - as the other output's
        """None: what it sends goes by the time of each tick."""
        return []

    def skip(self, ticks: int) -> None:
        """Never called, as no frame is foreseen."""

    def tick(self, now: Samples) -> bytes:
        """Send what may be sent by now; there is no frame to play."""
        elapsed, self._ticked = now - self._ticked, now
        for stream in self._streams.values():
            if stream.begun:
                # What was not needed does not add up: a late voice is no faster than another one.
                stream.allowed = min(stream.allowed, self._piece) + self._pace * elapsed
                self._send(stream, now)
        return SILENCE

    def _send(self, stream: _Stream, now: Samples) -> None:
        while stream.pcm:
            samples = min(len(stream.pcm) // SAMPLE_BYTES, self._piece)
            # Whole pieces only, until the last: the rest of a sentence waits for the next one.
            if samples > stream.allowed or (samples < self._piece and not stream.closed):
                return
            self._send_piece(stream, samples)
            # As a client hears it that plays at once: the server cannot know more over a
            # WebSocket.
            self._heard_until = max(self._heard_until, now) + samples

    def _send_piece(self, stream: _Stream, samples: Samples) -> None:
        pcm = bytes(stream.pcm[: samples * SAMPLE_BYTES])
        del stream.pcm[: len(pcm)]
        stream.allowed -= samples
        stream.entry.lengthen(samples)
        audio = stream.coder.push(pcm) + (stream.coder.flush() if stream.drained else b"")
        # A coder may take a piece and give nothing for it yet.
        if audio:
            delta = base64.b64encode(audio).decode()
            self._events.send(OutputAudioDelta(**stream.place, delta=delta))
