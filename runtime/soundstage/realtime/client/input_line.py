"""What a session hears, kept for as long as another session may have to hear it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.units import (
    FRAME_MS,
    FRAME_SAMPLES,
    FRAMES_PER_SECOND,
    SILENCE,
    samples_of_ms,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.units import Samples

LONGEST_KEPT: Final = 60 * FRAMES_PER_SECOND
"""Frames that are kept; of a longer gap, or a longer turn, the beginning is lost."""

KEPT_SILENCE: Final = FRAMES_PER_SECOND // 5
"""Frames of a silence that are heard where what waits is caught up with: words stay apart."""

_MOST_JUMPS: Final = 256


class _Frame(Struct, frozen=True):
    pts: Samples
    pcm: bytes
    silent: bool


class InputLine:
    """Frames on their way to a session: held while there is none, and then caught up with.

    A session hears one frame at a time, at the pace of the clock. What waits becomes less only
    where silence is left out.

    Args:
        remembers: whether what was heard is kept, so that it can be heard again.

    Attributes:
        dropped: frames that were never heard, because too many waited.
    """

    def __init__(self, *, remembers: bool) -> None:
        self.dropped = 0
        self._remembers = remembers
        self._waiting: deque[_Frame] = deque()
        self._heard: deque[_Frame] = deque(maxlen=LONGEST_KEPT if remembers else 0)
        self._count = 0
        self._silent = 0
        self._is_open = self._is_up = True
        self._jumps: deque[tuple[int, Samples]] = deque(maxlen=_MOST_JUMPS)

    @property
    def voice_ms(self) -> int:
        """How much of what waits is not silent."""
        return FRAME_MS * sum(not frame.silent for frame in self._waiting)

    def pts_of(self, milliseconds: int) -> Samples:
        """The time of the run at which the session had heard so much.

        Args:
            milliseconds: counted from the session's first frame, as servers count.
        """
        length = samples_of_ms(milliseconds)
        origin: Samples = 0
        for number, (place, pts) in enumerate(self._jumps):
            if number and place * FRAME_SAMPLES > length:
                break
            origin = pts - place * FRAME_SAMPLES
        return origin + length

    def pass_on(self, pts: Samples, pcm: bytes, *, silent: bool) -> bytes | None:
        """Take the frame of this tick; the one that the session hears now, as `next` gives it."""
        if self._waiting or self._remembers or not self._is_up:
            self.put(pts, pcm, silent=silent)
            return self.next()
        # Nothing waits: the frame goes straight through.
        self._silent = self._silent + 1 if silent else 0
        self._note_place(pts)
        return pcm

    @property
    def is_straight(self) -> bool:
        """Whether each frame goes straight through, and none is kept."""
        return not (self._waiting or self._remembers) and self._is_up

    def pass_block(self, pts: Samples, silent: Sequence[bool]) -> None:
        """Frames of so many ticks go straight through, which `is_straight` has told."""
        ticks = len(silent)
        ended = next((ago for ago, still in enumerate(reversed(silent)) if not still), None)
        self._silent = self._silent + ticks if ended is None else ended
        self._note_place(pts)
        self._count += ticks - 1

    def put(self, pts: Samples, pcm: bytes, *, silent: bool) -> None:
        """The frame of this tick."""
        self._waiting.append(_Frame(pts, pcm, silent))
        if len(self._waiting) > LONGEST_KEPT:
            self._waiting.popleft()
            self.dropped += 1

    def next(self) -> bytes | None:
        """The frame that the session hears now; None where there is none, or no session."""
        if not self._is_open:
            return None
        if not self._is_up:
            self._count += 1
            return SILENCE
        frame = self._take()
        if frame is None:
            return None
        self._note_place(frame.pts)
        self._heard.append(frame)
        return frame.pcm

    def lose(self, hear_from_ms: int) -> None:
        """The session is lost.

        Args:
            hear_from_ms: from which time of its input on the next session hears it again.
        """
        # In front of what waits: it was said before that.
        self._is_open = self._is_up = False
        again = self._count - hear_from_ms // FRAME_MS
        frames = list(self._heard)[-again:] if again > 0 else []
        self._waiting.extendleft(reversed(frames))
        while len(self._waiting) > LONGEST_KEPT:
            self._waiting.popleft()
            self.dropped += 1
        self._heard.clear()

    def open(self) -> None:
        """There is another session, which is not configured yet: it hears silence."""
        self._is_open = True
        self._count = self._silent = 0
        self._jumps.clear()

    def resume(self) -> None:
        """The session is configured: it hears what waits."""
        self._is_open = self._is_up = True

    def _note_place(self, pts: Samples) -> None:
        """The session hears the frame of this time now."""
        place, since = self._jumps[-1] if self._jumps else (0, pts + 1)
        # Where silence was left out, the session's own time no longer runs with that of the run.
        if since + (self._count - place) * FRAME_SAMPLES != pts:
            self._jumps.append((self._count, pts))
        self._count += 1

    def _take(self) -> _Frame | None:
        while self._waiting:
            frame = self._waiting.popleft()
            self._silent = self._silent + 1 if frame.silent else 0
            # The newest is heard in any case: silence is what ends a turn.
            if not self._waiting or self._silent <= KEPT_SILENCE:
                return frame
        return None
