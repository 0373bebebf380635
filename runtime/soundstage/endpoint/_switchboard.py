"""All calls of an endpoint."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from soundstage.endpoint._calls import Call
from soundstage.endpoint._endpoint_session import EndpointSession
from soundstage.endpoint._responder import ScriptedResponder
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.endpoint._plan import Choose
    from soundstage.endpoint._workshop import Workshop
    from soundstage.realtime import Ids
    from soundstage.speech import Engines
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")

MOST_CALLS: Final = 200
"""At once; two cores carry far fewer that speak, but many that are silent."""


class Switchboard:
    """Answers calls and ends them, on one event loop.

    Args:
        choose: how a call is answered.
        engines: recognise and synthesise; voice activity must have been loaded.
        workshop: where they work.
        ids: for calls.
        unix_time: seconds since 1970.
        most_calls: how many there may be at once.
    """

    def __init__(
        self,
        choose: Choose,
        *,
        engines: Engines,
        workshop: Workshop,
        ids: Ids,
        unix_time: Callable[[], int],
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._choose = choose
        self._engines = engines
        self._workshop = workshop
        self._ids = ids
        self._unix_time = unix_time
        self._most_calls = most_calls
        self._calls: dict[str, Call] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def calls(self) -> int:
        """How many calls there are."""
        return len(self._calls)

    @property
    def is_full(self) -> bool:
        """Whether no more calls are taken."""
        return self._closed or len(self._calls) >= self._most_calls

    async def answer(
        self,
        offer: str,
        session: dict[str, Any] | None,
        headers: Mapping[str, str],
        channel_id: int | None,
    ) -> tuple[str, str]:
        """Answer an offer.

        Args:
            offer: its SDP, to the byte.
            session: configuration that came with it.
            headers: of the HTTP request.
            channel_id: of the event channel, where the caller has fixed it.

        Returns:
            The call's id, and the answer's SDP.

        Raises:
            ConnectError: the offer cannot be answered.
            ClientFault: the session's configuration is wrong.
        """
        make_session = self._session_maker(session, headers)
        call = Call(self._ids.make("rtc_u0"), make_session, self._end_later)
        self._calls[call.ident] = call
        try:
            return call.ident, await call.answer(offer, channel_id)
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
        return call is not None

    async def close(self, within: Samples) -> None:
        """Take no more calls, and end all there are, or go on without them when time is up."""
        self._closed = True
        closings = [asyncio.ensure_future(self.hang_up(ident)) for ident in list(self._calls)]
        waiting: set[asyncio.Future[Any]] = {*closings, *self._endings}
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds_of(within))
            for each in late:
                _log.warning("a call did not end within %g s", seconds_of(within))
                each.cancel()

    def _session_maker(
        self, session: dict[str, Any] | None, headers: Mapping[str, str]
    ) -> Callable[[Callable[[bytes], None]], EndpointSession]:
        plan = self._choose(session or {}, headers)
        return lambda send: EndpointSession(
            plan,
            responder=ScriptedResponder(plan.local),
            engines=self._engines,
            workshop=self._workshop,
            send=send,
            session=session,
            unix_time=self._unix_time(),
        )

    def _end_later(self, call: Call) -> None:
        """A call cannot close itself: its own task would wait for its own end."""
        task = asyncio.get_running_loop().create_task(self._end(call))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _end(self, call: Call) -> None:
        await self.hang_up(call.ident)
