"""One conversation of the local endpoint, over any transport."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from soundstage.audio import TelephoneCoders
from soundstage.config.values import is_table
from soundstage.endpoint.fault_injection import FaultySender, faults_of
from soundstage.endpoint.job_runner import JobRunner, PendingJobs
from soundstage.errors import ProtocolError
from soundstage.realtime import ErrorBody, Ids, Pacing, ServerSession, encode, server_events

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.job_runner import SessionHost
    from soundstage.endpoint.replies import Responder
    from soundstage.realtime import Transport
    from soundstage.speech import Engines
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")

DEFAULT_MODEL: Final = "gpt-realtime-2.1"
"""What a session says it is where its client names no model; nothing depends on it."""


class EndpointSession:
    """A server session with ears, a voice, and something to say.

    Everything happens on the caller's thread; only slow work goes elsewhere. An engine that
    fails is told to the client in the events for that, and never raises here.

    Args:
        plan: how the call is answered.
        responder: decides what is said.
        engines: recognise and synthesise; voice activity is used on the caller's thread.
        host: the caller's thread, and the executor beside it.
        send: sends an event to the client; raises `ProtocolError` for one it cannot carry.
        session: configuration that came with the call.
        unix_time: seconds since 1970, for the date of expiry that clients are told; 0 where
            it is not known.
        transport: how audio travels: by frames, or in events.
        ident: the session's id, where it follows from something else's.
        lose: told of an engine or a language model that is not to be had, which no response can
            mend; None where that fails the response like anything else.

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
        host: SessionHost,
        send: Callable[[bytes], None],
        session: dict[str, Any] | None,
        unix_time: int = 0,
        transport: Transport = "webrtc",
        ident: str | None = None,
        lose: Callable[[Exception], None] | None = None,
    ) -> None:
        given = _with_voice(session or {}, plan.voice)
        self._sender = FaultySender(plan, send)
        self._is_deaf = bool(faults_of(plan, "deaf"))
        self._ids = Ids(plan.stream("endpoint"))
        self._session = ServerSession(
            ids=self._ids,
            model=str(given.get("model") or DEFAULT_MODEL),
            session=given,
            # Frameworks send a model of their own, whatever name the URL has in its place.
            model_is_fixed=not plan.replaces_model,
            strict=plan.strict,
            unix_time=unix_time,
            lasts=plan.lasts,
            transport=transport,
            ident=ident,
            coders=TelephoneCoders(),
            pacing=Pacing(words=plan.local.token_rate, audio=plan.local.audio_pace),
        )
        self._pending = PendingJobs(host, self._flush)
        self._runner = JobRunner(
            self._session, self._pending, plan, responder, engines, lambda: self._now, lose
        )
        self._appended: deque[bytes] = deque()
        self._activity = engines.vad.open()
        self._now: Samples = 0
        self._open = True

    @property
    def closed(self) -> bool:
        """Whether the session is over: expired, or closed."""
        return self._session.closed or not self._open

    @property
    def dropped(self) -> str:
        """What its client is to lose: `channel`, `path` or `connection`; empty for nothing."""
        return self._sender.dropped

    @property
    def busy(self) -> bool:
        """Whether anything is being made or heard, so that every tick counts."""
        return self._session.is_busy(self._now)

    def open(self, now: Samples = 0) -> None:
        """The client can be told things: the first event.

        Args:
            now: the time, counted as `on_tick` counts it: the session's own time begins here.
        """
        self._now = now
        self._sender.open(self._now)
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
        self._sender.tick(now)
        if self._sender.expired and self._open:
            self._session.expire()
        frame = self._session.advance(now)
        self._flush()
        return frame

    def expire(self, message: str) -> None:
        """End the session before its time, and tell the client why."""
        self._flush()
        self._sender.send(self._error("invalid_request_error", "session_expired", message))
        self.close()

    def close(self) -> None:
        """Nothing that is still under way matters any more."""
        self._open = False
        self._pending.close()

    def _hear(self, pcm: bytes) -> None:
        if self._is_deaf:
            pcm = bytes(len(pcm))
        probability = self._activity.hear(pcm)
        self._session.hear(pcm, probability, self._now, self._activity.lag)

    def _flush(self) -> None:
        """Begin the session's jobs, and send its events."""
        while self._open and (jobs := self._session.jobs()):
            for job in jobs:
                self._runner.begin(job)
        for event in self._session.outgoing() if self._open else ():
            try:
                self._sender.send(event)
            except ProtocolError as error:
                _log.warning("an event could not be sent: %s", error)
                self._sender.send(self._error("server_error", "server_error", str(error)))

    def _error(self, kind: str, code: str, message: str) -> bytes:
        body = ErrorBody(type=kind, code=code, message=message)
        return encode(server_events.Error(event_id=self._ids.make("event"), error=body))


def _with_voice(session: dict[str, Any], voice: str | None) -> dict[str, Any]:
    """The session with this voice, where it speaks at all and names none itself."""
    if session.get("type") == "transcription":
        return session
    audio = session.get("audio", {})
    output = audio.get("output", {}) if is_table(audio) else None
    if voice is None or not is_table(output) or output.get("voice") is not None:
        return session
    return {"type": "realtime", **session, "audio": {**audio, "output": {**output, "voice": voice}}}
