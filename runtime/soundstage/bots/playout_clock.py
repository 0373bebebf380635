"""What a caller hears of a bot, at the pace at which it is heard.

A bot may send two seconds of speech in one message. A telephone, a browser or a phone company
plays them for two seconds, and drops what is not played when it is told to. So everything that is
measured of a bot is measured where its audio is played, and never where it arrives.
"""

from __future__ import annotations

from collections import Counter, deque
from threading import Lock
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.audio import AUDIBLE_PEAK, peak
from soundstage.bots.wire_audio import WireDecoder
from soundstage.errors import BotFailed
from soundstage.units import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    FRAMES_PER_SECOND,
    SAMPLE_BYTES,
    SAMPLE_RATE,
    SILENCE,
)

if TYPE_CHECKING:
    from soundstage.bots.wire_audio import WireFormat
    from soundstage.units import Samples

MOST_WAITING: Final = 30 * 60
"""Seconds that may wait to be played: no caller waits for that long, and memory is not endless."""

PAUSE: Final = FRAMES_PER_SECOND * 2 // 5
"""Frames of silence after which what comes is new speech, and no longer a gap in it: 400 ms, which
the meters of voices bridge, too."""


class PlayoutFigures(Struct):
    """What became of a bot's audio on its way to the ear, in samples of 24 kHz.

    Attributes:
        received: came.
        dropped: came, and was never heard, because the bot cleared it or the call was over.
        buffered: the most that waited at once.
        underruns: silence in the midst of speech, because nothing had come in time.
    """

    received: Samples = 0
    dropped: Samples = 0
    buffered: Samples = 0
    underruns: Samples = 0


class _Mark(Struct, frozen=True):
    name: str


class PlayoutClock:
    """Plays what a bot sends, a frame of 20 ms at each tick.

    `add`, `mark` and `clear` are called by the thread that reads from the bot, and `take` by the
    one that keeps time.

    Args:
        form: the audio that comes.
        jitter: how long the first audio of a speech waits for more.
    """

    def __init__(self, form: WireFormat, jitter: Samples = 0) -> None:
        self.figures = PlayoutFigures()
        self._form = form
        self._decoder = WireDecoder(form)
        self._jitter = -(-jitter // FRAME_SAMPLES)
        self._lock = Lock()
        self._queue: deque[memoryview | _Mark | WireFormat] = deque()
        self._coming = form
        self._bytes: Counter[WireFormat] = Counter()
        self._pcm = bytearray()
        self._hold = 0
        self._silent = PAUSE

    @property
    def waiting(self) -> Samples:
        """How much has come and was not played."""
        with self._lock:
            return self._waits()

    def change(self, form: WireFormat) -> None:
        """What is added from here on has this format."""
        with self._lock:
            if form != self._coming:
                self._coming = form
                self._queue.append(form)

    def add(self, audio: bytes) -> None:
        """Play this behind what waits.

        Raises:
            BotFailed: more waits than any caller would wait for.
        """
        if not audio:
            return
        with self._lock:
            if not self._bytes and self._silent >= PAUSE:
                self._hold = self._jitter
            elif self._silent and self._silent < PAUSE:
                self.figures.underruns += self._silent * FRAME_SAMPLES
                self._silent = 0
            self._queue.append(memoryview(audio))
            self._bytes[self._coming] += len(audio)
            self.figures.received += _in_samples(len(audio), self._coming)
            waits = self._waits()
            self.figures.buffered = max(self.figures.buffered, waits)
        if waits > MOST_WAITING * SAMPLE_RATE:
            raise BotFailed(
                f"it has sent more than {MOST_WAITING // 60} minutes of audio that has not "
                "been heard yet: speech is to be sent as a caller would wait for it"
            )

    def mark(self, name: str) -> bool:
        """Tell when everything before this has been played; True where it has been already."""
        with self._lock:
            if not self._queue and not self._pcm:
                return True
            self._queue.append(_Mark(name))
            return False

    def clear(self) -> list[str]:
        """Play nothing of what waits; returns the marks in it, which come at once."""
        with self._lock:
            marks = [each.name for each in self._queue if isinstance(each, _Mark)]
            self.figures.dropped += self._waits()
            self._queue.clear()
            self._pcm.clear()
            if self._form == self._coming:
                self._decoder.reset()
            else:
                self._form, self._decoder = self._coming, WireDecoder(self._coming)
            self._bytes.clear()
            return marks

    def drop(self) -> Samples:
        """Play nothing more: the call is over. Returns how much of what waited was no silence."""
        with self._lock:
            waits = self._waits()
            lost: Samples = 0
            while self._queue or self._pcm:
                self._fill()
                frame = bytes(self._pcm[:FRAME_BYTES])
                lost += FRAME_SAMPLES * (peak(frame) >= AUDIBLE_PEAK)
                del self._pcm[:FRAME_BYTES]
            self.figures.dropped += waits
            return lost

    def take(self) -> tuple[bytes, list[str]]:
        """The frame of this tick, and the marks that have been reached with it."""
        with self._lock:
            if self._hold and self._bytes:
                self._hold -= 1
                return SILENCE, []
            marks = self._fill()
            if not self._pcm:
                self._silent = min(self._silent + 1, PAUSE)
                return SILENCE, marks
            self._silent = 0
            frame = bytes(self._pcm[:FRAME_BYTES])
            del self._pcm[:FRAME_BYTES]
        frame = frame.ljust(FRAME_BYTES, b"\0")
        return (SILENCE if frame == SILENCE else frame), marks

    def _fill(self) -> list[str]:
        """Decode what the next frame needs; returns the marks on the way."""
        marks: list[str] = []
        while self._queue:
            head = self._queue[0]
            if isinstance(head, _Mark):
                if len(self._pcm) > FRAME_BYTES:
                    break
                marks.append(head.name)
                self._queue.popleft()
                continue
            if len(self._pcm) >= FRAME_BYTES:
                break
            if isinstance(head, memoryview):
                self._pcm += self._decoder.push(self._next_piece(head))
                continue
            self._queue.popleft()
            self._pcm += self._decoder.flush()
            self._form, self._decoder = head, WireDecoder(head)
        if not self._queue and len(self._pcm) < FRAME_BYTES:
            self._pcm += self._decoder.flush()
        return marks

    def _waits(self) -> Samples:
        waiting = (_in_samples(size, form) for form, size in self._bytes.items())
        return sum(waiting) + len(self._pcm) // SAMPLE_BYTES

    def _next_piece(self, head: memoryview) -> bytes:
        """Take up to 20 ms from the audio that is first in the queue."""
        size = self._form.bytes_per_second // FRAMES_PER_SECOND
        piece, rest = head[:size], head[size:]
        if rest:
            self._queue[0] = rest
        else:
            self._queue.popleft()
        self._bytes[self._form] -= len(piece)
        if not self._bytes[self._form]:
            del self._bytes[self._form]
        return bytes(piece)


def _in_samples(size: int, form: WireFormat) -> Samples:
    return size * SAMPLE_RATE // form.bytes_per_second
