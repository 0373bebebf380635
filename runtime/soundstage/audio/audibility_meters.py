"""Where each of many tracks becomes audible and where it falls silent."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.units import FRAME_SAMPLES, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

AUDIBLE_PEAK: Final = 100
"""Sample value from which on a sound counts: about -50 dB of full scale."""

RELEASE: Final[Samples] = 9_600
"""Quiet that ends a sound: 400 ms, longer than any pause between words."""

_QUIET: Final = RELEASE // FRAME_SAMPLES


class Change(Struct, frozen=True, gc=False):
    """A track has become audible or silent.

    Attributes:
        track: which.
        on: whether it is audible from here on.
        pts: its first audible sample, or the one after its last.
    """

    track: int
    on: bool
    pts: Samples


class AudibleMeters:
    """Follows many tracks, and reports the exact samples at which sound begins and ends.

    Gaps of less than `RELEASE` belong to a sound. Only frames in which something changes are
    looked at sample by sample.

    Args:
        tracks: how many there are.
    """

    def __init__(self, tracks: int) -> None:
        self._quiet = [_QUIET] * tracks
        self._past: deque[tuple[Samples, Sequence[bytes]]] = deque(maxlen=_QUIET + 1)

    def push(self, pts: Samples, frames: Sequence[bytes], peaks: NDArray[np.int32]) -> list[Change]:
        """Measure a tick.

        Args:
            pts: the time of its first sample; the tick follows directly upon the last one.
            frames: each track's frame.
            peaks: (tracks,) the largest magnitude in each.

        Returns:
            What changed, by track. An end is known only `RELEASE` samples after it.
        """
        self._past.append((pts, frames))
        # A loop over a few numbers takes less time than numpy takes to begin.
        quiet = self._quiet
        changes: list[Change] = []
        for track, level in enumerate(peaks.tolist()):
            before = quiet[track]
            if level >= AUDIBLE_PEAK:
                quiet[track] = 0
                if before < _QUIET - 1:
                    continue
            elif before == _QUIET:
                continue
            else:
                quiet[track] = before + 1
                if before < _QUIET - 1:
                    continue
            changes += self._changes(track, pts, was_on=before < _QUIET)
        return changes

    def unchanged(self, peaks: Sequence[Sequence[int] | None], ticks: int) -> int:
        """In how many of the next ticks surely no track begins or ends; this changes nothing.

        Args:
            peaks: of each track, the largest magnitude in each frame; None for silence throughout.
            ticks: how many ticks there are.
        """
        for quiet, levels in zip(self._quiet, peaks, strict=True):
            ticks = _followed(quiet, levels, ticks)[0]
        return ticks

    def push_block(
        self,
        pts: Samples,
        tracks: Sequence[Sequence[bytes] | None],
        peaks: Sequence[Sequence[int] | None],
        ticks: int,
    ) -> None:
        """Follow so many ticks in which no track begins or ends; as `unchanged` has told."""
        self._quiet = [
            _followed(quiet, levels, ticks)[1]
            for quiet, levels in zip(self._quiet, peaks, strict=True)
        ]
        for tick in range(max(0, ticks - _QUIET - 1), ticks):
            frames = [SILENCE if track is None else track[tick] for track in tracks]
            self._past.append((pts + tick * FRAME_SAMPLES, frames))

    def flush(self, pts: Samples) -> Iterator[Change]:
        """All tracks end at `pts`: a sound that is still on ends where it was last audible."""
        for track, quiet in enumerate(self._quiet):
            if quiet == _QUIET:
                continue
            end = self._last_audible(track, quiet)
            self._quiet[track] = _QUIET
            yield Change(track, on=False, pts=min(end, pts))

    def _changes(self, track: int, pts: Samples, *, was_on: bool) -> Iterator[Change]:
        first = None
        if not self._quiet[track]:
            first = pts + int(_audible(self._past[-1][1][track])[0])
        if was_on:
            end = self._last_audible(track, _QUIET)
            if first is not None and first - end < RELEASE:
                return
            yield Change(track, on=False, pts=end)
        if first is not None:
            yield Change(track, on=True, pts=first)

    def _last_audible(self, track: int, ago: int) -> Samples:
        """One past the last audible sample of a frame so many frames ago."""
        pts, frames = self._past[-1 - ago]
        return pts + int(_audible(frames[track])[-1]) + 1


def _followed(quiet: int, levels: Sequence[int] | None, ticks: int) -> tuple[int, int]:
    """How many ticks pass before one in which the track may change, and how quiet it is then."""
    if levels is None:
        if quiet == _QUIET:
            return ticks, quiet
        ticks = min(ticks, _QUIET - 1 - quiet)
        return ticks, quiet + ticks
    for tick, level in enumerate(levels[:ticks]):
        if level >= AUDIBLE_PEAK:
            if quiet >= _QUIET - 1:
                return tick, quiet
            quiet = 0
        elif quiet < _QUIET:
            if quiet == _QUIET - 1:
                return tick, quiet
            quiet += 1
    return ticks, quiet


def _audible(pcm: bytes) -> NDArray[np.intp]:
    samples = np.frombuffer(pcm, "<i2")
    return np.flatnonzero((samples >= AUDIBLE_PEAK) | (samples <= -AUDIBLE_PEAK))
