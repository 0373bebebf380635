"""Output audio on its way to the caller, paced one frame a tick, counting what was played."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

from msgspec import Struct

from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, Samples


class PlayoutStarted(Struct, frozen=True):
    """The first frame of a response has left."""

    response: str


class PlayoutStopped(Struct, frozen=True):
    """The last frame of a response has been played."""

    response: str


class PlayoutCut(Struct, frozen=True):
    """The rest of a response will not be played.

    Attributes:
        response: which one.
        item: the conversation item whose audio it was; None out of band.
        played: samples of it that were played.
        audible: whether `PlayoutStarted` was told.
    """

    response: str
    item: str | None
    played: Samples
    audible: bool


PlayoutChange: TypeAlias = PlayoutStarted | PlayoutStopped | PlayoutCut


class OutputBuffer:
    """The queue of responses that play one after the other.

    A response's audio may still be arriving while it plays; when none has come in time the caller
    hears silence, which does not count as played.
    """

    def __init__(self) -> None:
        self._clips: deque[_Clip] = deque()

    @property
    def playing(self) -> bool:
        """Whether any audio is queued, or expected."""
        return bool(self._clips)

    def open(self, response: str, item: str | None) -> None:
        """Expect audio of a response, behind all that is queued.

        Args:
            response: its id.
            item: the conversation item that it makes; None out of band.
        """
        self._clips.append(_Clip(response, item))

    def append(self, response: str, pcm: bytes) -> None:
        """Add audio of a response; ignored when it has been cut."""
        for clip in self._of(response):
            clip.pcm += pcm

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        for clip in self._of(response):
            clip.complete = True

    def take(self) -> tuple[bytes, list[PlayoutChange]]:
        """The next frame, `SILENCE` itself when there is none, and what changed with it."""
        changes: list[PlayoutChange] = []
        while self._clips and self._clips[0].over:
            ended = self._clips.popleft()
            changes += ended.stop()
        if not self._clips or not self._clips[0].playable:
            return SILENCE, changes
        clip = self._clips[0]
        if not clip.played:
            changes.append(PlayoutStarted(clip.response))
        return clip.take(), changes

    def cut(self, *, beside: bool) -> list[PlayoutChange]:
        """Drop what is queued, what still comes of it included.

        Args:
            beside: whether responses out of band are dropped, too.

        Returns:
            For each of them how it ended: one that was played to its last sample has stopped,
            any other one is cut.
        """
        spared = [] if beside else [clip for clip in self._clips if clip.item is None]
        changes: list[PlayoutChange] = []
        for clip in self._clips:
            if clip not in spared:
                changes += clip.stop() if clip.over else clip.cut()
        self._clips = deque(spared)
        return changes

    def _of(self, response: str) -> list[_Clip]:
        return [clip for clip in self._clips if clip.response == response]


class _Clip:
    """The audio of one response that has not been played, and how much of it was."""

    def __init__(self, response: str, item: str | None) -> None:
        self.response = response
        self.item = item
        self.pcm = bytearray()
        self.played: Samples = 0
        self.complete = False

    @property
    def over(self) -> bool:
        return self.complete and not self.pcm

    @property
    def playable(self) -> bool:
        return len(self.pcm) >= FRAME_BYTES or (self.complete and bool(self.pcm))

    def take(self) -> bytes:
        frame = bytes(self.pcm[:FRAME_BYTES])
        del self.pcm[:FRAME_BYTES]
        self.played += min(FRAME_SAMPLES, len(frame) // SAMPLE_BYTES)
        return frame.ljust(FRAME_BYTES, b"\0")

    def stop(self) -> list[PlayoutChange]:
        return [PlayoutStopped(self.response)] if self.played else []

    def cut(self) -> list[PlayoutChange]:
        audible = self.played > 0
        return [PlayoutCut(self.response, self.item, self.played, audible)]
