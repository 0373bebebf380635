"""From packets as they come, in any order, to one frame a tick."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from av.error import FFmpegError

from soundstage.audio import JitterBuffer
from soundstage.webrtc.opus import OpusDecoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.webrtc._internals import RtpHeader
    from soundstage.webrtc.audio_codec import Decoder

_log = logging.getLogger(__name__)

_TARGET: Final = 2
_LONGEST_REPAIR: Final = 3
"""Frames made up for one gap; more of them would only be delay."""

_MODULUS: Final = 1 << 16
_RESTART: Final = 100
"""A jump of so many numbers, either way, is a new stream and not a loss (as in RFC 3550, A.1)."""


class IncomingAudio:
    """Puts packets in order, decodes each once, and yields a frame for every tick.

    Args:
        make_decoder: makes the decoder of one source.
    """

    def __init__(self, make_decoder: Callable[[], Decoder] = OpusDecoder) -> None:
        self._make_decoder = make_decoder
        self._jitter = JitterBuffer(target=_TARGET)
        self._order = PacketOrder()
        self._decoder = make_decoder()
        self._ssrc: int | None = None
        self._late = 0
        self._repaired = 0
        self._concealed_at_gap = 0

    @property
    def concealed(self) -> int:
        """Frames made up: lost on the way, or not there in time."""
        return self._jitter.concealed + self._repaired

    @property
    def dropped(self) -> int:
        """Frames discarded because too many were waiting."""
        return self._jitter.dropped

    @property
    def late(self) -> int:
        """Packets that came after they had been given up."""
        return self._late + self._order.late

    def take(self) -> bytes:
        """The frame of this tick; may be called from another thread than `receive`."""
        return self._jitter.take()

    def receive(self, header: RtpHeader, payload: bytes) -> None:
        """Take one packet in, from any source: a new one takes the place of the last."""
        # A far end that restarts its encoder takes a new source, with numbers of its own.
        if header.ssrc != self._ssrc:
            self._follow(header.ssrc)
        due = self._order.push(header.sequence_number, payload)
        skip = due.count(None) - self._repairs(due.count(None))
        for each in due:
            if each is None and skip:
                skip -= 1
            else:
                self._play(each)
        if not self._order.waiting:
            self._concealed_at_gap = self._jitter.concealed

    def _repairs(self, lost: int) -> int:
        """How many lost packets still need a frame: the ear went on while they were awaited.

        What was made up since the last packet in order stands for them. Were the gap filled a
        second time, everything after it would be heard that much later.
        """
        covered = min(lost, self._jitter.concealed - self._concealed_at_gap)
        self._concealed_at_gap += covered
        return max(0, min(lost, _LONGEST_REPAIR) - covered)

    def _play(self, payload: bytes | None) -> None:
        try:
            frames = self._decoder.decode(payload)
        except FFmpegError as error:
            _log.debug("a packet of %d bytes is no Opus: %s", len(payload or b""), error)
            # A damaged packet is a lost one: the decoder makes up a frame, and the call goes on.
            frames, payload = self._decoder.decode(None), None
        if payload is None:
            self._repaired += len(frames)
        for frame in frames:
            self._jitter.put(frame)

    def _follow(self, ssrc: int) -> None:
        self._late += self._order.late
        self._ssrc = ssrc
        self._order = PacketOrder()
        # A decoder predicts from what came before; the past of another source would be heard.
        self._decoder = self._make_decoder()


class PacketOrder:
    """Gives packets back in the order of their sequence numbers.

    A packet that comes before its predecessor is held until that one has come, or until `hold`
    later ones are waiting as well: then the missing one counts as lost.

    Attributes:
        late: packets that came after they had been given up, or twice.
    """

    def __init__(self, hold: int = 1) -> None:
        self.late = 0
        self._hold = hold
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}

    @property
    def waiting(self) -> bool:
        """Whether a packet is missing and its successors are held for it."""
        return bool(self._waiting)

    def push(self, sequence: int, payload: bytes) -> list[bytes | None]:
        """Take one packet in.

        Args:
            sequence: its number, 0 to 65535.
            payload: what it carries.

        Returns:
            The payloads that are due now, in order; None stands for one that is lost.
        """
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) % _MODULUS
        # Numbers count in a circle of 65,536: what is almost a circle ahead is a little behind.
        if _RESTART <= ahead <= _MODULUS - _RESTART:
            self._waiting.clear()
            self._next = sequence
            ahead = 0
        if ahead >= _MODULUS - _RESTART or sequence in self._waiting:
            self.late += 1
            return []
        if ahead == 0 and not self._waiting:
            self._next = (sequence + 1) % _MODULUS
            return [payload]
        self._waiting[sequence] = payload
        return self._due()

    def _due(self) -> list[bytes | None]:
        due: list[bytes | None] = []
        while self._waiting and self._next is not None:
            payload = self._waiting.pop(self._next, None)
            # The hole is given up as soon as enough later packets wait: each one costs 20 ms.
            if payload is None and len(self._waiting) <= self._hold:
                break
            due.append(payload)
            self._next = (self._next + 1) % _MODULUS
        return due
