"""Where a track becomes audible and where it falls silent."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec import Struct

from soundstage.units import SILENCE, Samples

AUDIBLE_PEAK: Final = 100
"""Sample value from which on a sound counts: about -50 dB of full scale."""

RELEASE: Final[Samples] = 9_600
"""Quiet that ends a sound: 400 ms, longer than any pause between words."""


class Change(Struct, frozen=True, gc=False):
    """A track has become audible or silent.

    Attributes:
        on: whether it is audible from here on.
        pts: its first audible sample, or the one after its last.
    """

    on: bool
    pts: Samples


class AudibleMeter:
    """Follows one track and reports the exact samples at which sound begins and ends.

    Args:
        threshold: peak value from which on a sample is audible.
        release: quiet samples after which the sound has ended; shorter gaps belong to it.
    """

    def __init__(self, threshold: int = AUDIBLE_PEAK, release: Samples = RELEASE) -> None:
        self._threshold = threshold
        self._release = release
        self._end: Samples | None = None

    def push(self, pcm: bytes, pts: Samples) -> list[Change]:
        """Measure a block; what lies between two blocks counts as quiet.

        Args:
            pcm: samples, any number of them.
            pts: the time of the first, not before the end of the last block.

        Returns:
            What changed, in order. An end is known only `release` samples after it.
        """
        if pcm is SILENCE and self._end is None:
            return []
        samples = np.frombuffer(pcm, "<i2")
        loud = np.flatnonzero((samples >= self._threshold) | (samples <= -self._threshold))
        changes: list[Change] = []
        if len(loud):
            # Only the audible samples next to a long gap can begin or end anything.
            breaks = np.flatnonzero(np.diff(loud) > self._release)
            firsts = [loud[0], *loud[breaks + 1]]
            lasts = [*loud[breaks], loud[-1]]
            for first, last in zip(firsts, lasts, strict=True):
                self._begin(pts + int(first), changes)
                self._end = pts + int(last) + 1
        self._release_before(pts + len(samples), changes)
        return changes

    def flush(self, pts: Samples) -> list[Change]:
        """The track ends at `pts`: a sound that is still on ends where it was last audible."""
        if self._end is None:
            return []
        end, self._end = min(self._end, pts), None
        return [Change(on=False, pts=end)]

    def _begin(self, pts: Samples, changes: list[Change]) -> None:
        self._release_before(pts, changes)
        if self._end is None:
            changes.append(Change(on=True, pts=pts))

    def _release_before(self, pts: Samples, changes: list[Change]) -> None:
        if self._end is not None and pts - self._end >= self._release:
            changes.append(Change(on=False, pts=self._end))
            self._end = None
