"""Keeping a mix within full scale without a break in its sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL: Final = 32_767
"""The loudest sample that a mix may have."""

_FULL: Final = np.float32(FULL)
_STEP: Final = 60
_STEPS: Final = FRAME_SAMPLES // _STEP
_RAMP: Final = (np.arange(1, FRAME_SAMPLES + 1) / FRAME_SAMPLES).astype(np.float32)
_RELEASE: Final = np.float32(0.98)
_KNEE: Final = np.float32(0.75 * FULL)
_ROOM: Final = np.float32(0.25 * FULL)


class Limiter:
    """Turns down what is too loud, for each listener by itself; what is not stays untouched.

    It follows the loudest that each listener was given, which is forgotten by 6 dB in 0.7 s. Where
    that would be beyond full scale the gain falls, looking ahead within the frame: it is down
    before the first 2.5 ms that are too loud. Only where a frame begins too loud is there nothing
    to look ahead to; its first 2.5 ms go through a soft knee while the gain falls.

    Args:
        listeners: how many there are.

    Attributes:
        works: whether the sound of any listener is turned down now.
        limited: (listeners,) how many frames of each listener were turned down.
    """

    def __init__(self, listeners: int) -> None:
        self._loudest = np.full(listeners, FULL, np.float32)
        self._turned_to = np.ones(listeners, np.float32)
        self.works = False
        # Made once: what is large and made anew every tick comes from the system every time.
        self._sound = np.empty((listeners, FRAME_SAMPLES), np.float32)
        self._gain = np.empty((listeners, FRAME_SAMPLES), np.float32)
        self.limited = np.zeros(listeners, np.int64)

    def limit(self, rows: NDArray[np.int32], peaks: NDArray[np.int32]) -> NDArray[np.int16]:
        """Every listener's frame, nothing in it beyond full scale.

        Args:
            rows: (listeners, 480) their mixes.
            peaks: (listeners,) the largest magnitude in each.
        """
        before = self._loudest
        after = before * _RELEASE
        np.maximum(after, peaks, out=after, dtype=np.float32)
        np.maximum(after, _FULL, out=after)
        self._loudest = after
        turned = after > _FULL
        self.limited += np.logical_and(turned, peaks)
        self.works = bool(np.count_nonzero(turned))
        start, self._turned_to = self._turned_to, (end := _FULL / after)
        sound, gain = self._sound, self._gain
        np.multiply((end - start)[:, None], _RAMP, out=gain)
        gain += start[:, None]
        louder = (after > before).nonzero()[0]
        if len(louder):
            gain[louder] = _falling(rows[louder], start[louder], end[louder])
        np.copyto(sound, rows, casting="unsafe")
        sound *= gain
        if len(louder):
            sound[louder, :_STEP] = _softened(sound[louder, :_STEP])
        return np.rint(sound, out=sound).astype(np.int16)

    def pass_silence(self) -> None:
        """A tick in which all listeners hear silence: what was loud is still forgotten."""
        if self.works:
            self._loudest = np.maximum(self._loudest * _RELEASE, _FULL)
            self._turned_to = _FULL / self._loudest
            self.works = bool((self._loudest > FULL).any())


def _falling(
    rows: NDArray[np.int32], start: NDArray[np.float32], end: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Gains that have fallen before the first step that would be too loud, or within the first."""
    steps = np.abs(rows).reshape(len(rows), _STEPS, _STEP).max(axis=2)
    first = np.argmax(steps * start[:, None] > FULL, axis=1)
    length = np.maximum(first, 1).astype(np.float32)[:, None] * np.float32(_STEP / FRAME_SAMPLES)
    fallen = np.minimum(_RAMP / length, 1)
    gains: NDArray[np.float32] = start[:, None] + (end - start)[:, None] * fallen
    return gains


def _softened(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that go beyond full scale, bent back from three quarters of it on."""
    size = np.abs(samples)
    too_loud = size.max(axis=1, keepdims=True) > FULL
    if not np.count_nonzero(too_loud):
        return samples
    over = np.maximum(size - _KNEE, 0) / _ROOM
    bent = np.copysign(np.minimum(size, _KNEE) + _ROOM * over / (1 + over), samples)
    return np.where(too_loud, bent, samples)
