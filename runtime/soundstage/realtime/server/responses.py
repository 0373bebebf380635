"""What a server session says: its responses, one in the conversation, others out of band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.server_events import RateLimitsUpdated
from soundstage.realtime.server.response import ResponseState, ServerResponse
from soundstage.realtime.server.session_config import voice_fault
from soundstage.realtime.server.usage import RateLimit
from soundstage.units import FRAME_SAMPLES

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

    def is_busy(self, now: Samples) -> bool:
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

    def foresee(self, most: int) -> list[bytes]:
        """The frames of the next ticks, as long as there is nothing to tell in them."""
        ...

    def skip(self, ticks: int) -> None:
        """So many ticks have passed whose frames were foreseen."""
        ...


MOST_AT_ONCE: Final = 16
"""Responses that are made at the same time."""


class ServerResponses:
    """The responses of a session, and the playing of their audio.

    Results of jobs that belong to no response any more are ignored: it was cut meanwhile.

    Args:
        output: where their audio goes.
        conversation: the session's.
        events: tells the client.
        jobs: what is to be done.
        ids: for responses and their items.
        pacing: how fast their words are told.
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
        self._pacing = pacing
        self._active: dict[str, ServerResponse] = {}
        self._rate = RateLimit()
        self._voice: Any = None
        self._ticked: Samples = 0

    def is_busy(self, now: Samples) -> bool:
        """Whether anything is being made or heard."""
        return bool(self._active) or self._output.is_busy(now)

    def create(self, settings: ResponseSettings, context: tuple[Entry, ...] | None = None) -> None:
        """Begin a response; `resume` sets it going.

        Args:
            settings: what it is made with.
            context: the items that are all it knows; None where it knows the conversation.

        Raises:
            ClientFault: one is being made in the conversation already, too many are being made,
                or it would change the voice.
        """
        running = self._in_conversation()
        # One at a time in the conversation; out of band any number, as none hears the others.
        if not settings.out_of_band and running is not None:
            raise ClientFault(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {running.ident}. "
                "Wait until the response is finished before creating a new one.",
            )
        if len(self._active) >= MOST_AT_ONCE:
            message = f"Not more than {MOST_AT_ONCE} responses can be in progress at once."
            raise ClientFault("rate_limit_exceeded", message)
        # Against what was heard, not against the session: that may have been updated since.
        other_voice = settings.has_own_voice and settings.voice != self._voice
        if other_voice and not settings.out_of_band and self._conversation.has_spoken:
            raise voice_fault("response")
        response = ServerResponse(
            settings, self._conversation, context, self._events, self._ids, self._pacing
        )
        self._active[response.ident] = response

    def resume(self) -> None:
        """Compose the responses that know by now everything they answer."""
        for response in self._active.values():
            if response.can_compose:
                self._jobs.post(response.compose(self._jobs.name()))

    def composing(self, job: str, text: str, now: Samples) -> None:
        """The next words of a response that is still being composed."""
        response = self._of(job)
        if response is not None:
            response.say(text)
            self._speak_on(response)
            if response.tokens.exhausted:
                self._end_if_delivered(response, now)

    def composed(self, job: str, reply: Reply, now: Samples) -> None:
        """What a response says, or still says, and which tools it calls."""
        response = self._of(job)
        if response is None:
            return
        response.finish_composing(reply)
        self._speak_on(response)
        if response.voiced:
            self._output.close(response.ident)
        # What is spoken ends with its audio, so that it is told to be done when it can be heard.
        if not response.voice.begun or response.tokens.exhausted:
            self._end_if_delivered(response, now)

    def spoken(
        self, job: str, pcm: bytes, words: Sequence[SpokenWord], text: str, now: Samples
    ) -> None:
        """A part of a response's audio."""
        response = self._of(job)
        if response is None:
            return
        allowed = response.add_audio(pcm, words, text)
        if not response.settings.out_of_band:
            # With its first sound: a response that was cut before that has shown no voice.
            self._voice = response.settings.voice
        self._output.append(response.ident, allowed, now)
        if response.tokens.exhausted:
            self._output.close(response.ident)
            self._end_if_delivered(response, now)

    def spoken_all(self, job: str, now: Samples) -> None:
        """The audio of what was given to be spoken is all there."""
        response = self._of(job)
        if response is None:
            return
        response.finish_speech()
        self._speak_on(response)
        if response.voiced:
            self._output.close(response.ident)
            self._end_if_delivered(response, now)

    def failed(self, job: str, message: str, code: str, now: Samples) -> None:
        """A response could not be composed or spoken."""
        response = self._of(job)
        if response is not None:
            response.fail(job, message, code)
            self._forget(response, now)

    def cancel(self, ident: str | None, now: Samples) -> None:
        """Stop making a response, by default that of the conversation; what is buffered plays on.

        Raises:
            ClientFault: none is being made.
        """
        response = self._in_conversation() if ident is None else self._active.get(ident)
        if response is None:
            message = "Cancellation failed: no active response found"
            raise ClientFault("response_cancel_not_active", message)
        self._cancel(response, "client_cancelled", now)

    def interrupt(self, now: Samples) -> None:
        """The caller speaks: stop making and playing what belongs to the conversation."""
        response = self._in_conversation()
        if response is not None:
            # Before its audio is stopped: clients are told why first, and then what they have
            # heard.
            self._cancel(response, "turn_detected", now)
        self._output.interrupt()

    def clear(self) -> None:
        """Play nothing more of what is buffered or still comes.

        Raises:
            ClientFault: it is the client that plays.
        """
        self._output.clear()

    def advance(self, now: Samples) -> bytes:
        """Time has passed; returns the next frame to play, `SILENCE` itself where none is."""
        elapsed, self._ticked = now - self._ticked, now
        if not self._active:
            return self._output.tick(now)
        responses = list(self._active.values())
        for response in responses:
            # All words before any audio: a transcript runs ahead of its voice.
            response.tell(elapsed)
        frame = self._output.tick(now)
        for response in responses:
            self._end_if_delivered(response, now)
        return frame

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames of the next ticks, as long as there is nothing but words to tell in them.

        Args:
            now: the time of the first one.
            most: how many are wanted.
        """
        for response in self._active.values():
            most, _ = response.foresee(now - self._ticked, most)
        return self._output.foresee(most) if most > 0 else []

    def foresee_words(self, now: Samples, most: int) -> list[int]:
        """In which of the next ticks, counted from 0, words are told; as `foresee` is called."""
        told: set[int] = set()
        for response in self._active.values():
            told.update(response.foresee(now - self._ticked, most)[1])
        return sorted(told)

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks have passed, the first one at this time, whose frames were foreseen."""
        last = now + (ticks - 1) * FRAME_SAMPLES
        if self._active:
            for pts in range(now, last + 1, FRAME_SAMPLES):
                elapsed, self._ticked = pts - self._ticked, pts
                for response in self._active.values():
                    response.tell(elapsed)
        self._ticked = last
        self._output.skip(ticks)

    def _in_conversation(self) -> ServerResponse | None:
        responses = self._active.values()
        return next((one for one in responses if not one.settings.out_of_band), None)

    def _of(self, job: str) -> ServerResponse | None:
        return next((one for one in self._active.values() if job in one.jobs), None)

    def _speak_on(self, response: ServerResponse) -> None:
        if response.tokens.exhausted:
            return
        begins = not response.voice.begun
        job = response.next_speech(self._jobs.name)
        if job is None or response.message is None:
            return
        if begins:
            self._output.open(response.ident, response.message, response.settings)
        self._jobs.post(job)

    def _end_if_delivered(self, response: ServerResponse, now: Samples) -> None:
        # Its audio is not out yet, and `response.done` comes after that.
        if self._output.holds(response.ident):
            return
        response.end_if_delivered()
        if response.over:
            self._forget(response, now)

    def _cancel(self, response: ServerResponse, reason: str, now: Samples) -> None:
        response.end(ResponseState.CANCELLED, reason=reason)
        self._forget(response, now)

    def _forget(self, response: ServerResponse, now: Samples) -> None:
        # What is still being made for it would be thrown away.
        for job in response.jobs:
            self._jobs.abandon(job)
        self._output.end(response.ident)
        # After `response.done`, as recorded, whatever way it ended.
        limits = self._rate.spend(response.tokens_used, now)
        self._events.send(RateLimitsUpdated(rate_limits=limits))
        del self._active[response.ident]
