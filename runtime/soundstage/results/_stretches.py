"""Stretches of time, and arithmetic on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from soundstage.messages.events import VoiceStarted, VoiceStopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from soundstage.units import Samples


class Stretch(NamedTuple):
    """A time from its first sample to one past its last."""

    start: Samples
    end: Samples


Stretches: TypeAlias = "tuple[Stretch, ...]"
"""In order, without touching each other."""


def audible(
    changes: Iterable[VoiceStarted | VoiceStopped], end: Samples
) -> Mapping[tuple[str, str], Stretches]:
    """Where each agent's tracks were audible: (agent, track) to its stretches.

    Args:
        changes: in the order of the log.
        end: where a track that did not fall silent ends.
    """
    since: dict[tuple[str, str], Samples] = {}
    found: dict[tuple[str, str], list[Stretch]] = {}
    for change in changes:
        track = (change.agent, change.track)
        if isinstance(change, VoiceStarted):
            since.setdefault(track, change.pts)
        elif track in since:
            found.setdefault(track, []).append(Stretch(since.pop(track), change.pts))
    for track, start in since.items():
        found.setdefault(track, []).append(Stretch(start, end))
    return {track: union(stretches) for track, stretches in found.items()}


def union(*lists: Iterable[Stretch]) -> Stretches:
    """The time that is in any of them."""
    joined: list[Stretch] = []
    for stretch in sorted(stretch for stretches in lists for stretch in stretches):
        if stretch.end <= stretch.start:
            continue
        if joined and stretch.start <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return tuple(joined)


def intersection(these: Sequence[Stretch], those: Sequence[Stretch]) -> Stretches:
    """The time that is in both."""
    shared = (
        Stretch(max(this.start, that.start), min(this.end, that.end))
        for this in these
        for that in those
    )
    return union(shared)


def total(stretches: Iterable[Stretch]) -> Samples:
    """How long they are together."""
    return sum(stretch.end - stretch.start for stretch in stretches)
