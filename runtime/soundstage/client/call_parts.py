"""What a client's call is made of, and how it is placed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.webrtc import WebRtcCall
from soundstage.websocket import WebSocketCall

if TYPE_CHECKING:
    import asyncio
    import logging
    from collections.abc import Callable

    import httpx

    from soundstage.kernel import AsyncClock
    from soundstage.webrtc import Codec, Deadlines, PlacedCall, Provider


class CallParts(Struct, frozen=True, kw_only=True):
    """What a call is made of; each part can be the program's own.

    Attributes:
        provider: the service that is called.
        clock: paces the audio, and times what is tried again.
        logger: is told when a call comes up or drops.
        deadlines: how long each step of the call may take.
        http: carries the signalling.
        codec: makes the Opus encoder and decoder.
    """

    provider: Provider
    clock: AsyncClock
    logger: logging.Logger
    deadlines: Deadlines | None = None
    http: httpx.AsyncClient | None = None
    codec: Codec | None = None

    def call(
        self,
        body: dict[str, Any],
        *,
        on_open: Callable[[str], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
    ) -> PlacedCall:
        """A call over the provider's transport, which has not begun.

        Args:
            body: the session's configuration, with its model.
            on_open: gets the call's id once it is up.
            on_event: gets each event of the server.
            on_lost: is told why there is no call any more.
        """
        over_websocket = self.provider.transport == "websocket"
        make = WebSocketCall if over_websocket else partial(WebRtcCall, codec=self.codec)
        return make(
            self.provider,
            body,
            on_open=on_open,
            on_event=on_event,
            on_lost=on_lost,
            deadlines=self.deadlines,
            client=self.http,
        )


async def begin_call(call: PlacedCall, ready: asyncio.Future[None]) -> None:
    """Place a call, and wait until its session is ready; what fails leaves nothing of the call.

    Raises:
        Exception: what `ready` was given.
    """
    call.begin()
    try:
        await ready
    except BaseException:
        call.end()
        await call.wait_ended()
        raise
