"""A far end of plain aiortc, as bots have it: its jitter buffer and its paced track are theirs."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from soundstage.kernel import AsyncClock
from soundstage.units import SAMPLE_BYTES, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable

RATE: Final = 48_000
_PIECE: Final = RATE // 100
"""Samples of 10 ms, in which Pipecat's own track gives out its audio."""


class PlainPeer:
    """Answers one offer; its audio is mono, 16 bits, `RATE` samples a second, both ways."""

    def __init__(self) -> None:
        self._connection = RTCPeerConnection()
        self._voice = _Voice()
        self._listening: set[asyncio.Task[None]] = set()

    async def answer(self, offer: str, hear: Callable[[bytes], None]) -> str:
        """Take an offer; returns the answer.

        Args:
            offer: its SDP.
            hear: gets what the far end says, piece by piece.
        """

        @self._connection.on("track")
        def listen(track: MediaStreamTrack) -> None:
            self._listening.add(asyncio.ensure_future(_listen(track, hear)))

        await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        self._connection.addTrack(self._voice)
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return self._connection.localDescription.sdp

    def say(self, pcm: bytes) -> None:
        """Say this behind what waits."""
        self._voice.waiting += pcm

    async def close(self) -> None:
        """End the call."""
        await self._connection.close()
        await asyncio.gather(*self._listening, return_exceptions=True)


class _Voice(MediaStreamTrack):
    """10 ms at a time, at the pace of speech, with silence where there is nothing to say."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.waiting = b""
        self._clock: AsyncClock | None = None
        self._number = 0

    async def recv(self) -> AudioFrame:
        """The next piece, when it is due."""
        if self._clock is None:
            self._clock = AsyncClock()
        await self._clock.sleep_until(self._number * samples_of_ms(10))
        size = SAMPLE_BYTES * _PIECE
        piece, self.waiting = self.waiting[:size], self.waiting[size:]
        frame = AudioFrame(format="s16", layout="mono", samples=_PIECE)
        frame.planes[0].update(piece.ljust(size, b"\0"))
        frame.pts, frame.sample_rate = self._number * _PIECE, RATE
        frame.time_base = Fraction(1, RATE)
        self._number += 1
        return frame


async def _listen(track: MediaStreamTrack, hear: Callable[[bytes], None]) -> None:
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    while True:
        try:
            frame: Any = await track.recv()
        except MediaStreamError:
            return
        for piece in resampler.resample(frame):
            hear(bytes(piece.planes[0])[: SAMPLE_BYTES * piece.samples])
