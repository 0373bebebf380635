"""The recorder: writes down what is said, heard and happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from soundstage.kernel import Actor, Limits, handles
from soundstage.messages import Entry, Mixed, MixedBlock
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND, Samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.kernel import Address
    from soundstage.messages.events import Event

RECORDER_LIMITS = Limits(bounded={Mixed: 10 * FRAMES_PER_SECOND})
"""A disk may stall for ten seconds before audio is lost."""


class Archive(Protocol):
    """Where the recorder writes."""

    def frame(self, pts: Samples, said: Mapping[str, bytes], heard: Mapping[str, bytes]) -> None:
        """Keep one tick's frames by agent."""
        ...

    def frames(
        self,
        pts: Samples,
        ticks: int,
        said: Mapping[str, Sequence[bytes]],
        heard: Mapping[str, Sequence[bytes]],
    ) -> None:
        """Keep the frames of several ticks by agent; an agent that is missing was silent."""
        ...

    def event(self, event: Event) -> None:
        """Keep one event."""
        ...

    def finish(self, end_pts: Samples) -> None:
        """Make every recording whole; all tracks end at `end_pts`."""
        ...


class Recorder(Actor):
    """Hands everything to the archive, and what happens to the display too.

    Args:
        archive: where it is written.
        display: is told every event, if there is one.
        monitor: is told every tick's sound, if there is one.
    """

    def __init__(
        self, archive: Archive, display: Address | None = None, monitor: Address | None = None
    ) -> None:
        super().__init__()
        self._archive = archive
        self._display = display
        self._monitor = monitor
        self._end: Samples = 0

    @handles(Mixed)
    def keep_sound(self, mixed: Mixed) -> None:
        """Write one tick."""
        # The files come first: a display or a speaker may be slow, and neither is judged.
        self._archive.frame(mixed.pts, mixed.said, mixed.heard)
        self._end = mixed.pts + FRAME_SAMPLES
        if self._monitor is not None:
            self._monitor.tell(mixed)

    @handles(MixedBlock)
    def keep_block(self, mixed: MixedBlock) -> None:
        """Write several ticks."""
        self._archive.frames(mixed.pts, mixed.ticks, mixed.said, mixed.heard)
        self._end = mixed.pts + mixed.ticks * FRAME_SAMPLES
        if self._monitor is not None:
            for tick in range(mixed.ticks):
                said = {name: frames[tick] for name, frames in mixed.said.items()}
                heard = {name: frames[tick] for name, frames in mixed.heard.items()}
                self._monitor.tell(Mixed(mixed.pts + tick * FRAME_SAMPLES, said, heard))

    @handles(Entry)
    def keep_event(self, entry: Entry) -> None:
        """Write one event."""
        self._archive.event(entry.event)
        if self._display is not None:
            self._display.tell(entry)

    def closed(self) -> None:
        """Whatever the reason for the end, the recordings are made whole.

        The log stays open: its last line is the run's outcome, which is not known yet.
        """
        self._archive.finish(self._end)
