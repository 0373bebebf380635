"""The mixes of a stretch of ticks, in each of which every listener hears one speaker or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import peaks_of
from soundstage.messages import HeardBlock
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NOTHING: Final = HeardBlock()


class Way(Struct, frozen=True):
    """How the members are heard while the same ones sound.

    Attributes:
        lone: for each listener the only member that it hears, unchanged, or -1 for silence.
        speakers: for each listener the names of those.
    """

    lone: Sequence[int]
    speakers: Sequence[tuple[str, ...]]


class ForeseenMix(Struct, frozen=True):
    """The mixes of so many ticks; all by the place of the member.

    Attributes:
        ticks: how many there are.
        said: what each says; None where it is silent throughout.
        heard: what each hears; those who hear the same have the same object.
        said_peaks: of each frame that is said, the largest magnitude; None for silence throughout.
        heard_peaks: likewise, of each that is heard.
    """

    ticks: int
    said: Sequence[Sequence[bytes] | None]
    heard: Sequence[HeardBlock]
    said_peaks: Sequence[Sequence[int] | None]
    heard_peaks: Sequence[Sequence[int] | None]


def foreseen_mix(
    said: Sequence[Sequence[bytes] | None],
    ticks: int,
    way_of: Callable[[tuple[int, ...]], Way | None],
) -> ForeseenMix:
    """The mixes of the next ticks, up to the first in which a member hears several others.

    Args:
        said: what each member says, at least so many frames; None for silence throughout.
        ticks: how many are wanted.
        way_of: how the members are heard while only these sound; None where a mix is needed.
    """
    sounding = [member for member, frames in enumerate(said) if frames is not None]
    if not sounding:
        nothing: list[None] = [None] * len(said)
        return ForeseenMix(ticks, said, [NOTHING] * len(said), nothing, nothing)
    columns = [said[member] or () for member in sounding]
    ways: list[Way] = []
    for row in zip(*(column[:ticks] for column in columns), strict=True):
        who = tuple([m for m, pcm in zip(sounding, row, strict=True) if pcm is not SILENCE])
        way = way_of(who)
        if way is None:
            break
        ways.append(way)
    ticks = len(ways)
    said_peaks: list[Sequence[int] | None] = [None] * len(said)
    for member, frames in zip(sounding, columns, strict=True):
        said_peaks[member] = _peaks(frames[:ticks])
    # A large room has few ways to be heard, and many listeners: the work goes by the ways.
    kinds: dict[int, Way] = {id(way): way for way in ways}
    made: dict[tuple[int, ...], tuple[HeardBlock, list[int] | None]] = {}
    heard, heard_peaks = [], []
    for listener in range(len(said)):
        # Members who hear the same ones in all of these ticks share what they hear.
        key = tuple([way.lone[listener] for way in kinds.values()])
        if key not in made:
            made[key] = _heard_by(listener, ways, said, said_peaks)
        block, peaks = made[key]
        heard.append(block)
        heard_peaks.append(peaks)
    return ForeseenMix(ticks, said, heard, said_peaks, heard_peaks)


def _heard_by(
    listener: int,
    ways: Sequence[Way],
    said: Sequence[Sequence[bytes] | None],
    said_peaks: Sequence[Sequence[int] | None],
) -> tuple[HeardBlock, list[int] | None]:
    frames, peaks = [], []
    for tick, way in enumerate(ways):
        speaker = way.lone[listener]
        source, levels = (None, None) if speaker < 0 else (said[speaker], said_peaks[speaker])
        frames.append(SILENCE if source is None else source[tick])
        peaks.append(0 if levels is None else levels[tick])
    if not any(peaks):
        return NOTHING, None
    return HeardBlock(frames, [way.speakers[listener] for way in ways]), peaks


def _peaks(frames: Sequence[bytes]) -> list[int] | None:
    """The largest magnitude in each frame; None where all of them are silence."""
    places = [place for place, pcm in enumerate(frames) if pcm is not SILENCE]
    if not places:
        return None
    # One call of numpy for all frames: it takes longer to begin than to look at a frame.
    block = np.frombuffer(b"".join([frames[place] for place in places]), "<i2")
    levels: list[int] = peaks_of(block.reshape(-1, FRAME_SAMPLES)).tolist()
    peaks = [0] * len(frames)
    for place, level in zip(places, levels, strict=True):
        peaks[place] = level
    return peaks


def by_name(
    names: Sequence[str], blocks: Sequence[Sequence[bytes] | None], ticks: int
) -> Mapping[str, Sequence[bytes]]:
    """The frames of so many ticks by name, without those who are silent throughout."""
    return {
        name: block[:ticks] for name, block in zip(names, blocks, strict=True) if block is not None
    }
