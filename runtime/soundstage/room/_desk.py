"""The mixing desk: from what everybody says to what everybody hears, one tick at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import FULL, Limiter, MixMinus, peaks_of
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from soundstage.room._graph import Graph

NAMED: Final = 8
"""Speakers that a mix names at most: the loudest."""


class Mixes(Struct, frozen=True):
    """One tick, everything in the order of the members.

    Attributes:
        heard: what each hears.
        speakers: who is audible in that, loudest first, at most `NAMED` of them.
        peaks: (2 * members,) the largest magnitude in what each says, then in what each hears.
    """

    heard: list[bytes]
    speakers: list[tuple[str, ...]]
    peaks: NDArray[np.int32]


class Desk:
    """Mixes for every member what it hears of the others.

    Args:
        graph: who hears whom; look at it again with `rewire` when it has changed.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._names = graph.members
        self._limiter = Limiter(len(self._names))
        everybody = len(self._names)
        self._silence = Mixes(
            [SILENCE] * everybody, [()] * everybody, np.zeros(2 * everybody, np.int32)
        )
        self.rewire()

    @property
    def limited(self) -> list[int]:
        """How many frames of each member's mix were turned down."""
        return self._limiter.limited.tolist()

    def rewire(self) -> None:
        """Take up what has changed in the graph."""
        self._minus = MixMinus(self._graph.gains())

    def mix(self, said: Sequence[bytes]) -> Mixes:
        """One tick.

        Args:
            said: each member's frame; `SILENCE` itself costs nothing.
        """
        sounding = [index for index, pcm in enumerate(said) if pcm is not SILENCE]
        if not sounding:
            self._limiter.pass_silence()
            return self._silence
        block = np.frombuffer(b"".join([said[index] for index in sounding]), "<i2")
        voices = block.reshape(len(sounding), FRAME_SAMPLES)
        voice_peaks = peaks_of(voices)
        peaks = self._silence.peaks.copy()
        peaks[slice(len(said)) if len(sounding) == len(said) else sounding] = voice_peaks
        loudness: list[int] = voice_peaks.tolist()
        lone = None if self._limiter.works else self._minus.lone(sounding)
        if lone is None:
            sums = self._minus.sum(voices, sounding)
            heard = self._limited(sums.rows, sums.row_of, peaks[len(said) :])
        else:
            heard = [said[speaker] if speaker >= 0 else SILENCE for speaker in lone]
            level = dict(zip(sounding, loudness, strict=True))
            peaks[len(said) :] = [level.get(speaker, 0) for speaker in lone]
        return Mixes(heard, self._audible(sounding, loudness), peaks)

    def _limited(
        self, rows: NDArray[np.int32], row_of: NDArray[np.intp], peaks: NDArray[np.int32]
    ) -> list[bytes]:
        """Each listener's frame within full scale; its peak goes into `peaks`."""
        row_peaks = peaks_of(rows)
        loudness = row_peaks.tolist()
        peaks[:] = row_peaks[row_of]
        if self._limiter.works or max(loudness) > FULL:
            limited = self._limiter.limit(rows[row_of], peaks)
            peaks[:] = limited_peaks = peaks_of(limited)
            return _frames(limited, limited_peaks.tolist())
        frames = _frames(rows.astype(np.int16), loudness)
        return [frames[row] for row in row_of.tolist()]

    def _audible(self, sounding: Sequence[int], loudness: Sequence[int]) -> list[tuple[str, ...]]:
        """The speakers in each listener's mix."""
        names, group_of = self._names, self._minus.group_of
        order = sorted(range(len(sounding)), key=loudness.__getitem__, reverse=True)
        loudest = [sounding[place] for place in order if loudness[place]]
        tops = [self._top(loudest, audible) for audible in self._minus.audible]
        shared = [tuple([names[index] for index in top[:NAMED]]) for top in tops]
        speakers = [shared[group] for group in group_of]
        for group, top in enumerate(tops):
            for index in top:
                if group_of[index] == group:
                    others = [names[other] for other in top if other != index]
                    speakers[index] = tuple(others[:NAMED])
        return speakers

    def _top(self, loudest: Sequence[int], audible: frozenset[int]) -> list[int]:
        """The loudest that a group hears, one more than are named: a listener is not its own."""
        return list(islice((index for index in loudest if index in audible), NAMED + 1))


def _frames(rows: NDArray[np.int16], peaks: Sequence[int]) -> list[bytes]:
    data = rows.tobytes()
    return [
        data[row * FRAME_BYTES : (row + 1) * FRAME_BYTES] if peak else SILENCE
        for row, peak in enumerate(peaks)
    ]
