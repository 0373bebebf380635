"""The in-process transport: a session beside its client, in the same simulated time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.endpoint.endpoint_session import EndpointSession
from soundstage.endpoint.fault_injection import answer_delay, refused_by
from soundstage.endpoint.job_runner import SessionHost
from soundstage.endpoint.replies import responder_for
from soundstage.errors import CallRefused, ClientFault, ConnectionLost, InfrastructureError
from soundstage.messages import TransportEvent, TransportLost, TransportOpened
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.kernel import Kernel
    from soundstage.speech import Engines

_REFUSED: Final = 400


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
    """

    def __init__(
        self,
        kernel: Kernel,
        plan: CallPlan,
        engines: Engines,
        session: dict[str, Any],
        call_id: str,
    ) -> None:
        self._kernel = kernel
        self._plan = plan
        self._engines = engines
        self._configuration = session
        self._call_id = call_id
        self._session: EndpointSession | None = None
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
            refused = f"local refused the call with HTTP {away.status}: {away.message}"
            self._lose(CallRefused(refused, status=away.status, code=away.code))
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
            )
        except ClientFault as fault:
            refused = f"local refused the call with HTTP {_REFUSED}: {fault}"
            self._lose(CallRefused(refused, status=_REFUSED, code=fault.code))
        except InfrastructureError as error:
            self._lose(error)
        else:
            self._post(TransportOpened(self._call_id))
            self._session.open(self._kernel.now)

    def send(self, event: bytes) -> None:
        """Give the session one event."""
        if self._session is not None and not self._closed:
            self._session.on_message(event)

    def play(self, pcm: bytes) -> None:
        """Let the session hear the frame of this tick."""
        if self._session is not None and not self._closed:
            self._heard = True
            self._session.on_frame(pcm)

    def take(self) -> bytes:
        """Let a tick pass for the session; its frame."""
        if self._session is None or self._closed:
            return SILENCE
        if not self._heard:
            self._session.on_frame(SILENCE)
        self._heard = False
        frame = self._session.on_tick(self._kernel.now)
        if self._session.dropped:
            self._lose(ConnectionLost("the endpoint has dropped the call"))
        elif self._session.closed:
            self._lose(ConnectionLost("the endpoint has closed the call: its session has ended"))
        return frame

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        if self._session is not None:
            self._session.close()

    def _send(self, event: bytes) -> None:
        self._post(TransportEvent(event))

    def _lose(self, error: Exception) -> None:
        if not self._closed:
            self.close()
            self._post(TransportLost(error))


def _nobody(_: object) -> None:
    """Takes what comes before anyone has asked for it."""


def _call(function: Callable[[], object]) -> None:
    """Between two turns the session's thread is this one."""
    function()
