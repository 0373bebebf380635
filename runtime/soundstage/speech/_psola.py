"""Changing the pitch of speech and leaving its timbre: TD-PSOLA on a known pitch track."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VOICED_HZ = 40.0
_UNVOICED_HZ = 100.0
"""Unvoiced stretches are cut at this even pace and put together unchanged."""

_PAD = 1024


def shift_pitch(
    samples: NDArray[np.float32], f0: NDArray[Any], ratio: float, *, hop: int, rate: int
) -> NDArray[np.float32]:
    """Speech at another pitch, in the same time.

    Args:
        samples: mono speech.
        f0: its pitch in Hz, one value every `hop` samples, 0 where it is unvoiced.
        ratio: factor on the pitch.
        hop: samples for each value of `f0`.
        rate: samples a second.
    """
    length = len(samples)
    pitch = np.repeat(np.asarray(f0, np.float64), hop)[:length]
    if len(pitch) < length:
        pitch = np.pad(pitch, (0, length - len(pitch)))
    voiced = pitch > _VOICED_HZ
    pitch = np.where(voiced, pitch, _UNVOICED_HZ)
    marks = np.flatnonzero(np.diff(np.floor(np.cumsum(pitch) / rate)) > 0)
    if len(marks) < 3:  # noqa: PLR2004 - two periods and their end
        return samples
    last = marks[-1] + int(rate / pitch[marks[-1]])
    periods = np.clip(np.diff(marks, append=last), 40, 600).astype(int)
    padded = np.pad(samples, _PAD)
    shifted = np.zeros(length + 2 * _PAD, np.float32)
    windows = {
        int(period): np.hanning(2 * period).astype(np.float32) for period in np.unique(periods)
    }
    at, nearest = float(marks[0]), 0
    while at < length:
        while nearest + 1 < len(marks) and abs(marks[nearest + 1] - at) <= abs(marks[nearest] - at):
            nearest += 1
        mark, period = int(marks[nearest]), int(periods[nearest])
        place = _PAD + int(at)
        grain = padded[_PAD + mark - period : _PAD + mark + period]
        shifted[place - period : place + period] += grain * windows[period]
        at += period / ratio if voiced[mark] else period
    return shifted[_PAD : _PAD + length]
