"""What every HTTP request gets, whatever answers it: an id, headers for browsers, a log line."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from soundstage.endpoint._telling import tell
from soundstage.kernel import AsyncClock
from soundstage.units import ms_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED: Final = "Location, X-Request-Id, CF-Ray"
"""The headers that a page may read, as the service says."""


class Requests:
    """Names and logs each request; the query is left out, for clients put keys there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ident, clock, status = f"req_{secrets.token_hex(16)}", AsyncClock(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = ident
                headers["Access-Control-Allow-Origin"] = "*"
                headers["Access-Control-Expose-Headers"] = EXPOSED
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            tell(
                "a request was answered",
                request=ident,
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=ms_of(clock.now()),
            )
