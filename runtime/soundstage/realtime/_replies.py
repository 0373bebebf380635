"""What a server session says: its responses, one in the conversation and others beside it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import ClientFault
from soundstage.realtime._jobs import Speak
from soundstage.realtime._output_buffer import (
    OutputBuffer,
    PlayoutChange,
    PlayoutCut,
    PlayoutStarted,
    PlayoutStopped,
)
from soundstage.realtime._reply import ReplyInProgress
from soundstage.realtime._server_events import (
    ConversationItemTruncated,
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
    OutputAudioDelta,
    RateLimitsUpdated,
)
from soundstage.realtime._session_config import voice_fault
from soundstage.realtime._tokens import RateLimit
from soundstage.units import SAMPLE_BYTES, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.realtime._conversation import Conversation, Entry
    from soundstage.realtime._event_queue import EventQueue
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._jobs import JobBoard, Reply
    from soundstage.realtime._response_settings import ResponseSettings
    from soundstage.realtime._session_config import Transport
    from soundstage.realtime._spoken_text import SpokenWord

MOST_AT_ONCE: Final = 16
"""Responses that are made at the same time."""

DELTA_BYTES: Final = 12_000
"""Audio in one `response.output_audio.delta`, 16 KB in base64."""


class Replies:
    """The responses of a session, and the playing of their audio.

    Args:
        transport: `webrtc` plays the audio a frame a tick and knows what was heard of it;
            `websocket` sends it in events as it is made.
        conversation: the session's.
        events: tells the client.
        jobs: what is to be done.
        ids: for responses and their items.

    Attributes:
        now: the time; to be set before anything else is asked.
    """

    def __init__(
        self,
        transport: Transport,
        conversation: Conversation,
        events: EventQueue,
        jobs: JobBoard,
        ids: Ids,
    ) -> None:
        self._paced = transport == "webrtc"
        self._conversation = conversation
        self._events = events
        self._jobs = jobs
        self._ids = ids
        self._output = OutputBuffer()
        self._active: dict[str, ReplyInProgress] = {}
        self._rate = RateLimit()
        self._voice: Any = None
        self._heard_until: Samples = 0
        self.now: Samples = 0

    @property
    def busy(self) -> bool:
        """Whether anything is being made or heard."""
        return bool(self._active) or self._output.playing or self.now < self._heard_until

    def create(self, settings: ResponseSettings, context: tuple[Entry, ...] | None = None) -> None:
        """Begin a response; `resume` sets it going.

        Args:
            settings: what it is made with.
            context: the items that are all it knows; None where it knows the conversation.

        Raises:
            ClientFault: one is being made in the conversation already, too many are being made,
                or it would change the voice.
        """
        running = self._default()
        if not settings.beside and running is not None:
            raise ClientFault(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {running.ident}. "
                "Wait until the response is finished before creating a new one.",
            )
        if len(self._active) >= MOST_AT_ONCE:
            message = f"Not more than {MOST_AT_ONCE} responses can be in progress at once."
            raise ClientFault("rate_limit_exceeded", message)
        other_voice = settings.has_own_voice and settings.voice != self._voice
        if other_voice and not settings.beside and self._conversation.has_spoken:
            raise voice_fault("response")
        reply = ReplyInProgress(settings, self._conversation, context, self._events, self._ids)
        self._active[reply.ident] = reply

    def resume(self) -> None:
        """Compose the responses that know by now everything they answer."""
        for reply in self._active.values():
            if reply.waits and reply.knows_enough:
                self._jobs.post(reply.compose(self._jobs.name()))

    def composed(self, job: str, answer: Reply) -> None:
        """What a response says, and which tools it calls."""
        reply = self._of(job)
        if reply is None:
            return
        text = reply.answer(answer, paced=self._paced)
        if text and not reply.tokens.exhausted:
            self._begin_to_speak(reply, text)
        else:
            self._go_on(reply)

    def spoken(self, job: str, pcm: bytes, words: Sequence[SpokenWord], text: str) -> None:
        """A part of a response's audio."""
        reply = self._of(job)
        if reply is None or reply.message is None:
            return
        allowed = reply.speak(pcm, words, text)
        if not reply.settings.beside:
            self._voice = reply.settings.voice
        if self._paced:
            self._output.append(reply.ident, allowed)
        else:
            self._send_audio(reply.message.place, allowed)
        if reply.tokens.exhausted:
            self._go_on(reply)

    def spoken_all(self, job: str) -> None:
        """A response's audio is all there."""
        reply = self._of(job)
        if reply is None:
            return
        reply.speak_no_more()
        self._output.close(reply.ident)
        # A response that is played must be heard to begin before it is told to be done.
        if not self._paced:
            self._go_on(reply)

    def failed(self, job: str, message: str) -> None:
        """A response could not be composed or spoken."""
        reply = self._of(job)
        if reply is not None:
            reply.job = None
            self._finish(reply, "failed", message=message or "The server had an error.")

    def cancel(self, ident: str | None) -> None:
        """Stop making a response, by default that of the conversation; what is buffered plays on.

        Raises:
            ClientFault: none is being made.
        """
        reply = self._default() if ident is None else self._active.get(ident)
        if reply is None:
            message = "Cancellation failed: no active response found"
            raise ClientFault("response_cancel_not_active", message)
        self._finish(reply, "cancelled", reason="client_cancelled")

    def interrupt(self) -> None:
        """The caller speaks: stop making and playing what belongs to the conversation."""
        reply = self._default()
        if reply is not None:
            self._finish(reply, "cancelled", reason="turn_detected")
        self._tell(self._output.cut(beside=False))

    def clear(self) -> None:
        """Play nothing more of what is buffered or still comes."""
        self._tell(self._output.cut(beside=True))

    def tick(self) -> bytes:
        """The next frame to play, `SILENCE` itself when there is none."""
        replies = list(self._active.values())
        for reply in replies:
            if reply.message is not None:
                reply.message.write(1)
        frame, changes = self._output.take()
        self._tell(changes)
        for reply in replies:
            self._go_on(reply)
        return frame

    def _default(self) -> ReplyInProgress | None:
        replies = self._active.values()
        return next((reply for reply in replies if not reply.settings.beside), None)

    def _of(self, job: str) -> ReplyInProgress | None:
        return next((reply for reply in self._active.values() if reply.job == job), None)

    def _begin_to_speak(self, reply: ReplyInProgress, text: str) -> None:
        settings, message = reply.settings, reply.message
        if message is not None and self._paced:
            self._output.open(reply.ident, None if settings.beside else message.entry.ident)
        reply.job = self._jobs.name()
        speak = Speak(reply.job, reply.ident, text, settings.voice_name, settings.speed)
        self._jobs.post(speak)

    def _send_audio(self, place: dict[str, Any], pcm: bytes) -> None:
        for at in range(0, len(pcm), DELTA_BYTES):
            delta = base64.b64encode(pcm[at : at + DELTA_BYTES]).decode()
            self._events.send(OutputAudioDelta(**place, delta=delta))
        self._heard_until = max(self._heard_until, self.now) + len(pcm) // SAMPLE_BYTES

    def _go_on(self, reply: ReplyInProgress) -> None:
        reply.go_on()
        if reply.over:
            self._forget(reply)

    def _finish(self, reply: ReplyInProgress, status: str, **why: str) -> None:
        reply.finish(status, **why)
        self._forget(reply)

    def _forget(self, reply: ReplyInProgress) -> None:
        if reply.job is not None:
            self._jobs.abandon(reply.job)
        self._output.close(reply.ident)
        limits = self._rate.spend(reply.tokens_used, self.now)
        self._events.send(RateLimitsUpdated(rate_limits=limits))
        del self._active[reply.ident]

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
