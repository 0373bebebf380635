"""What the members of one room hear while their voices together stay within full scale."""

from __future__ import annotations

import struct
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from soundstage.audio import FULL
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Summed(Struct, frozen=True):
    """One tick.

    Attributes:
        heard: what each member hears.
        loudness: of each member that sounds, the largest magnitude.
        peaks: (2 * members,) the largest magnitude in what each says, then in what each hears.
    """

    heard: list[bytes]
    loudness: list[int]
    peaks: NDArray[np.int32]


class _Rows(Struct, frozen=True):
    """The places in memory of a tick in which so many members sound.

    Attributes:
        total: (480,) the sum of all.
        others: (sounding, 480) the sum without each.
        heard: the sums that are heard: without each, and that of all where a listener is silent.
        said_sizes: the magnitudes of what is said.
        heard_sizes: the magnitudes of `heard`.
        sizes: both, without a sign.
    """

    total: NDArray[np.int16]
    others: NDArray[np.int16]
    heard: NDArray[np.int16]
    said_sizes: NDArray[np.int16]
    heard_sizes: NDArray[np.int16]
    sizes: NDArray[np.unsignedinteger[Any]]


class SoftRoom:
    """Sums in 16 bits what each member hears of all the others, unchanged.

    Most of the cost of a tick is the number of calls of numpy, not the samples. So this sums
    first, measures what was said and what is heard in one call, and only then knows whether the
    sums were right: those of louder voices are thrown away.

    Args:
        members: how many there are.
    """

    def __init__(self, members: int) -> None:
        self._members = members
        # Made once: what is large and made anew every tick comes from the system every time.
        self._sums = np.empty((members + 1, FRAME_SAMPLES), np.int16)
        self._sizes = np.empty((2 * members + 1, FRAME_SAMPLES), np.int16)
        self._rows = [self._rows_of(sounding) for sounding in range(members + 1)]
        self._was_soft = True

    def _rows_of(self, sounding: int) -> _Rows:
        heard = sounding + (sounding < self._members)
        return _Rows(
            total=self._sums[sounding],
            others=self._sums[:sounding],
            heard=self._sums[:heard],
            said_sizes=self._sizes[:sounding],
            heard_sizes=self._sizes[sounding : sounding + heard],
            sizes=self._sizes[: sounding + heard].view(np.uint16),
        )

    def mix(self, said: Sequence[bytes], sounding: Sequence[int]) -> Summed | None:
        """One tick; None where the voices may be too loud together.

        Args:
            said: each member's frame.
            sounding: the members whose frames are not silence, in ascending order.
        """
        count, members = len(sounding), self._members
        are_all = count == members
        pcm = b"".join(said if are_all else map(said.__getitem__, sounding))
        voices = np.frombuffer(pcm, "<i2").reshape(-1, FRAME_SAMPLES)
        rows = self._rows[count]
        np.absolute(voices, out=rows.said_sizes)
        # Loud voices are loud for a while: their sums are not made only to be thrown away.
        if not self._was_soft:
            loudest = np.maximum.reduce(rows.sizes[:count], axis=1)
            self._was_soft = sum(loudest.tolist()) <= FULL
            if not self._was_soft:
                return None
        np.add.reduce(voices, axis=0, dtype=np.int16, out=rows.total)
        np.subtract(rows.total, voices, out=rows.others)
        np.absolute(rows.heard, out=rows.heard_sizes)
        peaks = np.maximum.reduce(rows.sizes, axis=1)
        levels: list[int] = peaks.tolist()
        loudness = levels[:count]
        if sum(loudness) > FULL:
            self._was_soft = False
            return None
        heard = frames_of(rows.heard, levels[count:])
        if are_all:
            return Summed(heard, loudness, peaks.astype(np.int32))
        return self._spread(sounding, heard, levels)

    def named(
        self, names: Sequence[str], loudest: Sequence[int], most: int
    ) -> list[tuple[str, ...]]:
        """For each member the names of the others that are audible, at most so many.

        Args:
            names: of all members.
            loudest: the members that are audible, the loudest first.
            most: how many are named.
        """
        # One more than are named: a listener is not its own.
        loud = tuple(map(names.__getitem__, loudest[: most + 1]))
        named = [loud[:most]] * self._members
        # Every way to leave one out, in the order of those who are left in: the last goes first.
        ways = list(combinations(loud, len(loud) - 1)) if loud else []
        for index, others in zip(loudest, reversed(ways), strict=False):
            named[index] = others
        return named

    def _spread(
        self, sounding: Sequence[int], heard: Sequence[bytes], levels: Sequence[int]
    ) -> Summed:
        """Those who are silent hear all, which comes last."""
        count, members = len(sounding), self._members
        spread = [heard[-1]] * members
        peaks = [0] * members + [levels[-1]] * members
        for place, member in enumerate(sounding):
            spread[member] = heard[place]
            peaks[member] = levels[place]
            peaks[members + member] = levels[count + place]
        return Summed(spread, list(levels[:count]), np.array(peaks, np.int32))


def frames_of(rows: NDArray[np.int16], peaks: Sequence[int]) -> list[bytes]:
    """Each row as a frame; one that is silent is `SILENCE` itself.

    Args:
        rows: (rows, 480) samples, one row after the other in memory.
        peaks: (rows,) the largest magnitude in each.
    """
    # One call that copies each row once: slices of the bytes of all rows take four times as long.
    frames = list(_layout(len(rows)).unpack_from(rows.data))
    if 0 in peaks:
        return [pcm if peak else SILENCE for pcm, peak in zip(frames, peaks, strict=True)]
    return frames


@cache
def _layout(rows: int) -> struct.Struct:
    """So many frames, one after the other."""
    return struct.Struct(f"{FRAME_BYTES}s" * rows)
