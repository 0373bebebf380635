"""Calls over WebRTC: each one a link, a session, and the pace that joins them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from soundstage.endpoint._endpoint_session import CallPlan, EndpointSession
from soundstage.endpoint._responder import ScriptedResponder
from soundstage.kernel import AsyncClock
from soundstage.webrtc import PeerLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint._workshop import Workshop
    from soundstage.speech import Engines

_log = logging.getLogger("soundstage.endpoint")


class Call:
    """One call that was answered.

    Args:
        ident: its id.
        plan: how it is answered.
        engines: its ears and voice.
        workshop: where they work.
        session: configuration that came with the offer.
        on_end: called once, when the call is over.
    """

    def __init__(
        self,
        ident: str,
        plan: CallPlan,
        *,
        engines: Engines,
        workshop: Workshop,
        session: dict[str, Any] | None,
        on_end: Callable[[str], None],
    ) -> None:
        self.ident = ident
        self._on_end = on_end
        self._link = PeerLink(
            on_open=self._begin,
            on_event=self._receive,
            on_lost=self._lose,
            reach="loopback",
        )
        self._session = EndpointSession(
            plan,
            responder=ScriptedResponder(plan.local),
            engines=engines,
            workshop=workshop,
            send=self._link.send,
            session=session,
        )
        self._pace: asyncio.Task[None] | None = None
        self._ended = False

    async def answer(self, offer: str, channel_id: int | None) -> str:
        """The SDP answer to an offer.

        Raises:
            ConnectError: the offer cannot be answered.
        """
        return await self._link.answer(offer, channel_id=channel_id)

    async def close(self) -> None:
        """End the call."""
        self._end()
        await self._link.close()

    def _begin(self) -> None:
        self._session.open()
        self._pace = asyncio.get_running_loop().create_task(self._keep_pace())

    def _receive(self, message: str | bytes) -> None:
        self._session.on_message(message)

    async def _keep_pace(self) -> None:
        clock = AsyncClock()
        try:
            async for pts in clock.ticks():
                self._link.play(self._session.on_tick(pts))
                self._session.on_frame(self._link.take())
                if self._session.closed:
                    break
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - one call that fails must not take the others
            _log.exception("call %s failed", self.ident)
        self._pace = None
        self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if error is not None:
            _log.info("call %s was lost: %s", self.ident, error)
        if not self._ended:
            self._on_end(self.ident)

    def _end(self) -> None:
        self._ended = True
        self._session.close()
        if self._pace is not None:
            self._pace.cancel()
            self._pace = None
