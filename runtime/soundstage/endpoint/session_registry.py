"""All sessions of an endpoint: calls, and those over a WebSocket."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from soundstage.endpoint.access_log import log_event
from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.call_plan import SessionNumbers
from soundstage.endpoint.endpoint_session import EndpointSession
from soundstage.endpoint.fault_injection import answer_delay, refused_by
from soundstage.endpoint.replies import responder_for
from soundstage.endpoint.transports.live_call import LiveCall
from soundstage.endpoint.transports.webrtc_call import Call
from soundstage.endpoint.transports.websocket_session import IDLE, WebSocketSession
from soundstage.kernel import AsyncClock
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from soundstage.endpoint.call_plan import CallPlan, Choose
    from soundstage.endpoint.job_runner import SessionHost
    from soundstage.endpoint.served_session import ApiProtocol
    from soundstage.realtime import Ids, Transport
    from soundstage.speech import Engines
    from soundstage.units import Samples
    from soundstage.webrtc import Reach

_log = logging.getLogger("soundstage.endpoint")

MOST_SESSIONS: Final = 500
"""At once; two cores carry far fewer that speak, but many that are silent."""

_GOING_AWAY: Final = 1001


class SessionRegistry:
    """Begins sessions and ends them, on one event loop.

    Args:
        choose: how a call is answered.
        engines: recognise and synthesise; voice activity must have been loaded.
        host: the loop's thread, and the executor beside it.
        ids: for calls.
        unix_time: seconds since 1970.
        most_sessions: how many there may be at once, over all transports.
        idle: how long the client of a WebSocket may send nothing.
        reach: on which of this machine's addresses calls are answered.
    """

    def __init__(
        self,
        choose: Choose,
        *,
        engines: Engines,
        host: SessionHost,
        ids: Ids,
        unix_time: Callable[[], int],
        most_sessions: int = MOST_SESSIONS,
        idle: Samples = IDLE,
        reach: Reach = "loopback",
    ) -> None:
        self._choose = choose
        self._numbering = SessionNumbers()
        self._engines = engines
        self._host = host
        self._ids = ids
        self._unix_time = unix_time
        self._most_sessions = most_sessions
        self._idle = idle
        self._reach: Reach = reach
        self._calls: dict[str, Call] = {}
        self._sockets: dict[WebSocketSession, asyncio.Future[None]] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def calls(self) -> int:
        """How many calls there are."""
        return len(self._calls)

    @property
    def sockets(self) -> int:
        """How many sessions there are over WebSockets."""
        return len(self._sockets)

    def check_room(self) -> None:
        """See that one more session can be begun.

        Raises:
            ApiError: there are as many as are taken, or the endpoint is closing.
        """
        if self._closed or len(self._calls) + len(self._sockets) >= self._most_sessions:
            raise ApiError(
                429, "rate_limit_exceeded", "This endpoint has as many sessions as it takes."
            )

    def find(self, ident: str) -> Call:
        """The call of this id.

        Raises:
            ApiError: there is none.
        """
        call = self._calls.get(ident)
        if call is None:
            raise ApiError(
                404, "call_id_not_found", "No session found for the provided call_id.", "call_id"
            )
        return call

    def find_live(self, ident: str) -> LiveCall:
        """The Live call of this id.

        Raises:
            ApiError: there is none.
        """
        call = self._calls.get(ident)
        if not isinstance(call, LiveCall):
            message = "No session found for the provided session_id."
            raise ApiError(404, "session_id_not_found", message, "session_id")
        return call

    async def admit(self, names: tuple[str, ...]) -> CallPlan:
        """Accept a session; how it is answered.

        Args:
            names: what it asks for.

        Raises:
            ApiError: there is no room for it, or its plan says so.
        """
        self.check_room()
        plan = self._numbering.number(self._choose(names))
        if (refused := refused_by(plan)) is not None:
            raise ApiError(refused.status, refused.code, refused.message)
        delay = answer_delay(plan)
        if delay:
            await AsyncClock().sleep(delay)
        return plan

    async def serve(
        self,
        socket: WebSocket,
        session: dict[str, Any],
        plan: CallPlan,
        *,
        protocol: ApiProtocol = "realtime",
        started_by: str | None = None,
    ) -> None:
        """Serve a session over a WebSocket until it is over.

        Args:
            socket: accepted.
            session: its configuration.
            plan: how it is answered.
            protocol: of the session.
            started_by: the id of the client's event that starts a Live session.

        Raises:
            ClientFault: the session's configuration is wrong.
        """
        ident = self._ids.make("ws")
        make_session = self._session_maker(
            session, plan, transport="websocket", protocol=protocol, started_by=started_by
        )
        served = WebSocketSession(ident, socket, make_session, self._host, self._idle)
        self._sockets[served] = asyncio.get_running_loop().create_future()
        log_event("a session has begun", session=ident, model=session.get("model"))
        try:
            why = await served.run()
            log_event("a session is over", session=ident, why=why)
        finally:
            self._sockets.pop(served).set_result(None)

    async def answer(
        self,
        offer: str,
        session: dict[str, Any] | None,
        names: tuple[str, ...],
        channel_id: int | None,
        protocol: ApiProtocol = "realtime",
    ) -> tuple[str, str]:
        """Answer an offer.

        Args:
            offer: its SDP, to the byte.
            session: configuration that came with it.
            names: what it asks for.
            channel_id: of the event channel, where the caller has fixed it.
            protocol: of the session.

        Returns:
            The call's id, and the answer's SDP.

        Raises:
            ApiError: there is no room for the call, or its plan says so.
            ConnectError: the offer cannot be answered.
            ClientFault: the session's configuration is wrong.
        """
        plan = await self.admit(names)
        call = self._live_call(session, plan) if protocol == "live" else self._call(session, plan)
        self._calls[call.ident] = call
        log_event("a call has begun", call=call.ident, model=(session or {}).get("model"))
        try:
            return call.ident, await call.answer(offer, channel_id, self._reach)
        except BaseException:
            await self.hang_up(call.ident)
            raise

    async def hang_up(self, ident: str) -> bool:
        """End a call.

        Returns:
            Whether there was one.
        """
        call = self._calls.pop(ident, None)
        if call is not None:
            await call.close()
            log_event("a call is over", call=ident)
        return call is not None

    async def close(self, within: Samples) -> None:
        """Begin no more sessions, and end all there are, or go on without them in the end."""
        self._closed = True
        for session in self._sockets:
            session.end(_GOING_AWAY, "the endpoint is closing")
        closings = [asyncio.ensure_future(self.hang_up(ident)) for ident in list(self._calls)]
        waiting: set[asyncio.Future[Any]] = {*closings, *self._endings, *self._sockets.values()}
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds_of(within))
            for each in late:
                _log.warning("a session did not end within %g s", seconds_of(within))
                each.cancel()

    def _call(self, session: dict[str, Any] | None, plan: CallPlan) -> Call:
        ident = self._ids.make("rtc_u0")
        make_session = self._session_maker(session, plan, ident=ident.replace("rtc", "sess", 1))
        return Call(ident, make_session, self._end_later)

    def _live_call(self, session: dict[str, Any] | None, plan: CallPlan) -> LiveCall:
        ident = self._ids.make("live")
        make_session = self._session_maker(session, plan, ident=ident, protocol="live")
        return LiveCall(ident, make_session, self._end_later, session or {}, self._ids)

    def _session_maker(
        self,
        session: dict[str, Any] | None,
        plan: CallPlan,
        *,
        transport: Transport = "webrtc",
        ident: str | None = None,
        protocol: ApiProtocol = "realtime",
        started_by: str | None = None,
    ) -> Callable[[Callable[[bytes], None]], EndpointSession]:
        return lambda send: EndpointSession(
            plan,
            responder=responder_for(plan, self._engines.cache),
            engines=self._engines,
            host=self._host,
            send=send,
            session=session,
            unix_time=self._unix_time(),
            transport=transport,
            ident=ident,
            lose=plan.lose,
            protocol=protocol,
            started_by=started_by,
        )

    def _end_later(self, call: Call) -> None:
        """A call cannot close itself: its own task would wait for its own end."""
        task = asyncio.get_running_loop().create_task(self._end(call))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _end(self, call: Call) -> None:
        await self.hang_up(call.ident)
