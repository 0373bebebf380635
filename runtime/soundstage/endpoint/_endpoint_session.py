"""One conversation of the local endpoint, whatever door it came through."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeVar

from soundstage.endpoint._telephone import TelephoneCoders
from soundstage.endpoint._utterance import Utterance
from soundstage.endpoint._workshop import Craft
from soundstage.errors import ProtocolError
from soundstage.realtime import (
    Abandon,
    Compose,
    ErrorBody,
    Ids,
    ServerSession,
    Speak,
    Transcribe,
    encode,
    server_events,
)
from soundstage.units import FRAME_SAMPLES, Samples
from soundstage.values import is_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint._plan import CallPlan
    from soundstage.endpoint._responder import Responder
    from soundstage.endpoint._workshop import Workshop
    from soundstage.kernel import Timer
    from soundstage.realtime import Job, Transport
    from soundstage.speech import Engines, SpeechPart

T = TypeVar("T")
V = TypeVar("V")

_log = logging.getLogger("soundstage.endpoint")

DEFAULT_MODEL: Final = "gpt-realtime-2.1"
"""What a session says it is where its client names no model; nothing depends on it."""


class EndpointSession:
    """A server session with ears, a voice, and something to say.

    Everything happens on the caller's thread; only the workshop goes elsewhere. An engine that
    fails is told to the client in the events for that, and never raises here.

    Args:
        plan: how the call is answered.
        responder: decides what is said.
        engines: recognise and synthesise; voice activity is used on the caller's thread.
        workshop: where they work.
        send: sends an event to the client; raises `ProtocolError` for one it cannot carry.
        session: configuration that came with the call.
        unix_time: seconds since 1970, for the date of expiry that clients are told; 0 where
            nobody knows.
        transport: how audio travels: by frames, or in events.
        ident: the session's id, where it follows from something else's.

    Raises:
        ClientFault: that configuration is wrong.
        EngineMissing: the engine of voice activity is not installed.
        WeightsMismatch: its model is not the one that was tested.
    """

    def __init__(
        self,
        plan: CallPlan,
        *,
        responder: Responder,
        engines: Engines,
        workshop: Workshop,
        send: Callable[[bytes], None],
        session: dict[str, Any] | None,
        unix_time: int = 0,
        transport: Transport = "webrtc",
        ident: str | None = None,
    ) -> None:
        given = _with_voice(session or {}, plan.voice)
        self._responder = responder
        self._engines = engines
        self._workshop = workshop
        self._send = send
        self._think = plan.local.think
        self._thinking = plan.stream("think")
        self._ids = Ids(plan.stream("endpoint"))
        self._session = ServerSession(
            ids=self._ids,
            model=str(given.get("model") or DEFAULT_MODEL),
            session=given,
            unix_time=unix_time,
            transport=transport,
            ident=ident,
            coders=TelephoneCoders(),
        )
        self._appended: deque[bytes] = deque()
        self._activity = engines.vad.open()
        self._under_way: dict[str, Timer] = {}
        self._now: Samples = 0
        self._open = True

    @property
    def closed(self) -> bool:
        """Whether the session is over: expired, or closed."""
        return self._session.closed or not self._open

    @property
    def busy(self) -> bool:
        """Whether anything is being made or heard, so that every tick counts."""
        return self._session.busy

    def open(self) -> None:
        """The client can be told things: the first event."""
        self._session.open(self._now)
        self._flush()

    def on_message(self, text: str | bytes) -> None:
        """One event of the client, as JSON, and all the audio in it."""
        self.take_message(text)
        self.hear_appended(len(self._appended))

    def take_message(self, text: str | bytes) -> None:
        """One event of the client; the audio in it is still to be heard."""
        self._session.receive(text, self._now)
        self._appended += self._session.appended()
        self._flush()

    def hear_appended(self, most: int) -> bool:
        """Hear so many frames of the audio that came in events; whether there are more.

        A client may append minutes at once, whose owner shall not be held up that long.
        """
        for _ in range(min(most, len(self._appended))):
            frame = self._appended.popleft()
            self._hear(frame)
        self._flush()
        return bool(self._appended)

    def on_frame(self, pcm: bytes) -> None:
        """The caller's frame of this tick, 20 ms, `FRAME_BYTES` long."""
        self._hear(pcm)
        self._flush()

    def on_tick(self, now: Samples) -> bytes:
        """Time has advanced by a frame.

        Args:
            now: the tick's time, counted from any beginning.

        Returns:
            The frame to play, `SILENCE` itself where there is none.
        """
        self._now = now
        frame = self._session.tick(now)
        self._flush()
        return frame

    def expire(self, message: str) -> None:
        """End the session before its time, and tell the client why."""
        self._flush()
        self._send(self._error("invalid_request_error", "session_expired", message))
        self.close()

    def close(self) -> None:
        """Nothing that is still under way matters any more."""
        self._open = False
        for work in self._under_way.values():
            work.cancel()
        self._under_way.clear()

    def _hear(self, pcm: bytes) -> None:
        probability = self._activity.hear(pcm)
        self._session.hear(pcm, probability, self._now, self._activity.lag)

    def _flush(self) -> None:
        """Begin the session's jobs, and send its events."""
        while self._open and (jobs := self._session.jobs()):
            for job in jobs:
                self._begin(job)
        for event in self._session.outgoing() if self._open else ():
            try:
                self._send(event)
            except ProtocolError as error:
                _log.warning("an event could not be sent: %s", error)
                self._send(self._error("server_error", "server_error", str(error)))

    def _error(self, kind: str, code: str, message: str) -> bytes:
        body = ErrorBody(type=kind, code=code, message=message)
        return encode(server_events.Error(event_id=self._ids.make("event"), error=body))

    def _begin(self, job: Job) -> None:
        match job:
            case Transcribe():
                self._transcribe_in_time(job)
            case Compose():
                self._compose_after_thinking(job)
            case Speak():
                self._speak(job)
            case Abandon():
                work = self._under_way.pop(job.job, None)
                if work is not None:
                    work.cancel()

    def _transcribe_in_time(self, job: Transcribe) -> None:
        if job.wanted_in and self._workshop.is_instant:
            delay = job.wanted_in - FRAME_SAMPLES
            self._under_way[job.job] = self._workshop.after(delay, lambda: self._transcribe(job))
        else:
            self._transcribe(job)

    def _transcribe(self, job: Transcribe) -> None:
        def fail(error: Exception) -> None:
            _log.error("recognition failed", exc_info=error)
            self._session.transcription_failed(job.job, str(error), self._now)

        self._submit(
            job.job,
            Craft.RECOGNISE,
            lambda: self._engines.recognizer.recognize(job.pcm),
            lambda heard: self._session.transcribed(job.job, heard.text, self._now),
            fail,
        )

    def _compose_after_thinking(self, job: Compose) -> None:
        delay = self._think.draw(self._thinking)
        if delay:
            self._under_way[job.job] = self._workshop.after(delay, lambda: self._compose(job))
        else:
            self._compose(job)

    def _compose(self, job: Compose) -> None:
        # Only after the thinking, so that a reply cut off in thought has used no line up.
        self._submit(
            job.job,
            Craft.COMPOSE,
            lambda: self._responder.reply(job),
            lambda reply: self._session.composed(job.job, reply, self._now),
            lambda error: self._fail(job.job, error),
        )

    def _speak(self, job: Speak) -> None:
        utterance = Utterance(job, self._engines)

        def make_next() -> None:
            self._submit(
                job.job,
                Craft.SYNTHESISE,
                utterance.next_part,
                take,
                lambda error: self._fail(job.job, error),
            )

        def take(part: SpeechPart | None) -> None:
            if part is None:
                self._session.spoken_all(job.job, self._now)
                return
            words = [(word.text, word.start, word.end) for word in part.words]
            self._session.spoken(job.job, part.pcm, words, part.text, self._now)
            make_next()

        make_next()

    def _fail(self, job: str, error: Exception) -> None:
        _log.error("a response could not be made", exc_info=error)
        self._session.failed(job, str(error), self._now)

    def _submit(
        self,
        job: str,
        craft: Craft,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        def settle(then: Callable[[V], None], value: V) -> None:
            self._under_way.pop(job, None)
            then(value)
            self._flush()

        self._under_way[job] = _NOT_YET
        timer = self._workshop.submit(
            craft, work, lambda value: settle(done, value), lambda error: settle(failed, error)
        )
        # An immediate workshop has settled it by now, and perhaps what followed from it.
        if job in self._under_way:
            self._under_way[job] = timer


class _NotYet:
    def cancel(self) -> None:
        pass


_NOT_YET: Final = _NotYet()


def _with_voice(session: dict[str, Any], voice: str | None) -> dict[str, Any]:
    """The session with this voice, where it speaks at all and names none itself."""
    if session.get("type") == "transcription":
        return session
    audio = session.get("audio", {})
    output = audio.get("output", {}) if is_table(audio) else None
    if voice is None or not is_table(output) or output.get("voice") is not None:
        return session
    return {"type": "realtime", **session, "audio": {**audio, "output": {**output, "voice": voice}}}
