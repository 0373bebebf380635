"""The gate for pages: what comes from a foreign site, or by a foreign name, is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.http.error_responses import error_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from soundstage.serving import AllowedOrigins

_log = logging.getLogger("soundstage.endpoint")

_SHOWN: Final = 200

_POLICY_VIOLATION: Final = 1008
"""RFC 6455, 7.4.1; before the handshake it becomes HTTP 403."""


class PageGate:
    """Refuses requests and WebSockets by their `Host` and `Origin`, before anything else is read.

    Args:
        app: what is behind it.
        allowed: judges the two headers.
    """

    def __init__(self, app: ASGIApp, allowed: AllowedOrigins) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        refused = None
        if scope["type"] in ("http", "websocket"):
            refused = self._refusal(Headers(scope=scope))
        if refused is None:
            await self._app(scope, receive, send)
            return
        # What a browser sends is quoted: it may hold anything that a header can.
        _log.warning("%s", refused)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await error_response(refused)(scope, receive, send)

    def _refusal(self, headers: Headers) -> ApiError | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._allowed.takes_host(host):
            return ApiError(
                403,
                "host_not_allowed",
                f"This endpoint is not called {host[:_SHOWN]!r}: use the URL that it printed, or "
                "start it with --allow-host.",
            )
        if not self._allowed.takes_origin(origin):
            return ApiError(
                403,
                "origin_not_allowed",
                f"Pages of {(origin or '')[:_SHOWN]!r} may not use this endpoint: start it with "
                "--allow-origin to let them in.",
            )
        return None


class AllowedPages(CORSMiddleware):
    """Tells a browser that a page which the gate let pass may read the answers.

    Args:
        app: what is behind it.
        allowed: judges origins.
        exposed: the headers that the page may read.
        max_age: seconds for which a browser need not ask again.
    """

    def __init__(
        self, app: ASGIApp, allowed: AllowedOrigins, exposed: tuple[str, ...], max_age: int
    ) -> None:
        super().__init__(
            app,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=exposed,
            max_age=max_age,
        )
        self._allowed = allowed

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether a page of this origin may read."""
        return self._allowed.takes_origin(origin)
