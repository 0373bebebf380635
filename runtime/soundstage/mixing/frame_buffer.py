"""The frames of each tick as they come in, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from msgspec import Struct

from soundstage.messages import Frame
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, FRAMES_PER_SECOND, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


AHEAD: Final[Samples] = FRAMES_PER_SECOND * FRAME_SAMPLES
"""How far ahead of its time a frame may come: a second, as when a busy machine catches up."""

PATIENCE: Final = 10
"""Frames that a member may miss in a row before its frames are not waited for any more."""

GONE_QUIET: Final = FRAMES_PER_SECOND
"""Frames missed in a row that are worth a warning."""


_FIRST: Final[tuple[int, Samples]] = (0, 0)


class FrameCounts(Struct):
    """What became of a member's frames.

    Attributes:
        missing: ticks for which no frame came in time; silence took their place.
        late: frames that came after their tick had been mixed.
        dropped: frames that were stale, came twice, or too far ahead.
        wrong: frames that were not 20 ms of PCM; silence took their place.
    """

    missing: int = 0
    late: int = 0
    dropped: int = 0
    wrong: int = 0


class FrameProblem(Struct, frozen=True):
    """Something that a member does wrong for the first time."""

    member: str
    code: str
    message: str


class FrameBuffer:
    """Collects the members' frames by tick; holds no audio that has been mixed.

    Args:
        members: all that may take part, in the order of their frames.

    Attributes:
        next_pts: the tick that is mixed next.
        counts: by member.
    """

    def __init__(self, members: Sequence[str]) -> None:
        self._members = tuple(members)
        # Whose frames are taken; of those, whose frames a tick waits for; of those, whose frame
        # for the next tick has not come. Kept up to date by each frame: asking is then free.
        self._present: set[str] = set()
        self._waited_for: set[str] = set()
        self._awaited: set[str] = set()
        self._frames: dict[Samples, dict[str, bytes]] = {}
        self._epochs: dict[str, tuple[int, Samples]] = {}
        self._missed: dict[str, int] = {}
        self._problems: dict[tuple[str, str], FrameProblem] = {}
        self._told = 0
        self.next_pts: Samples = 0
        self.counts = {name: FrameCounts() for name in members}

    def join(self, name: str) -> None:
        """The member's frames are taken, and waited for, from now on."""
        self._present.add(name)
        self._missed.pop(name, None)
        self._wait_for(name)

    def leave(self, name: str) -> None:
        """The member's frames are not taken any more; those that came are still mixed."""
        for members in (self._present, self._waited_for, self._awaited):
            members.discard(name)

    def raise_epoch(self, name: str, epoch: int, since: Samples) -> None:
        """The member's frames of older epochs are discarded from a time on, waiting ones too.

        Those before that time had left the member when it was cut: they were said.
        """
        if epoch <= self._epochs.get(name, _FIRST)[0]:
            return
        self._epochs[name] = (epoch, since)
        # Frames that ran ahead wait here, and belong to what was cut.
        for pts, frames in self._frames.items():
            if name in frames and pts >= since:
                frames[name] = SILENCE
                self.counts[name].dropped += 1

    def put(self, frame: Frame) -> None:
        """Keep a frame for its tick, unless that has passed or something is wrong with it.

        Frames come from agents, whose code is the user's: no field is what it should be until it
        has been looked at, and no frame may raise here, or all members would fall silent.
        """
        source, pts, epoch_of_frame = frame.source, frame.pts, frame.epoch
        if not (type(pts) is int and type(epoch_of_frame) is int and type(source) is str):
            self._put_untyped(frame)
            return
        # A frame may still be on its way from an agent that has left.
        if source not in self._present:
            return
        ahead = pts - self.next_pts
        counts = self.counts[source]
        epoch, since = self._epochs.get(source, _FIRST)
        if epoch_of_frame < epoch and pts >= since:
            counts.dropped += 1
        elif ahead % FRAME_SAMPLES or ahead > AHEAD:
            counts.dropped += 1
            self._report(source, "frames_astray", f"a frame for {ahead} samples ahead")
        elif ahead < 0:
            counts.late += 1
        elif source in (frames := self._frames.setdefault(pts, {})):
            counts.dropped += 1
            self._report(source, "frames_twice", "more than one frame for the same 20 ms")
        else:
            pcm = frame.pcm
            is_whole = type(pcm) is bytes and len(pcm) == FRAME_BYTES
            frames[source] = pcm if is_whole else self._refused(pcm, source)
            # It had been silent for long, and sends again.
            if source not in self._waited_for:
                self._wait_for(source)
            if not ahead:
                self._awaited.discard(source)

    def _put_untyped(self, frame: Frame) -> None:
        """Keep a frame whose time is a number of numpy's; refuse one whose time is no number."""
        source = cast("object", frame.source)
        if not isinstance(source, str) or source not in self._present:
            return
        pts, epoch = _whole(frame.pts), _whole(frame.epoch)
        if pts is None or epoch is None:
            self.counts[source].wrong += 1
            self._report(source, "frames_wrong", "the time or the epoch of a frame is no number")
        else:
            self.put(Frame(str(source), pts, frame.pcm, epoch))

    def is_even(self, pts: Samples, sources: Collection[str]) -> bool:
        """Whether this is the next tick, no frame has come, and just these members send theirs."""
        settled = self.next_pts == pts and not (self._frames or self._missed)
        return settled and self._present == self._waited_for == set(sources)

    def skip(self, ticks: int) -> None:
        """So many ticks have been mixed whose frames came as a block."""
        self.next_pts += ticks * FRAME_SAMPLES

    def complete(self) -> Samples | None:
        """The next tick, if the frames of all members that it waits for are there."""
        # Without a member to wait for, each tick would be complete at once, up to the end of time.
        if self._awaited or not self._waited_for:
            return None
        return self.next_pts

    def overdue(self, until: Samples) -> Samples | None:
        """The next tick, if it is not later than `until`."""
        return self.next_pts if self.next_pts <= until else None

    def pop(self) -> list[bytes]:
        """The members' frames of the next tick, in order; missing ones silent."""
        came = self._frames.pop(self.next_pts, {})
        for name in self._present - came.keys():
            self._miss(name)
        if self._missed:
            for name in self._missed.keys() & came.keys():
                del self._missed[name]
        self.next_pts += FRAME_SAMPLES
        self._awaited = self._waited_for - self._frames.get(self.next_pts, {}).keys()
        return [came.get(name, SILENCE) for name in self._members]

    def problems(self) -> list[FrameProblem]:
        """What is new since the last call."""
        if len(self._problems) == self._told:
            return []
        new = list(self._problems.values())[self._told :]
        self._told = len(self._problems)
        return new

    def _wait_for(self, name: str) -> None:
        self._waited_for.add(name)
        if name not in self._frames.get(self.next_pts, {}):
            self._awaited.add(name)

    def _refused(self, pcm: Any, source: str) -> bytes:
        """Silence, in place of a frame that is none."""
        self.counts[source].wrong += 1
        size = f"{len(pcm)} bytes" if isinstance(pcm, bytes) else type(pcm).__name__
        self._report(source, "frames_wrong", f"a frame is {FRAME_BYTES} bytes, not {size}")
        return SILENCE

    def _miss(self, name: str) -> None:
        self.counts[name].missing += 1
        missed = self._missed[name] = self._missed.get(name, 0) + 1
        # A member that has stopped sending must not delay each mix of the others by a tick.
        if missed == PATIENCE:
            self._waited_for.discard(name)
        if missed == GONE_QUIET:
            self._report(name, "frames_missing", "no frame has come from it for one second")

    def _report(self, member: str, code: str, what: str) -> None:
        # The first time only: what goes wrong, goes wrong 50 times a second.
        if (member, code) not in self._problems:
            message = f"{member}: {what}; the others hear silence in its place"
            self._problems[member, code] = FrameProblem(member, code, message)


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | np.integer) else None
