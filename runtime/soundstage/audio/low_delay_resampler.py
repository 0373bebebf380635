"""A stream of samples at another rate, a millisecond or two later.

soxr holds back up to 80 ms between 24 and 8 kHz. That is no loss where nothing waits for it, but in
a call it would count as slowness of the one who is called.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRANSITION: Final = 0.15
"""The band between passed and stopped, as a part of the lower rate: 3.4 to 4.6 kHz at 8 kHz."""

STOPPED: Final = 60.0
"""Decibels by which what cannot be kept is turned down."""

_AT_ONCE: Final = 4096
"""Output samples that are computed in one step, so that a long piece needs no more memory."""


class LowDelayResampler:
    """Converts a mono stream piece by piece, with a filter that is as short as speech allows.

    The output is the same however the stream is cut, and comes as soon as the filter has it:
    `delay` seconds after the input. The filter is a windowed sinc (Kaiser window, formulas of
    Oppenheim and Schafer, *Discrete-Time Signal Processing*, 7.6), taken apart in phases.

    Args:
        source_rate: samples a second that go in.
        target_rate: samples a second that come out.

    Attributes:
        delay: seconds by which the output is later than the input.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        common = math.gcd(source_rate, target_rate)
        self._up, self._down = target_rate // common, source_rate // common
        lower = min(source_rate, target_rate)
        fine = source_rate * self._up
        length = 1 + 2 * math.ceil(
            (STOPPED - 7.95) / (2.285 * 2 * math.pi * TRANSITION * lower / fine) / 2
        )
        beta = 0.1102 * (STOPPED - 8.7)
        places = np.arange(length) - length // 2
        taps = np.sinc(places * lower / fine) * np.kaiser(length, beta)
        taps *= self._up / taps.sum()
        self._taps_each = math.ceil(length / self._up)
        padded = np.zeros(self._taps_each * self._up)
        padded[:length] = taps
        # Row p: the taps of phase p, the newest sample's first.
        self._phases = padded.reshape(self._taps_each, self._up).T.astype(np.float32)
        self.delay = length // 2 / fine if source_rate != target_rate else 0.0
        self._is_same = source_rate == target_rate
        self._owed = math.ceil(length // 2 / self._up)
        self._history: NDArray[np.float32] = np.zeros(self._taps_each - 1, np.float32)
        self._taken = 0
        self._made = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples, one dimension, any number; returns what is ready."""
        if self._is_same or not samples.size:
            return samples
        self._history = np.concatenate([self._history, samples.astype(np.float32)])
        self._taken += samples.size
        due = (self._taken * self._up - 1) // self._down + 1
        made = [
            self._computed(start, min(start + _AT_ONCE, due))
            for start in range(self._made, due, _AT_ONCE)
        ]
        self._made = max(due, self._made)
        self._history = self._history[self._history.size - self._taps_each + 1 :]
        return np.concatenate(made) if made else samples[:0]

    def flush(self) -> NDArray[np.float32]:
        """The end of what went in, `delay` long; the next `push` begins a new stream."""
        rest = self.push(np.zeros(0 if self._is_same else self._owed, np.float32))
        self.reset()
        return rest

    def reset(self) -> None:
        """Begin a new stream; what is owed is lost."""
        self._history = np.zeros(self._taps_each - 1, np.float32)
        self._taken = 0
        self._made = 0

    def _computed(self, start: int, end: int) -> NDArray[np.float32]:
        place = np.arange(start, end) * self._down
        newest, phase = place // self._up, place % self._up
        # Where sample 0 of the stream lies in the history.
        origin = self._history.size - self._taken
        windows = self._history[(newest + origin)[:, None] - np.arange(self._taps_each)[None, :]]
        made: NDArray[np.float32] = np.einsum("ij,ij->i", windows, self._phases[phase])
        return made.astype(np.float32)
