"""What a server session says: its responses, one in the conversation, others out of band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.server_events import RateLimitsUpdated
from soundstage.realtime.server.response import ServerResponse
from soundstage.realtime.server.session_config import voice_fault
from soundstage.realtime.server.usage import RateLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.server.conversation import Conversation, Entry
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.output_items import OutputMessage
    from soundstage.realtime.server.response import Pacing
    from soundstage.realtime.server.response_settings import ResponseSettings
    from soundstage.realtime.session_jobs import JobQueue, Reply
    from soundstage.realtime.spoken_text import SpokenWord
    from soundstage.units import Samples


class AudioOutput(Protocol):
    """Takes the audio of responses and lets the client have it, at its own pace."""

    def busy(self, now: Samples) -> bool:
        """Whether anything is still to be heard, as far as the server can know."""
        ...

    def open(self, response: str, message: OutputMessage, settings: ResponseSettings) -> None:
        """Expect audio of a response."""
        ...

    def append(self, response: str, pcm: bytes, now: Samples) -> None:
        """Add audio of a response; ignored when it has been cut."""
        ...

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        ...

    def holds(self, response: str) -> bool:
        """Whether a response must not be told to be done yet, because of its audio."""
        ...

    def end(self, response: str) -> None:
        """A response is over, perhaps before all of its audio was there."""
        ...

    def interrupt(self) -> None:
        """The caller speaks: play nothing more that belongs to the conversation."""
        ...

    def clear(self) -> None:
        """Play nothing more of anything.

        Raises:
            ClientFault: it is the client that plays.
        """
        ...

    def tick(self, now: Samples) -> bytes:
        """Twenty milliseconds have passed; the frame to play, `SILENCE` itself where none is."""
        ...


MOST_AT_ONCE: Final = 16
"""Responses that are made at the same time."""


class ServerResponses:
    """The responses of a session, and the playing of their audio.

    Args:
        output: where their audio goes.
        conversation: the session's.
        events: tells the client.
        jobs: what is to be done.
        ids: for responses and their items.
        pacing: how fast their words are told.

    Attributes:
        now: the time; to be set before anything else is asked.
    """

    def __init__(
        self,
        output: AudioOutput,
        conversation: Conversation,
        events: ServerOutbox,
        jobs: JobQueue,
        ids: Ids,
        pacing: Pacing,
    ) -> None:
        self._output = output
        self._conversation = conversation
        self._events = events
        self._jobs = jobs
        self._ids = ids
        self._active: dict[str, ServerResponse] = {}
        self._rate = RateLimit()
        self._voice: Any = None
        self._pacing = pacing
        self._ticked: Samples = 0
        self.now: Samples = 0

    @property
    def busy(self) -> bool:
        """Whether anything is being made or heard."""
        return bool(self._active) or self._output.busy(self.now)

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
        if not settings.out_of_band and running is not None:
            raise ClientFault(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {running.ident}. "
                "Wait until the response is finished before creating a new one.",
            )
        if len(self._active) >= MOST_AT_ONCE:
            message = f"Not more than {MOST_AT_ONCE} responses can be in progress at once."
            raise ClientFault("rate_limit_exceeded", message)
        other_voice = settings.has_own_voice and settings.voice != self._voice
        if other_voice and not settings.out_of_band and self._conversation.has_spoken:
            raise voice_fault("response")
        reply = ServerResponse(
            settings, self._conversation, context, self._events, self._ids, self._pacing
        )
        self._active[reply.ident] = reply

    def resume(self) -> None:
        """Compose the responses that know by now everything they answer."""
        for reply in self._active.values():
            if reply.waits and reply.knows_enough:
                self._jobs.post(reply.compose(self._jobs.name()))

    def composing(self, job: str, text: str) -> None:
        """The next words of a response that is still being composed."""
        reply = self._of(job)
        if reply is not None:
            reply.say(text)
            self._speak_on(reply)
            if reply.tokens.exhausted:
                self._go_on(reply)

    def composed(self, job: str, answer: Reply) -> None:
        """What a response says, or still says, and which tools it calls."""
        reply = self._of(job)
        if reply is None:
            return
        reply.answer(answer)
        self._speak_on(reply)
        if reply.voiced:
            self._output.close(reply.ident)
        if not reply.speaks or reply.tokens.exhausted:
            self._go_on(reply)

    def spoken(self, job: str, pcm: bytes, words: Sequence[SpokenWord], text: str) -> None:
        """A part of a response's audio."""
        reply = self._of(job)
        if reply is None or reply.message is None:
            return
        allowed = reply.speak(pcm, words, text)
        if not reply.settings.out_of_band:
            self._voice = reply.settings.voice
        self._output.append(reply.ident, allowed, self.now)
        if reply.tokens.exhausted:
            self._output.close(reply.ident)
            self._go_on(reply)

    def spoken_all(self, job: str) -> None:
        """The audio of what was given to be spoken is all there."""
        reply = self._of(job)
        if reply is None:
            return
        reply.spoke()
        self._speak_on(reply)
        if reply.voiced:
            self._output.close(reply.ident)
            self._go_on(reply)

    def failed(self, job: str, message: str, code: str) -> None:
        """A response could not be composed or spoken."""
        reply = self._of(job)
        if reply is not None:
            reply.forget(job)
            message = message or "The server had an error."
            self._finish(reply, "failed", message=message, code=code)

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
        self._output.interrupt()

    def clear(self) -> None:
        """Play nothing more of what is buffered or still comes.

        Raises:
            ClientFault: it is the client that plays.
        """
        self._output.clear()

    def tick(self) -> bytes:
        """The next frame to play, `SILENCE` itself when there is none."""
        replies = list(self._active.values())
        elapsed, self._ticked = self.now - self._ticked, self.now
        for reply in replies:
            reply.tick(elapsed)
        frame = self._output.tick(self.now)
        for reply in replies:
            self._go_on(reply)
        return frame

    def _default(self) -> ServerResponse | None:
        replies = self._active.values()
        return next((reply for reply in replies if not reply.settings.out_of_band), None)

    def _of(self, job: str) -> ServerResponse | None:
        return next((reply for reply in self._active.values() if reply.waits_for(job)), None)

    def _speak_on(self, reply: ServerResponse) -> None:
        if reply.tokens.exhausted:
            return
        begins = not reply.speaks
        job = reply.next_speech(self._jobs.name)
        if job is None or reply.message is None:
            return
        if begins:
            self._output.open(reply.ident, reply.message, reply.settings)
        self._jobs.post(job)

    def _go_on(self, reply: ServerResponse) -> None:
        if self._output.holds(reply.ident):
            return
        reply.go_on()
        if reply.over:
            self._forget(reply)

    def _finish(self, reply: ServerResponse, status: str, **why: str) -> None:
        reply.finish(status, **why)
        self._forget(reply)

    def _forget(self, reply: ServerResponse) -> None:
        for job in reply.jobs:
            self._jobs.abandon(job)
        self._output.end(reply.ident)
        limits = self._rate.spend(reply.tokens_used, self.now)
        self._events.send(RateLimitsUpdated(rate_limits=limits))
        del self._active[reply.ident]
