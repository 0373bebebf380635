"""The mix bus: from what each member says to what each member hears, one tick at a time."""

from __future__ import annotations

from collections import deque
from itertools import combinations, islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import FULL, Limiter, MixMinus, peak, peaks_of
from soundstage.mixing.effect_lines import EffectLines
from soundstage.mixing.foreseen_mix import Way, foreseen_mix
from soundstage.mixing.soft_room import SoftRoom, Summed, frames_of
from soundstage.mixing.speaking_members import SpeakingMembers
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from soundstage.audio import Sums
    from soundstage.mixing.foreseen_mix import ForeseenMix
    from soundstage.mixing.routing import RoutingGraph
    from soundstage.units import Samples

NAMED: Final = 8
"""Speakers that a mix names at most: the loudest."""

_FEW: Final = 2

_UNHEARD: Final = (0, False)

_NOT_SPOKEN: Final[dict[int, tuple[int, bool]]] = {}

_TAIL: Final = 3
"""Frames for which a member still counts as speaking: a line may spread its last sound so far."""


class Mixes(Struct, frozen=True):
    """One tick, everything in the order of the members.

    Attributes:
        heard: what each hears.
        speakers: who is speaking in that, loudest first, at most `NAMED` of them. Noise that a line
            adds is not a voice.
        voices: likewise, without the members that sound and do not speak; `speakers` itself where
            voice activity was not asked, as only one of them sounded.
        peaks: (2 * members,) the largest magnitude in what each says, then in what each hears.
        is_silence: whether no member says or hears anything.
    """

    heard: list[bytes]
    speakers: list[tuple[str, ...]]
    voices: list[tuple[str, ...]]
    peaks: NDArray[np.int32]
    is_silence: bool = False


class _Way(Struct, frozen=True):
    """How one member is heard when it alone sounds.

    Attributes:
        hears: for each member, whether it hears that one, unchanged.
        sounds: (2 * members,) 1 where that one's sound is said, then where it is heard; else 0.
    """

    hears: list[bool]
    sounds: NDArray[np.int32]


class MixBus:
    """Mixes for every member what it hears of the others.

    Args:
        graph: which member hears which; call `rewire` when it has changed.
        lines: the effects between them.

    Attributes:
        speaking: says which members speak; it judges none until it is given an engine.
    """

    def __init__(self, graph: RoutingGraph, lines: EffectLines | None = None) -> None:
        self._graph = graph
        self._lines = lines or EffectLines()
        members = self._members = len(graph.members)
        place = {name: index for index, name in enumerate(graph.members)}
        self._sends = [(place[name], line) for name, line in self._lines.sends.items()]
        self._hears = [(place[name], line) for name, line in self._lines.hears.items()]
        # A line between two members is a speaker of its own, which only that listener hears.
        self._edges = [(place[name], line) for (name, _), line in self._lines.edges.items()]
        self._echoing = [
            (index, line) for index, line in (*self._sends, *self._edges) if line.chain.hears_back
        ]
        self._names = (*graph.members, *(name for name, _ in self._lines.edges))
        self._spoken = [
            (voice, index, deque[tuple[int, bool]]([_UNHEARD] * (lag // FRAME_SAMPLES + _TAIL)))
            for voice, index, lag in self._voices_with_effects()
        ]
        # Whether no line has effects: what is heard is then what was said.
        self._is_plain = not (self._sends or self._hears or self._edges)
        self._limiter = Limiter(members)
        # Allocated once: a tick of a large room would allocate a megabyte.
        self._scratch = np.empty((3 * members, FRAME_SAMPLES), np.int32)
        self._scratch_of_voices = np.empty((len(self._names), FRAME_SAMPLES), np.int16)
        self._places = range(members)
        nobody: list[tuple[str, ...]] = [()] * members
        level = np.zeros(2 * members, np.int32)
        self._silence = Mixes([SILENCE] * members, nobody, nobody, level, is_silence=True)
        self._no_one = [-1] * members
        self.speaking = SpeakingMembers()
        self.rewire()

    @property
    def limited(self) -> list[int]:
        """How many frames of each member's mix were turned down."""
        return self._limiter.limited.tolist()

    def rewire(self) -> None:
        """Take up what has changed in the graph."""
        self._minus = MixMinus(self._graph.gains(over=tuple(self._lines.edges)))
        # Of two, each hears the other alone, which takes no sum.
        is_room = self._minus.is_one_room and self._is_plain and self._members > _FEW
        self._room = SoftRoom(self._members) if is_room else None
        self._few: dict[tuple[int, ...], list[tuple[str, ...]]] = {}
        self._ways: dict[int, _Way | None] = {}
        self._all_ways: dict[tuple[int, ...], Way | None] = {}

    def mix(self, said: Sequence[bytes]) -> Mixes:
        """One tick.

        Args:
            said: each member's frame; `SILENCE` itself costs nothing.
        """
        voices = self._carried(said)
        silent = self.speaking.silent(said)
        spoken = self._spoken_levels(said, silent) if self._spoken else _NOT_SPOKEN
        sounding = [index for index, pcm in enumerate(voices) if pcm is not SILENCE]
        # The usual case, in which no member speaks, costs no arithmetic at all. Only a line that
        # still has an echo or noise on it makes sound out of silence.
        if not sounding and not (self._hears and self._is_noisy):
            self._limiter.pass_silence()
            return self._silence
        if len(sounding) == 1 and self._is_plain and not (silent or self._limiter.works):
            mixes = self._alone(sounding[0], voices[sounding[0]])
            if mixes is not None:
                return mixes
        if self._room is not None and len(sounding) > 1 and not self._limiter.works:
            soft = self._room.mix(voices, sounding)
        else:
            soft = None
        summed = soft or self._summed(said, voices, sounding)
        named = self._named_speakers(sounding, summed.loudness, spoken, silent)
        return Mixes(summed.heard, *named, summed.peaks)

    def _summed(
        self, said: Sequence[bytes], voices: Sequence[bytes], sounding: Sequence[int]
    ) -> Summed:
        """One tick of any graph, however loud it is."""
        peaks = self._silence.peaks.copy()
        # Where each listener hears one speaker at full gain, its frame is passed on as it is.
        # While the limiter turns back up, every frame has to go through it.
        lone = None
        if not (self._limiter.works or self._hears):
            lone = self._minus.lone(sounding)
        are_all = len(sounding) == len(voices)
        pcm = b"".join(voices if are_all else map(voices.__getitem__, sounding))
        block = np.frombuffer(pcm, "<i2").reshape(-1, FRAME_SAMPLES)
        voice_peaks = peaks_of(block, self._scratch_of_voices)
        loudness: list[int] = voice_peaks.tolist()
        if lone is None:
            sums = self._minus.sum(block, sounding)
            heard = self._heard(sums, peaks[self._members :])
        else:
            heard = [voices[speaker] if speaker >= 0 else SILENCE for speaker in lone]
            level = dict(zip(sounding, loudness, strict=True))
            peaks[self._members :] = [level.get(speaker, 0) for speaker in lone]
        if are_all and not self._sends and not self._edges:
            peaks[: self._members] = voice_peaks
        else:
            peaks[: self._members] = self._said_peaks(said, sounding, loudness)
        for index, line in self._echoing:
            line.hear_back(heard[index])
        return Summed(heard, loudness, peaks)

    def foresee(self, said: Sequence[Sequence[bytes] | None], ticks: int) -> ForeseenMix | None:
        """The mixes of the next ticks, up to the first one that takes any arithmetic.

        This changes nothing; for silence, and where each listener hears one speaker, nothing has
        to be changed by `mix` either.

        Args:
            said: what each member says, at least so many frames; None for silence throughout.
            ticks: how many are wanted.
        """
        if not self._is_plain or self._limiter.works or self.speaking.judges:
            return None
        return foreseen_mix(said, ticks, self._way_of_all)

    def _way_of_all(self, sounding: tuple[int, ...]) -> Way | None:
        """How the members are heard while these sound; None where that has to be mixed."""
        if sounding not in self._all_ways:
            # Where a voice is told from other sounds, each frame of several members is judged.
            many = len(sounding) > 1 and self.speaking.engine is not None
            lone = None if many else self._minus.lone(sounding) if sounding else self._no_one
            way = None if lone is None else Way(lone, self._named(sounding))
            self._all_ways[sounding] = way
        return self._all_ways[sounding]

    def _alone(self, speaker: int, pcm: bytes) -> Mixes | None:
        """One tick in which one member sounds, as `mix` gives it; None where it has to be mixed."""
        if speaker not in self._ways:
            self._ways[speaker] = self._way_of(speaker)
        way = self._ways[speaker]
        if way is None:
            return None
        level = peak(pcm)
        heard = [pcm if hears else SILENCE for hears in way.hears]
        named = self._audible([speaker], [level])
        return Mixes(heard, named, named, way.sounds * np.int32(level))

    def _way_of(self, speaker: int) -> _Way | None:
        lone = self._minus.lone([speaker])
        if lone is None:
            return None
        hears = [heard == speaker for heard in lone]
        says = [index == speaker for index in range(self._members)]
        return _Way(hears, np.array([*says, *hears], np.int32))

    @property
    def _is_noisy(self) -> bool:
        return not all(line.rests for _, line in self._hears)

    def _named_speakers(
        self,
        sounding: Sequence[int],
        loudness: Sequence[int],
        spoken: Mapping[int, tuple[int, bool]],
        silent: frozenset[int],
    ) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """Those audible in each listener's mix, and those of them that speak."""
        if spoken:
            # A voice is no louder than it comes out of its line, nor than it went in.
            loudness = [
                min(level, spoken[voice][0]) if voice in spoken else level
                for voice, level in zip(sounding, loudness, strict=True)
            ]
        audible = self._audible(sounding, loudness)
        if not silent:
            return audible, audible
        speaks = [
            spoken[voice][1] if voice in spoken else voice not in silent for voice in sounding
        ]
        loudness = [
            level if is_voice else 0 for level, is_voice in zip(loudness, speaks, strict=True)
        ]
        return audible, self._audible(sounding, loudness)

    def _voices_with_effects(self) -> Iterator[tuple[int, int, Samples]]:
        """Each voice that comes over a line with effects, its member, and how late it comes."""
        sent = {index: line.chain.lag for index, line in self._sends}
        for index, lag in sent.items():
            yield index, index, lag
        for number, (index, line) in enumerate(self._edges):
            yield self._members + number, index, sent.get(index, 0) + line.chain.lag

    def _spoken_levels(
        self, said: Sequence[bytes], silent: frozenset[int]
    ) -> dict[int, tuple[int, bool]]:
        """How loud the members were whose voices come over lines with effects, and if they spoke.

        What comes out of such a line may be louder than any voice and still be only noise, so it
        does not tell whether the member speaks.
        """
        levels: dict[int, tuple[int, bool]] = {}
        for voice, index, past in self._spoken:
            pcm = said[index]
            past.append(_UNHEARD if pcm is SILENCE else (peak(pcm), index not in silent))
            past.popleft()
            heard = list(islice(past, _TAIL))
            levels[voice] = max(level for level, _ in heard), any(speaks for _, speaks in heard)
        return levels

    def _carried(self, said: Sequence[bytes]) -> Sequence[bytes]:
        """What has come to the far end of each line: the members' own, then those between two."""
        if not self._sends and not self._edges:
            return said
        voices = list(said)
        for index, line in self._sends:
            voices[index] = line.carry(voices[index])
        return [*voices, *(line.carry(voices[index]) for index, line in self._edges)]

    def _said_peaks(
        self, said: Sequence[bytes], sounding: Sequence[int], loudness: Sequence[int]
    ) -> list[int]:
        """The peaks of what is said: of what was said itself, not of what came over its line."""
        # A display shows what a member says, and not what its telephone line makes of that.
        level = dict(zip(sounding, loudness, strict=True))
        level |= {index: peak(said[index]) for index, _ in self._sends}
        return [level.get(index, 0) for index in range(self._members)]

    def _heard(self, sums: Sums, peaks: NDArray[np.int32]) -> list[bytes]:
        """Each listener's frame within full scale, over its own line; its peak into `peaks`."""
        if not self._hears:
            return self._limited(sums.rows, None if sums.is_own else sums.row_of, peaks)
        # Listeners that hear the same share a row; one with a line of its own needs its own row.
        row_of = sums.row_of.copy()
        rows = [sums.rows]
        for place, (index, line) in enumerate(self._hears):
            rows.append(line.carry_sum(sums.rows[row_of[index]])[None])
            row_of[index] = len(sums.rows) + place
        return self._limited(np.concatenate(rows), row_of, peaks)

    def _limited(
        self,
        rows: NDArray[np.int32],
        row_of: NDArray[np.intp] | None,
        peaks: NDArray[np.int32],
    ) -> list[bytes]:
        """Each listener's frame within full scale; its peak goes into `peaks`.

        `row_of` says which row each hears; None where each hears its own, in their order.
        """
        row_peaks = peaks_of(rows, self._scratch)
        loudness: list[int] = row_peaks.tolist()
        peaks[:] = row_peaks if row_of is None else row_peaks.take(row_of)
        if self._limiter.works or max(loudness) > FULL:
            limited = self._limiter.limit(rows if row_of is None else rows[row_of], peaks)
            peaks[:] = limited_peaks = peaks_of(limited)
            return frames_of(limited, limited_peaks.tolist())
        frames = frames_of(rows.astype(np.int16), loudness)
        return frames if row_of is None else list(map(frames.__getitem__, row_of.tolist()))

    def _audible(self, sounding: Sequence[int], loudness: Sequence[int]) -> list[tuple[str, ...]]:
        """The speakers in each listener's mix."""
        order = sorted(range(len(sounding)), key=loudness.__getitem__, reverse=True)
        if 0 in loudness:
            order = [place for place in order if loudness[place]]
        loudest = list(map(sounding.__getitem__, order))
        if len(loudest) > _FEW:
            return self._named(loudest)
        # One at a time is the rule, two are not rare, and there are only so many of them.
        who = tuple(loudest)
        if who not in self._few:
            self._few[who] = self._named(loudest)
        return self._few[who]

    def _named(self, loudest: Sequence[int]) -> list[tuple[str, ...]]:
        """The speakers in each listener's mix, from those who are audible, the loudest first."""
        if self._room is not None:
            return self._room.named(self._names, loudest, NAMED)
        names, group_of = self._names, self._minus.group_of
        shared, without = [], []
        for audible in self._minus.audible:
            # One more than are named: a listener is not its own.
            top = list(filter(audible.__contains__, loudest))[: NAMED + 1]
            loud = tuple(map(names.__getitem__, top))
            shared.append(loud[:NAMED])
            # Every way to leave one out; the first way leaves out the last.
            ways = combinations(loud, len(top) - 1) if top else ()
            without.append(dict(zip(reversed(top), ways, strict=True)))
        # Those that a listener hears without itself, or else those that its whole group hears.
        own, rest = map(without.__getitem__, group_of), map(shared.__getitem__, group_of)
        return list(map(dict.get, own, self._places, rest))
