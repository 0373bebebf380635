"""Audio that is played on a track: the server knows what was heard of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.realtime._output_buffer import (
    OutputBuffer,
    PlayoutChange,
    PlayoutCut,
    PlayoutStarted,
    PlayoutStopped,
)
from soundstage.realtime.protocol.server_events import (
    ConversationItemTruncated,
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
)
from soundstage.units import SAMPLE_BYTES, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.realtime._conversation import Conversation, Entry
    from soundstage.realtime._event_queue import EventQueue
    from soundstage.realtime._output_items import OutputMessage
    from soundstage.realtime._response_settings import ResponseSettings


class TrackOutlet:
    """Plays one response after the other, a frame a tick, and tells what becomes of them.

    Args:
        conversation: whose items are cut to what was heard.
        events: tells the client.
    """

    def __init__(self, conversation: Conversation, events: EventQueue) -> None:
        self._conversation = conversation
        self._events = events
        self._buffer = OutputBuffer()
        self._entries: dict[str, Entry] = {}
        self._unheard: set[str] = set()

    def busy(self, now: Samples) -> bool:
        """Whether any audio is queued, or expected."""
        del now
        return self._buffer.playing

    def open(self, response: str, message: OutputMessage, settings: ResponseSettings) -> None:
        """Expect audio of a response, behind all that is queued."""
        self._buffer.open(response, None if settings.beside else message.entry.ident)
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
        self._tell(self._buffer.cut(beside=False))

    def clear(self) -> None:
        """Play nothing more of what is buffered or still comes."""
        self._tell(self._buffer.cut(beside=True))

    def tick(self, now: Samples) -> bytes:
        """The next frame to play."""
        del now
        frame, changes = self._buffer.take()
        self._tell(changes)
        self._unheard.clear()
        return frame

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
        if cut.audible:
            self._events.send(OutputAudioBufferCleared(response_id=cut.response))
        entry = None if cut.item is None else self._conversation.find(cut.item)
        if entry is not None:
            self._conversation.cut(entry, cut.played)
            self._events.send(
                ConversationItemTruncated(
                    item_id=entry.ident, content_index=0, audio_end_ms=ms_of(entry.cut or 0)
                )
            )
