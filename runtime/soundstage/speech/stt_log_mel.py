"""The log-mel spectrogram that Whisper reads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples a second that the model hears."""

LONGEST: Final = 30 * RATE
"""Samples that fit into one spectrogram."""

BANDS: Final = 80

_FFT: Final = 400
_HOP: Final = 160
_LEAST_FRAMES: Final = 1_000
_MOST_FRAMES: Final = 3_000
_TAIL_FRAMES: Final = 100
_FLOOR: Final = 1e-10
_DYNAMICS: Final = 8.0
_LINEAR_STEP: Final = 200 / 3
_LOG_FROM: Final = 1_000.0
_LOG_STEP: Final = float(np.log(6.4)) / 27


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The log-mel spectrogram, as `whisper/audio.py` of OpenAI defines it.

    At least ten seconds long, silence added: in a shorter window the model repeats short
    utterances ("Yes. Yes. Yes."); in ten seconds it costs a third of the usual thirty.

    Args:
        samples: 16 kHz, full scale at 1, at most `LONGEST` of them.

    Returns:
        Shape (1, 80, frames), 10 ms a frame, frames even.
    """
    frames = min(_MOST_FRAMES, max(_LEAST_FRAMES, len(samples) // _HOP + _TAIL_FRAMES))
    frames += frames % 2
    padded = np.zeros(frames * _HOP, np.float32)
    padded[: len(samples)] = samples
    padded = np.pad(padded, _FFT // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:frames]
    spectrum = np.fft.rfft(windows * _hann(), axis=1).astype(np.complex64)
    power = np.ascontiguousarray((spectrum.real**2 + spectrum.imag**2).T)
    level = np.log10(np.maximum(_bands(power), _FLOOR))
    level = np.maximum(level, level.max() - _DYNAMICS)
    return np.ascontiguousarray(((level + 4) / 4)[None], np.float32)


def _bands(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum the power in each band; without BLAS, whose sums depend on its threads."""
    bands = np.zeros((BANDS, power.shape[1]), np.float32)
    for band, (first, weights) in enumerate(_filters()):
        for row, weight in enumerate(weights, start=first):
            bands[band] += power[row] * weight
    return bands


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(_FFT + 1)[:-1].astype(np.float32)


@cache
def _filters() -> list[tuple[int, NDArray[np.float32]]]:
    """For each band the first bin of the spectrum in it, and the weights from there on.

    Slaney's scale: bands of equal width up to 1 kHz, growing ones above, each of equal area.
    """
    bins = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    knee = _LOG_FROM / _LINEAR_STEP
    top = knee + float(np.log(RATE / 2 / _LOG_FROM)) / _LOG_STEP
    mels = np.linspace(0, top, BANDS + 2)
    edges = np.where(
        mels < knee, mels * _LINEAR_STEP, _LOG_FROM * np.exp(_LOG_STEP * (mels - knee))
    )
    filters: list[tuple[int, NDArray[np.float32]]] = []
    for low, middle, high in np.lib.stride_tricks.sliding_window_view(edges, 3):
        rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
        weights = np.maximum(0, np.minimum(rising, falling)) * (2 / (high - low))
        inside = np.flatnonzero(weights)
        filters.append((int(inside[0]), weights[inside[0] : inside[-1] + 1].astype(np.float32)))
    return filters
