"""When each track becomes audible and falls silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import AudibleMeter
from soundstage.messages.events import VoiceStarted, VoiceStopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from soundstage.units import Samples


class Voices:
    """A meter for what each agent says and one for what each listener hears."""

    def __init__(self, hears: Mapping[str, Sequence[str]]) -> None:
        speakers = dict.fromkeys(name for names in hears.values() for name in names)
        self._said = {name: AudibleMeter() for name in speakers}
        self._heard = {name: AudibleMeter() for name in hears}
        self._on: set[str] = set()

    def is_on(self, agent: str) -> bool:
        """Whether the agent's own track is audible."""
        return agent in self._on

    def push(
        self, pts: Samples, said: Mapping[str, bytes], heard: Mapping[str, bytes]
    ) -> Iterator[VoiceStarted | VoiceStopped]:
        """Measure one tick; yields what changed."""
        for name, meter in self._said.items():
            for change in meter.push(said[name], pts):
                if change.on:
                    self._on.add(name)
                else:
                    self._on.discard(name)
                yield _event(name, "said", on=change.on, pts=change.pts)
        for name, meter in self._heard.items():
            for change in meter.push(heard[name], pts):
                yield _event(name, "heard", on=change.on, pts=change.pts)

    def flush(self, pts: Samples) -> Iterator[VoiceStarted | VoiceStopped]:
        """End every voice that is still on."""
        for track, meters in (("said", self._said), ("heard", self._heard)):
            for name, meter in meters.items():
                for change in meter.flush(pts):
                    yield _event(name, track, on=change.on, pts=change.pts)


def _event(agent: str, track: str, *, on: bool, pts: Samples) -> VoiceStarted | VoiceStopped:
    made = VoiceStarted if on else VoiceStopped
    return made(pts=pts, agent=agent, track=track)
