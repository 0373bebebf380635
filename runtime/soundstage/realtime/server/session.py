"""The server's end of a Realtime session, with no I/O and no clock: time is given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import ClientFault
from soundstage.realtime.audio_formats import Coding
from soundstage.realtime.protocol.event_codec import decode_client
from soundstage.realtime.protocol.server_events import SessionCreated
from soundstage.realtime.server.commands import ClientCommands
from soundstage.realtime.server.conversation import Conversation
from soundstage.realtime.server.input_turns import BargeIn, InputTurns, TurnCommitted
from soundstage.realtime.server.outbox import ServerOutbox
from soundstage.realtime.server.output_events import EventOutput
from soundstage.realtime.server.output_track import TrackOutput
from soundstage.realtime.server.response import SERVER_ERROR, Pacing
from soundstage.realtime.server.responses import ServerResponses
from soundstage.realtime.server.session_config import LASTS_SECONDS, SessionConfig
from soundstage.realtime.session_jobs import JobQueue
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from soundstage.realtime.audio_formats import Coders
    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.server.responses import AudioOutput
    from soundstage.realtime.server.session_config import Transport
    from soundstage.realtime.session_jobs import Job, Reply
    from soundstage.realtime.spoken_text import SpokenWord
    from soundstage.units import Samples


LONGEST = samples_of_seconds(LASTS_SECONDS)
"""How long a session lives, unless it is told otherwise."""

USUAL_PACING = Pacing()

_MINUTE: Final = 60


class ServerSession:
    """What a Realtime server does with one client's events and audio.

    Events come out by `outgoing`, work to be done by `jobs`, audio by `advance`. The session's
    owner drains the first two after every call, and calls `advance` every 20 ms.

    Over a WebSocket both ways go through events: what `appended` gives is to be judged and given
    to `hear`, after every `receive`; audio leaves as `response.output_audio.delta`, on `spoken`
    and on `advance`, which then returns `SILENCE`; the client says what was heard. Nothing a
    client sends makes it raise, and results of jobs that are no longer wanted are ignored.

    Args:
        ids: for everything it names.
        model: the model it reports, where it answers.
        session: configuration that came with the call, as in `session.update`; of the type
            `transcription` it makes a session that says nothing.
        transport: how audio travels; over `websocket` it comes in events, not by `advance`.
        unix_time: seconds since 1970 when the session begins, for what it says of its expiry;
            0 where it is not known.
        lasts: how long it lives from when it opens.
        ident: its id, where it follows from something else's, as a call's does.
        coders: for the audio formats of the telephone, which are refused without it.
        pacing: how fast replies are made.
        model_is_fixed: whether an update that names another model is refused, as at the service.
        strict: whether a voice that the service does not have is refused, as there.

    Attributes:
        ahead: what the next frames will be, and mean.
        closed: whether the session has expired; its transport is to be closed.

    Raises:
        ClientFault: the configuration is wrong.
    """

    def __init__(
        self,
        *,
        ids: Ids,
        model: str,
        session: dict[str, Any] | None = None,
        transport: Transport = "webrtc",
        unix_time: int = 0,
        lasts: Samples = LONGEST,
        ident: str | None = None,
        coders: Coders | None = None,
        pacing: Pacing = USUAL_PACING,
        model_is_fixed: bool = True,
        strict: bool = False,
    ) -> None:
        ends = unix_time + math.ceil(seconds_of(lasts))
        # In this order, always: the ids of a simulated run must not change.
        ident = ident or ids.make("sess")
        coding = Coding(coders)
        self._config = SessionConfig(
            ident,
            model,
            transport=transport,
            expires_at=ends,
            coding=coding,
            given=session,
            model_is_fixed=model_is_fixed,
            strict=strict,
        )
        self._events = ServerOutbox(ids)
        self._jobs = JobQueue()
        conversation = Conversation(ids.make("conv"))
        self._input_turns = InputTurns(self._config, conversation, self._events, self._jobs, ids)
        output: AudioOutput
        if transport == "webrtc":
            output = TrackOutput(conversation, self._events)
        else:
            output = EventOutput(self._events, coding, pacing.audio)
        self._responses = ServerResponses(
            output, conversation, self._events, self._jobs, ids, pacing
        )
        self._commands = ClientCommands(
            self._config, conversation, self._input_turns, self._responses, self._events, ids
        )
        self._idle = IdleTimer()
        self.ahead = ServerFramesAhead(
            self._config, self._input_turns, self._responses, self._watch_idle
        )
        self._lasts = lasts
        self._ends: Samples | None = None
        self.closed = False

    def is_busy(self, now: Samples) -> bool:
        """Whether anything is being made or heard, so that every tick counts."""
        return self._responses.is_busy(now)

    def open(self, now: Samples) -> None:
        """The channel is open: the first event."""
        self._ends = now + self._lasts
        self._events.send(SessionCreated(session=self._config.wire()))

    def receive(self, text: str | bytes, now: Samples) -> None:
        """One event of the client; what is wrong with it becomes an `error` event."""
        if self.closed:
            return
        event_id: str | None = None
        try:
            event = decode_client(text)
            # Kept, as an event that can be read may still be refused.
            event_id = event.event_id or None
            self._commands.apply(event, now)
        except ClientFault as fault:
            self._events.refuse(fault, fault.event_id or event_id)

    def hear(self, pcm: bytes, probability: float, now: Samples, lag: Samples = 0) -> None:
        """One frame of the caller.

        Args:
            pcm: the frame.
            probability: how likely it holds speech, 0 to 1.
            now: the time.
            lag: how far the sound that was judged lies behind the frame's end.
        """
        if self.closed:
            return
        change = self._input_turns.hear(pcm, probability, lag)
        if change is None:
            return
        match change:
            case BargeIn():
                self._responses.interrupt(now)
            case TurnCommitted():
                self._commands.take(change)

    def appended(self) -> list[bytes]:
        """Frames that came in events, each given once: to be judged and given to `hear`."""
        return self._input_turns.appended()

    def due(self, now: Samples) -> list[bytes]:  # noqa: ARG002 - the Live session's goes by it
        """Nothing: what came in events is heard at once, whenever it was spoken."""
        return []

    def advance(self, now: Samples) -> bytes:
        """Time has passed: put out what is due by now, and end the session where it is over.

        Returns:
            The next frame to play, `SILENCE` itself where there is none.
        """
        # Here only: time passes nowhere else, so nothing that asks a question ends the session.
        if self._ends is not None and now >= self._ends:
            self.expire()
        if self.closed:
            return SILENCE
        # Before the idle watch: what is played in this tick is no silence.
        frame = self._responses.advance(now)
        self._watch_idle(now)
        return frame

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `advance` will give from this time on; see `ServerFramesAhead`."""
        return [] if self.closed or self.has_output else self.ahead.foresee(now, most, self._ends)

    def expire(self) -> None:
        """End the session as one that has lasted as long as it may; harmless when it is over."""
        if self.closed:
            return
        self.closed = True
        message = f"Your session hit the maximum duration of {_in_words(self._lasts)}."
        self._events.refuse(ClientFault("session_expired", message), None)

    @property
    def has_output(self) -> bool:
        """Whether there is anything in `outgoing` or `jobs`."""
        # Asked after every frame: by attributes, as calls take longer than all the rest of it.
        return bool(self._events.waiting or self._jobs.waiting)

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        return self._events.drain()

    def jobs(self) -> list[Job]:
        """The work to be done; each job is given once."""
        return self._jobs.drain()

    def transcribed(self, job: str, text: str) -> None:
        """The words of a `Transcribe` job."""
        if self.closed:
            return
        turn = self._input_turns.transcribed(job, text)
        if turn is not None:
            self._commands.take(turn)
        self._responses.resume()

    def transcription_failed(self, job: str, message: str) -> None:
        """A turn could not be written down: it is answered as one without any words."""
        if not self.closed:
            self._input_turns.transcriptions.failed(job, message)
            self._responses.resume()

    def composing(self, job: str, text: str, now: Samples) -> None:
        """The next words of a `Compose` job's answer, of which more is still to come.

        What is spoken is spoken piece by piece, so it should come in whole sentences, each with
        the space that parts it from the one before.
        """
        if not self.closed:
            self._responses.composing(job, text, now)

    def composed(self, job: str, reply: Reply, now: Samples) -> None:
        """The answer to a `Compose` job, or what of it had not been given by `composing`."""
        if not self.closed:
            self._responses.composed(job, reply, now)

    def spoken(
        self, job: str, pcm: bytes, words: Sequence[SpokenWord], text: str, now: Samples
    ) -> None:
        """The next part of the audio of a `Speak` job.

        Args:
            job: which one.
            pcm: 24 kHz mono signed 16-bit, of any length.
            words: its words, timed from the start of the whole utterance; they may be missing.
            text: what the part says.
            now: the time.
        """
        if not self.closed:
            self._responses.spoken(job, pcm, words, text, now)

    def spoken_all(self, job: str, now: Samples) -> None:
        """The audio of a `Speak` job is all there."""
        if not self.closed:
            self._responses.spoken_all(job, now)

    def failed(self, job: str, message: str, now: Samples, code: str = SERVER_ERROR) -> None:
        """A `Compose` or `Speak` job came to nothing: its response fails, with this code."""
        if not self.closed:
            self._responses.failed(job, message, code, now)

    def _watch_idle(self, now: Samples) -> None:
        if self._responses.is_busy(now):
            self._idle.replying()
            return
        settings = self._config.turns
        silence, since = self._idle.check(
            now, self._input_turns.position, speaking=self._input_turns.speaking
        )
        # Watched without the setting as well, so that one that comes later counts from the right
        # time.
        if settings is not None and settings.idle is not None and silence >= settings.idle:
            self._idle.rung()
            self._input_turns.time_out(since)
            self._commands.answer()
            self._responses.resume()


def _in_words(duration: Samples) -> str:
    seconds = seconds_of(duration)
    amount, unit = (seconds, "second") if seconds < _MINUTE else (seconds / _MINUTE, "minute")
    return f"{amount:g} {unit}" if amount == 1 else f"{amount:g} {unit}s"


class ServerFramesAhead:
    """The frames that a server session will put out, and those that it will hear.

    A simulated run looks ahead with this, and takes many frames at once where nothing is told.
    What asks changes nothing; `skip` and `hear` do what the frames would have done one by one.

    Args:
        config: the session's.
        turns: what it hears.
        responses: what it says.
        watch_idle: lets a tick pass for the timer of silences.
    """

    def __init__(
        self,
        config: SessionConfig,
        turns: InputTurns,
        responses: ServerResponses,
        watch_idle: Callable[[Samples], None],
    ) -> None:
        self._config = config
        self._turns = turns
        self._responses = responses
        self._watch_idle = watch_idle

    def foresee(self, now: Samples, most: int, ends: Samples | None) -> list[bytes]:
        """The frames that `advance` will give from this time on, as long as nothing else happens.

        It holds as long as no event comes, and what is heard means nothing, as `foresee_hearing`
        tells.

        Args:
            now: the time of the first one.
            most: how many are wanted.
            ends: when the session is over.
        """
        if ends is not None:
            most = min(most, (ends - now) // FRAME_SAMPLES)
        settings = self._config.turns
        # The timer may ring in any tick in which nothing is said.
        rings = settings is not None and settings.idle is not None
        if rings and not self._responses.is_busy(now):
            return []
        return self._responses.foresee(now, max(0, most))

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of the next ticks, counted from 0, words of a response are told."""
        return self._responses.foresee_words(now, most)

    def foresee_hearing(self, judged: Iterable[tuple[float, Samples]]) -> int:
        """How many of the next frames of the caller mean nothing.

        Args:
            judged: of each frame, the `probability` and the `lag` that `ServerSession.hear` takes.
        """
        return self._turns.foresee(judged)

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks have passed, the first one at this time, whose frames were foreseen."""
        self._responses.skip(now, ticks)
        # Of all these ticks, only the first can change what the timer knows.
        self._watch_idle(now)

    def hear(self, pcm: bytes, judged: Sequence[tuple[float, Samples]]) -> None:
        """Frames of the caller that mean nothing, all of them as one sound."""
        self._turns.hear_block(pcm, judged)


class IdleTimer:
    """The clock of `idle_timeout_ms`.

    It runs from the end of what the assistant said; any speech resets it, and it rings once
    until the assistant has spoken again.
    """

    def __init__(self) -> None:
        self._armed = False
        self._since: tuple[Samples, Samples] | None = None

    def replying(self) -> None:
        """A response is being made or heard in this tick."""
        self._armed = True
        self._since = None

    def check(self, now: Samples, position: Samples, *, speaking: bool) -> tuple[Samples, Samples]:
        """How long it has been silent, in a tick in which no response is made or heard.

        Args:
            now: the time.
            position: how much of the caller's audio has been heard.
            speaking: whether the caller speaks.

        Returns:
            The length of the silence, 0 while there is none, and the position it began at.
        """
        # The silence before the first word of the assistant is the caller's to break.
        if speaking or not self._armed:
            self._since = None
            return 0, position
        self._since = self._since or (now, position)
        began, at = self._since
        return now - began, at

    def rung(self) -> None:
        """It has been acted upon."""
        self._armed = False
        self._since = None
