"""The mixing desk: from what everybody says to what everybody hears, one tick at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import FULL, Limiter, MixMinus, peak, peaks_of
from soundstage.room._lines import Lines
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from soundstage.audio import Sums
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
        lines: the effects between them.
    """

    def __init__(self, graph: Graph, lines: Lines | None = None) -> None:
        self._graph = graph
        self._lines = lines or Lines()
        members = self._members = len(graph.members)
        place = {name: index for index, name in enumerate(graph.members)}
        self._sends = [(place[name], line) for name, line in self._lines.sends.items()]
        self._hears = [(place[name], line) for name, line in self._lines.hears.items()]
        # A line between two is a speaker of its own, whom only that listener hears.
        self._edges = [(place[name], line) for (name, _), line in self._lines.edges.items()]
        self._names = (*graph.members, *(name for name, _ in self._lines.edges))
        self._limiter = Limiter(members)
        self._silence = Mixes([SILENCE] * members, [()] * members, np.zeros(2 * members, np.int32))
        self.rewire()

    @property
    def limited(self) -> list[int]:
        """How many frames of each member's mix were turned down."""
        return self._limiter.limited.tolist()

    def rewire(self) -> None:
        """Take up what has changed in the graph."""
        self._minus = MixMinus(self._graph.gains(over=tuple(self._lines.edges)))
        self._alone: dict[int, list[tuple[str, ...]]] = {}

    def mix(self, said: Sequence[bytes]) -> Mixes:
        """One tick.

        Args:
            said: each member's frame; `SILENCE` itself costs nothing.
        """
        voices = self._carried(said)
        sounding = [index for index, pcm in enumerate(voices) if pcm is not SILENCE]
        if not sounding and all(line.rests for _, line in self._hears):
            self._limiter.pass_silence()
            return self._silence
        peaks = self._silence.peaks.copy()
        summed = self._limiter.works or self._hears
        lone = None if summed else self._minus.lone(sounding)
        if lone is None:
            block = np.frombuffer(b"".join([voices[index] for index in sounding]), "<i2")
            loudness: list[int] = peaks_of(block := block.reshape(-1, FRAME_SAMPLES)).tolist()
            heard = self._heard(self._minus.sum(block, sounding), peaks[self._members :])
        else:
            loudness = [peak(voices[index]) for index in sounding]
            heard = [voices[speaker] if speaker >= 0 else SILENCE for speaker in lone]
            level = dict(zip(sounding, loudness, strict=True))
            peaks[self._members :] = [level.get(speaker, 0) for speaker in lone]
        self._measure(said, sounding, loudness, peaks)
        return Mixes(heard, self._audible(sounding, loudness), peaks)

    def _carried(self, said: Sequence[bytes]) -> Sequence[bytes]:
        """What has come to the far end of each line: the members' own, then those between two."""
        if not self._sends and not self._edges:
            return said
        voices = list(said)
        for index, line in self._sends:
            voices[index] = line.carry(voices[index])
        return [*voices, *(line.carry(voices[index]) for index, line in self._edges)]

    def _measure(
        self,
        said: Sequence[bytes],
        sounding: Sequence[int],
        loudness: Sequence[int],
        peaks: NDArray[np.int32],
    ) -> None:
        """Put the peaks of what is said into `peaks`: of what was said itself, not of its line."""
        if len(sounding) == self._members == len(self._names):
            peaks[: self._members] = loudness
        else:
            for index, level in zip(sounding, loudness, strict=True):
                if index < self._members:
                    peaks[index] = level
        for index, _ in self._sends:
            peaks[index] = peak(said[index])

    def _heard(self, sums: Sums, peaks: NDArray[np.int32]) -> list[bytes]:
        """Each listener's frame within full scale, over its own line; its peak into `peaks`."""
        if not self._hears:
            return self._limited(sums.rows, sums.row_of, peaks)
        row_of = sums.row_of.copy()
        rows = [sums.rows]
        for place, (index, line) in enumerate(self._hears):
            rows.append(line.carry_sum(sums.rows[row_of[index]])[None])
            row_of[index] = len(sums.rows) + place
        return self._limited(np.concatenate(rows), row_of, peaks)

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
        order = sorted(range(len(sounding)), key=loudness.__getitem__, reverse=True)
        loudest = [sounding[place] for place in order if loudness[place]]
        if len(loudest) > 1:
            return self._named(loudest)
        # One at a time is the rule, and there are only so many of them.
        only = loudest[0] if loudest else -1
        if only not in self._alone:
            self._alone[only] = self._named(loudest)
        return self._alone[only]

    def _named(self, loudest: Sequence[int]) -> list[tuple[str, ...]]:
        """The speakers in each listener's mix, from those who are audible, the loudest first."""
        names, group_of = self._names, self._minus.group_of
        tops = [self._top(loudest, audible) for audible in self._minus.audible]
        shared = [tuple([names[index] for index in top[:NAMED]]) for top in tops]
        speakers = [shared[group] for group in group_of]
        for group, top in enumerate(tops):
            for index in top:
                if index < self._members and group_of[index] == group:
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
