"""The frames of each tick as they come in, and the mix of each listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import mix
from soundstage.units import FRAME_SAMPLES, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.messages import Frame


class Board:
    """Collects the members' frames by tick; holds no audio that has been mixed.

    Args:
        hears: listener to the speakers it hears; everyone named is a member.

    Attributes:
        next_pts: the tick that is mixed next.
        missing: member to ticks for which no frame came in time.
        late: member to frames that came after their tick was mixed, or were stale.
    """

    def __init__(self, hears: Mapping[str, Sequence[str]]) -> None:
        self._hears = {listener: tuple(speakers) for listener, speakers in hears.items()}
        everyone = [*self._hears, *(name for names in self._hears.values() for name in names)]
        self._members = dict.fromkeys(everyone)
        self._present: set[str] = set()
        self._frames: dict[Samples, dict[str, bytes]] = {}
        self._epochs: dict[str, int] = {}
        self.next_pts: Samples = 0
        self.missing: dict[str, int] = {}
        self.late: dict[str, int] = {}

    def join(self, name: str) -> None:
        """The member's frames are waited for from now on."""
        self._present.add(name)

    def leave(self, name: str) -> None:
        """The member's frames are no longer waited for."""
        self._present.discard(name)

    def raise_epoch(self, name: str, epoch: int) -> None:
        """Frames of the member before this epoch are discarded, waiting ones too."""
        if epoch <= self._epochs.get(name, 0):
            return
        self._epochs[name] = epoch
        for frames in self._frames.values():
            if name in frames:
                frames[name] = SILENCE

    def put(self, frame: Frame) -> None:
        """Keep a frame for its tick, unless that has passed or the frame is stale."""
        source = frame.source
        if frame.epoch < self._epochs.get(source, 0) or frame.pts < self.next_pts:
            if source in self._present:
                self.late[source] = self.late.get(source, 0) + 1
            return
        self._frames.setdefault(frame.pts, {})[source] = frame.pcm

    def complete(self) -> Samples | None:
        """The next tick, if every present member's frame for it is there."""
        frames = self._frames.get(self.next_pts)
        if frames is None or not self._present or not self._present <= frames.keys():
            return None
        return self.next_pts

    def overdue(self, until: Samples) -> Samples | None:
        """The next tick, if it is not later than `until`."""
        return self.next_pts if self.next_pts <= until else None

    def pop(self, pts: Samples) -> dict[str, bytes]:
        """The frames of the tick by member, in the order of declaration; missing ones silent."""
        came = self._frames.pop(pts, {})
        self.next_pts = pts + FRAME_SAMPLES
        said: dict[str, bytes] = {}
        for name in self._members:
            pcm = came.get(name)
            if pcm is None:
                if name in self._present:
                    self.missing[name] = self.missing.get(name, 0) + 1
                pcm = SILENCE
            said[name] = pcm
        return said

    def mixes(
        self, said: Mapping[str, bytes], audible: tuple[str, ...]
    ) -> dict[str, tuple[bytes, tuple[str, ...]]]:
        """Listener to its mix and the speakers audible in it, loudest first."""
        mixed: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        for listener, hears in self._hears.items():
            speakers = tuple(name for name in audible if name in hears)
            mixed[listener] = (mix([said[name] for name in speakers]), speakers)
        return mixed

    def listeners_of(self, speaker: str) -> tuple[str, ...]:
        """Who hears the speaker, in the order of declaration."""
        return tuple(name for name, hears in self._hears.items() if speaker in hears)
