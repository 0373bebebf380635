"""Whisper's log-mel spectrogram, as its authors define it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 16_000
_FFT: Final = 400
_HOP: Final = 160
_BANDS: Final = 80
MOST_FRAMES: Final = 3000
"""Thirty seconds: what the model can hear at once."""

LEAST_FRAMES: Final = 1000
"""Ten seconds: in a shorter window it repeats short utterances."""


class LogMel:
    """Spectrograms of 16 kHz speech, as Whisper was trained on."""

    def __init__(self) -> None:
        self._window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
        self._filters = _filters()

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The spectrogram, shape (1, 80, frames), of at most 30 s."""
        frames = min(MOST_FRAMES, max(LEAST_FRAMES, len(samples) // _HOP + 100))
        frames += frames % 2
        padded = np.zeros(frames * _HOP, np.float32)
        padded[: len(samples)] = samples[: frames * _HOP]
        padded = np.pad(padded, _FFT // 2, mode="reflect")
        cut = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:frames]
        power = np.abs(np.fft.rfft(cut * self._window, axis=1).astype(np.complex64)) ** 2
        level = np.log10(np.maximum(power @ self._filters.T, 1e-10))
        level = np.maximum(level, level.max() - 8)
        return np.ascontiguousarray(((level + 4) / 4).T[None].astype(np.float32))


def _filters() -> NDArray[np.float32]:
    """Eighty triangular filters on Slaney's mel scale, each of unit area."""
    hertz = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    linear, log_from, log_step = 200 / 3, 1000.0, np.log(6.4) / 27
    top = log_from / linear + np.log(RATE / 2 / log_from) / log_step
    mels = np.linspace(0, top, _BANDS + 2)
    knee = log_from / linear
    points = np.where(mels < knee, mels * linear, log_from * np.exp(log_step * (mels - knee)))
    widths = np.diff(points)
    ramps = points[:, None] - hertz
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    area = 2 / (points[2:] - points[:-2])
    return np.asarray(triangles * area[:, None], np.float32)
