"""The in-process transport: a session beside its client, in the same simulated time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.endpoint_session import EndpointSession
from soundstage.endpoint.fault_injection import answer_delay, refused_by
from soundstage.endpoint.job_runner import SessionHost
from soundstage.endpoint.replies import responder_for
from soundstage.errors import ClientFault, ConnectionLost, FarEndClosed, InfrastructureError
from soundstage.messages import TransportEvent, TransportLost, TransportOpened
from soundstage.units import SILENCE, seconds_of
from soundstage.webrtc import Deadlines, Provider, call_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.served_session import ApiProtocol
    from soundstage.kernel import Kernel
    from soundstage.speech import Engines
    from soundstage.units import Samples

_REFUSED: Final = 400
_LOCAL: Final = Provider(name="local", base_url="")

_NOTICED_AFTER: Final = Deadlines().unanswered
_LOST: Final[dict[str, tuple[type[ConnectionLost], str]]] = {
    "channel": (ConnectionLost, "the far end closed the event channel, though not the call"),
    "path": (
        ConnectionLost,
        f"nothing has come from the far end for {seconds_of(_NOTICED_AFTER):g} s",
    ),
    "connection": (FarEndClosed, "the far end closed the call without hanging up"),
}
"""How a call is lost, in the words and with the delay of one over a network: a run shall come out
the same on both clocks."""


class InProcessTransport:
    """A transport with no network: the session is called directly, and its work costs no time.

    What comes is posted, as by a transport over a network, so that a client sees no difference.
    The session keeps the client's pace: `take` is its tick, and a tick without `play` is silence.

    Args:
        kernel: whose clock the session lives by, and between whose turns its engines work.
        plan: how the call is answered.
        engines: ears and voice of the session.
        session: the configuration that comes with the call.
        call_id: what the call is known as.
        protocol: of the session.
    """

    def __init__(
        self,
        kernel: Kernel,
        plan: CallPlan,
        engines: Engines,
        session: dict[str, Any],
        call_id: str,
        protocol: ApiProtocol = "realtime",
    ) -> None:
        self._kernel = kernel
        self._plan = plan
        self._engines = engines
        self._configuration = session
        self._call_id = call_id
        self._protocol: ApiProtocol = protocol
        self._session: EndpointSession | None = None
        self._vanished: Samples | None = None
        self._post: Callable[[object], None] = _nobody
        self._heard = True
        self._closed = False

    @property
    def concealed(self) -> int:
        """None: no frame is ever missing."""
        return 0

    @property
    def dropped(self) -> int:
        """None: no frame waits."""
        return 0

    @property
    def late(self) -> int:
        """None: there are no packets."""
        return 0

    def open(self, post: Callable[[object], None]) -> None:
        """Begin the session; it is open at once, or refused at once."""
        self._post = post
        away = refused_by(self._plan)
        delay = answer_delay(self._plan)
        if away is not None:
            self._refuse(ApiError(away.status, away.code, away.message))
        elif delay:
            self._kernel.later(delay, self._begin)
        else:
            self._begin()

    def _begin(self) -> None:
        if self._closed:
            return
        try:
            self._session = EndpointSession(
                self._plan,
                responder=responder_for(self._plan, self._engines.cache),
                engines=self._engines,
                host=SessionHost(self._kernel.executor, _call, self._kernel.later),
                send=self._send,
                session=self._configuration,
                lose=self._lose,
                protocol=self._protocol,
            )
        except ClientFault as fault:
            self._refuse(ApiError(_REFUSED, fault.code, str(fault), fault.param))
        except InfrastructureError as error:
            self._lose(error)
        else:
            self._post(TransportOpened(self._call_id))
            self._session.open(self._kernel.now)

    def send(self, event: bytes) -> None:
        """Give the session one event."""
        if (session := self._reached) is not None:
            session.on_message(event)

    def play(self, pcm: bytes) -> None:
        """Let the session hear the frame of this tick."""
        session = None if self._closed or self._vanished is not None else self._session
        if session is not None:
            self._heard = True
            session.on_frame(pcm)

    def take(self) -> bytes:
        """Let a tick pass for the session; its frame."""
        now = self._kernel.now
        if self._vanished is not None and now - self._vanished >= _NOTICED_AFTER:
            self._lose(_lost("path"))
        session = self._reached
        if session is None:
            return SILENCE
        if not self._heard:
            session.on_frame(SILENCE)
        self._heard = False
        frame = session.on_tick(now)
        if dropped := session.dropped:
            if dropped == "path":
                self._vanished = now
            else:
                self._lose(_lost(dropped))
        elif session.closed:
            self._lose(_lost("connection"))
        return frame

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `take` will give from this time on, as long as nothing else happens."""
        session = self._reached
        if session is None or not self._heard:
            return []
        return session.foresee(now, most)

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of these ticks, counted from 0, the session tells words of a reply."""
        session = self._reached
        return () if session is None else session.foresee_words(now, most)

    def foresee_hearing(self, frames: Sequence[bytes]) -> int:
        """How many of these frames, as they are played next, mean nothing to the session."""
        session = self._reached
        return 0 if session is None else session.foresee_hearing(frames)

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks pass, the first one at this time, whose frames were foreseen."""
        if (session := self._reached) is not None:
            session.skip(now, ticks)

    def play_block(self, frames: Sequence[bytes]) -> None:
        """Let the session hear the frames of these ticks."""
        if (session := self._reached) is not None:
            session.hear_block(frames)

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        if self._session is not None:
            self._session.close()

    @property
    def _reached(self) -> EndpointSession | None:
        """The session, as long as something gets through to it."""
        return None if self._closed or self._vanished is not None else self._session

    def _send(self, event: bytes) -> None:
        if self._vanished is None:
            self._post(TransportEvent(event))

    def _refuse(self, error: ApiError) -> None:
        self._lose(call_refused(_LOCAL, error.status, msgspec.json.encode(error.body), None))

    def _lose(self, error: Exception) -> None:
        if not self._closed:
            self.close()
            self._post(TransportLost(error))


def _lost(what: str) -> ConnectionLost:
    """Why the call is lost, in the error that it is over a network."""
    kind, message = _LOST[what]
    return kind(message)


def _nobody(_: object) -> None:
    """Takes what comes before anyone has asked for it."""


def _call(function: Callable[[], object]) -> None:
    """Between two turns the session's thread is this one."""
    function()
