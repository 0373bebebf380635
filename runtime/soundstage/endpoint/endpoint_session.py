"""One conversation of the local endpoint, over any transport."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

from soundstage.endpoint.fault_injection import FaultySender, faults_of
from soundstage.endpoint.job_runner import JobRunner, PendingJobs
from soundstage.endpoint.served_session import OPENERS, Opening, error_event
from soundstage.errors import ProtocolError
from soundstage.realtime import Ids
from soundstage.speech import ForeseeingActivity
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.job_runner import SessionHost
    from soundstage.endpoint.replies import Responder
    from soundstage.endpoint.served_session import ApiProtocol
    from soundstage.live import ServerSession as LiveSession
    from soundstage.realtime import Transport
    from soundstage.speech import Engines
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")

_NO_SPEECH: Final = (0.0, 0)
"""The probability and the lag of silence, where voice activity is at its start."""


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
        protocol: of the session.
        started_by: the id of the client's event that starts a Live session.

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
        protocol: ApiProtocol = "realtime",
        started_by: str | None = None,
    ) -> None:
        self._sender = FaultySender(plan, send)
        self._is_deaf = bool(faults_of(plan, "deaf"))
        self._ids = Ids(plan.stream("endpoint"))
        self._protocol: ApiProtocol = protocol
        opened = Opening(
            plan=plan,
            ids=self._ids,
            session=session or {},
            unix_time=unix_time,
            transport=transport,
            ident=ident,
            started_by=started_by,
        )
        self._session = OPENERS[protocol](opened)
        self._pending = PendingJobs(host, self._flush)
        self._runner = JobRunner(
            self._session, self._pending, plan, responder, engines, lambda: self._now, lose
        )
        self._appended: deque[bytes] = deque()
        self._activity = engines.vad.open()
        # Asked before many a tick: to look at a protocol takes longer than all the rest.
        ear = None if self._is_deaf else self._activity
        self._ear = ear if isinstance(ear, ForeseeingActivity) else None
        self._now: Samples = 0
        self._open = True

    @property
    def closed(self) -> bool:
        """Whether the session is over: expired, or closed."""
        return self._session.closed or not self._open

    @property
    def position(self) -> Samples:
        """Where the timeline of a Live session is; 0 of a Realtime session, which has none."""
        session = self._live_session
        return session.timeline.position if session is not None else 0

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
        if self._session.has_output:
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
        for pcm in self._session.due(now):
            self._hear(pcm)
        frame = self._session.advance(now)
        if self._session.has_output:
            self._flush()
        return frame

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `on_tick` will give from this time on, as long as nothing else happens.

        This changes nothing. It holds as long as no message comes, and what is heard means
        nothing, as `foresee_hearing` tells.
        """
        if self.closed or self._sender.is_faulty:
            return []
        return self._session.foresee(now, most)

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of these ticks, counted from 0, the client is told words; none else tells."""
        return () if (ahead := self._session.ahead) is None else ahead.foresee_words(now, most)

    def foresee_hearing(self, frames: Sequence[bytes]) -> int:
        """How many of the next frames of the caller mean nothing; this changes nothing."""
        ahead, ear = self._session.ahead, self._ear
        if ahead is None or ear is None:
            return 0
        if self._activity.at_start and frames.count(SILENCE) == len(frames):
            # As `VoiceActivity` says of its start.
            return ahead.foresee_hearing([_NO_SPEECH] * len(frames))
        return ahead.foresee_hearing(ear.foresee(frames))

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks have passed, the first one at this time, whose frames were foreseen."""
        self._now = now + (ticks - 1) * FRAME_SAMPLES
        self._sender.tick(self._now)
        if (ahead := self._session.ahead) is not None:
            ahead.skip(now, ticks)
        if self._session.has_output:
            self._flush()

    def hear_block(self, frames: Sequence[bytes]) -> None:
        """The frames of the caller in these ticks; that they mean nothing was foreseen."""
        activity = self._activity
        if self._ear is None:
            judged = [(activity.hear(pcm), activity.lag) for pcm in frames]
        elif activity.at_start and frames.count(SILENCE) == len(frames):
            judged = [_NO_SPEECH] * len(frames)
        else:
            judged = self._ear.hear_block(frames)
        if (ahead := self._session.ahead) is not None:
            ahead.hear(b"".join(frames), judged)

    def expire(self, message: str) -> None:
        """End the session before its time, and tell the client why."""
        if self._protocol == "live":
            # Its last event says so itself.
            self._session.expire()
            self._flush()
        else:
            self._flush()
            self._sender.send(self._error("invalid_request_error", "session_expired", message))
        self.close()

    @property
    def end_reason(self) -> str:
        """With what reason a WebSocket is closed when the session is over."""
        # A Live session says itself why it is over, in its last event.
        return "" if self._protocol == "live" else "session_expired"

    def end(self, reason: str) -> None:
        """End a Live session for this reason of `session.closed`, and tell the client."""
        session = self._live_session
        if session is not None:
            session.end(reason, self._now)
            self._flush()

    @property
    def _live_session(self) -> LiveSession | None:
        # By its name: to load the class for `isinstance` costs runs that have none.
        return cast("LiveSession", self._session) if self._protocol == "live" else None

    def close(self) -> None:
        """Nothing that is still under way matters any more."""
        self._open = False
        self._pending.close()

    def _hear(self, pcm: bytes) -> None:
        if self._is_deaf:
            pcm = bytes(len(pcm))
        activity = self._activity
        probability = activity.hear(pcm)
        self._session.hear(pcm, probability, self._now, activity.lag)

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
        return error_event(self._protocol, self._ids, kind, code, message)
