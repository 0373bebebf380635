"""When each track becomes audible and falls silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import AudibleMeters
from soundstage.messages.events import VoiceStarted, VoiceStopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soundstage.audio import Change
    from soundstage.mixing.foreseen_mix import ForeseenMix
    from soundstage.mixing.mix_bus import Mixes
    from soundstage.units import Samples


class ActivityMeter:
    """Meters for what each member says and for what each hears.

    Args:
        members: in the order of their frames.
    """

    def __init__(self, members: Sequence[str]) -> None:
        self._tracks = [
            *((name, "said") for name in members),
            *((name, "heard") for name in members),
        ]
        # One meter for all tracks: it measures them in one call of numpy.
        self._meters = AudibleMeters(len(self._tracks))

    def push(
        self, pts: Samples, said: Sequence[bytes], mixes: Mixes
    ) -> Iterator[VoiceStarted | VoiceStopped]:
        """Measure one tick; yields what changed."""
        changes = self._meters.push(pts, [*said, *mixes.heard], mixes.peaks)
        return self._events(changes) if changes else iter(())

    def unchanged(self, mix: ForeseenMix) -> int:
        """In how many of these ticks surely no voice starts or stops; this changes nothing."""
        return self._meters.unchanged([*mix.said_peaks, *mix.heard_peaks], mix.ticks)

    def push_block(self, pts: Samples, mix: ForeseenMix, ticks: int) -> None:
        """Measure so many ticks of it, in which no voice starts or stops."""
        tracks = [*mix.said, *(block.frames for block in mix.heard)]
        self._meters.push_block(pts, tracks, [*mix.said_peaks, *mix.heard_peaks], ticks)

    def flush(self, pts: Samples) -> Iterator[VoiceStarted | VoiceStopped]:
        """End every voice that is still on."""
        return self._events(self._meters.flush(pts))

    def _events(self, changes: Iterable[Change]) -> Iterator[VoiceStarted | VoiceStopped]:
        for change in changes:
            made = VoiceStarted if change.on else VoiceStopped
            agent, track = self._tracks[change.track]
            yield made(pts=change.pts, agent=agent, track=track)
