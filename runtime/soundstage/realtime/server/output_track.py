"""Audio that is played on a track: the server knows what was heard of it."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from soundstage.realtime.protocol.server_events import (
    ConversationItemTruncated,
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
)
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.realtime.server.conversation import Conversation, Entry
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.output_items import OutputMessage
    from soundstage.realtime.server.response_settings import ResponseSettings


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
            clip.append(pcm)

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        for clip in self._of(response):
            clip.complete = True

    def take(self) -> tuple[bytes, list[PlayoutChange]]:
        """The next frame, `SILENCE` itself when there is none, and what changed with it."""
        if not self._clips:
            return SILENCE, []
        changes: list[PlayoutChange] = []
        # A response may end without a single frame of its own, and the next one plays in this
        # tick.
        while self._clips and self._clips[0].over:
            ended = self._clips.popleft()
            changes += ended.stop()
        if not self._clips or not self._clips[0].playable:
            return SILENCE, changes
        clip = self._clips[0]
        # Its first frame, not its first sample made: clients measure latency by this event.
        if not clip.played:
            changes.append(PlayoutStarted(clip.response))
        return clip.take(), changes

    def foresee(self, most: int) -> list[bytes]:
        """The next frames, as many as `take` will give without a change; this changes nothing."""
        if not self._clips:
            return [SILENCE] * most
        return self._clips[0].foresee(most)

    def skip(self, ticks: int) -> None:
        """So many frames have been played that were foreseen."""
        if self._clips:
            self._clips[0].skip(ticks)

    def cut(self, *, out_of_band: bool) -> list[PlayoutChange]:
        """Drop what is queued, what still comes of it included.

        Args:
            out_of_band: whether responses out of band are dropped, too.

        Returns:
            For each of them how it ended: one that was played to its last sample has stopped,
            any other one is cut.
        """
        spared = [] if out_of_band else [clip for clip in self._clips if clip.item is None]
        changes: list[PlayoutChange] = []
        for clip in self._clips:
            if clip not in spared:
                # All of it was heard, only its end had not been told: that is no cut.
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
        self.played: Samples = 0
        self.complete = False
        # Cut once: who looks ahead is given the same frames again and again.
        self._frames: deque[bytes] = deque()
        self._rest = b""

    @property
    def over(self) -> bool:
        return self.complete and not self._frames and not self._rest

    @property
    def playable(self) -> bool:
        return bool(self._frames) or (self.complete and bool(self._rest))

    def append(self, pcm: bytes) -> None:
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        self._frames += [pcm[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES)]
        self._rest = pcm[whole:]

    def take(self) -> bytes:
        if self._frames:
            self.played += FRAME_SAMPLES
            return self._frames.popleft()
        # The track wants whole frames; only the last one of a response is short.
        frame, self._rest = self._rest, b""
        self.played += len(frame) // SAMPLE_BYTES
        return frame.ljust(FRAME_BYTES, b"\0")

    def foresee(self, most: int) -> list[bytes]:
        if not self.playable:
            # Its end is told; until more of it is made, there is silence.
            return [] if self.complete else [SILENCE] * most
        if not self.played:
            return []
        return list(islice(self._frames, most))

    def skip(self, ticks: int) -> None:
        if self.playable:
            for _ in range(ticks):
                self._frames.popleft()
            self.played += ticks * FRAME_SAMPLES

    def stop(self) -> list[PlayoutChange]:
        # What never started is not told to have stopped.
        return [PlayoutStopped(self.response)] if self.played else []

    def cut(self) -> list[PlayoutChange]:
        audible = self.played > 0
        return [PlayoutCut(self.response, self.item, self.played, audible)]


class TrackOutput:
    """Plays one response after the other, a frame a tick, and tells what becomes of them.

    Args:
        conversation: whose items are cut to what was heard.
        events: tells the client.
    """

    def __init__(self, conversation: Conversation, events: ServerOutbox) -> None:
        self._conversation = conversation
        self._events = events
        self._buffer = OutputBuffer()
        self._entries: dict[str, Entry] = {}
        self._unheard: set[str] = set()

    def is_busy(self, now: Samples) -> bool:
        """Whether any audio is queued, or expected."""
        del now
        return self._buffer.playing

    def open(self, response: str, message: OutputMessage, settings: ResponseSettings) -> None:
        """Expect audio of a response, behind all that is queued."""
        self._buffer.open(response, None if settings.out_of_band else message.entry.ident)
        self._entries[response] = message.entry

    def append(self, response: str, pcm: bytes, now: Samples) -> None:
        """Queue audio of a response."""
        del now
        self._entries[response].lengthen(len(pcm) // SAMPLE_BYTES)
        self._buffer.append(response, pcm)

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        self._buffer.close(response)
        if response in self._entries:
            # One tick more, so that `output_audio_buffer.started` comes before `response.done`.
            self._unheard.add(response)

    def holds(self, response: str) -> bool:
        """Whether it has not had its chance to be heard to begin, which is told first."""
        return response in self._unheard

    def end(self, response: str) -> None:
        """What is buffered of a response plays on."""
        self._buffer.close(response)
        self._entries.pop(response, None)
        self._unheard.discard(response)

    def interrupt(self) -> None:
        """Play nothing more that belongs to the conversation."""
        self._tell(self._buffer.cut(out_of_band=False))

    def clear(self) -> None:
        """Play nothing more of what is buffered or still comes."""
        self._tell(self._buffer.cut(out_of_band=True))

    def tick(self, now: Samples) -> bytes:
        """The next frame to play."""
        del now
        frame, changes = self._buffer.take()
        if changes:
            self._tell(changes)
        if self._unheard:
            self._unheard.clear()
        return frame

    def foresee(self, most: int) -> list[bytes]:
        """The frames of the next ticks, as long as there is nothing to tell."""
        return self._buffer.foresee(most)

    def skip(self, ticks: int) -> None:
        """So many ticks have passed whose frames were foreseen."""
        self._buffer.skip(ticks)
        self._unheard.clear()

    def _tell(self, changes: Sequence[PlayoutChange]) -> None:
        for change in changes:
            match change:
                case PlayoutStarted():
                    self._events.send(OutputAudioBufferStarted(response_id=change.response))
                case PlayoutStopped():
                    self._events.send(OutputAudioBufferStopped(response_id=change.response))
                case PlayoutCut():
                    self._tell_cut(change)

    def _tell_cut(self, cut: PlayoutCut) -> None:
        # A client that never heard it begin has nothing to clear.
        if cut.audible:
            self._events.send(OutputAudioBufferCleared(response_id=cut.response))
        # It may have been deleted while it was played.
        entry = None if cut.item is None else self._conversation.find(cut.item)
        if entry is not None:
            self._conversation.cut(entry, cut.played)
            self._events.send(
                ConversationItemTruncated(
                    item_id=entry.ident, content_index=0, audio_end_ms=ms_of(entry.cut or 0)
                )
            )
