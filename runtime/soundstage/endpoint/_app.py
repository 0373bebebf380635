"""The endpoint's HTTP door: calls, hang-up, ephemeral keys, health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from soundstage.endpoint._switchboard import LONGEST_SECRET, SHORTEST_SECRET, Switchboard
from soundstage.errors import ConnectError, RunInvalid
from soundstage.realtime import ClientFault
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MOST_BYTES: Final = 1 << 20
"""No offer with its session comes near it."""

_DEFAULT_SECRET_SECONDS: Final = 600


class Refusal(Exception):
    """An HTTP error in the shape of the OpenAI API."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        self.status = status
        kind = "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
        super().__init__(message)


def build_app(switchboard: Callable[[], Switchboard]) -> FastAPI:
    """The application.

    Args:
        switchboard: gives the calls that it serves; asked for in each request.
    """
    app = FastAPI(title="Soundstage local Realtime endpoint", openapi_url=None)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["Location", "X-Request-Id"],
    )
    app.add_exception_handler(Refusal, _refuse)
    app.middleware("http")(_limit)
    door = _Door(switchboard)
    app.get("/health")(_health)
    app.post("/v1/realtime/calls")(door.call)
    app.post("/v1/realtime/calls/{ident}/hangup")(door.hang_up)
    app.post("/v1/realtime/client_secrets")(door.make_secret)
    return app


class _Door:
    """The routes of the protocol."""

    def __init__(self, switchboard: Callable[[], Switchboard]) -> None:
        self._switchboard = switchboard

    async def call(
        self,
        request: Request,
        authorization: Annotated[str, Header()] = "",
        dcid: int | None = None,
    ) -> Response:
        """Answer an offer."""
        board = self._switchboard()
        key = _bearer(authorization)
        offer, session = await _offer(request)
        if key.startswith("ek_"):
            session = board.session_of(key)
            if session is None:
                raise Refusal(401, "invalid_api_key", "The ephemeral key is unknown or expired.")
        if board.is_full:
            raise Refusal(429, "rate_limit_exceeded", "The endpoint has as many calls as it takes.")
        try:
            ident, answer = await board.answer(offer, session, request.headers, dcid)
        except ConnectError as error:
            message = f"Invalid SDP offer. Please try again with a WHIP-compliant offer. ({error})"
            raise Refusal(400, "invalid_offer", message) from None
        except ClientFault as fault:
            raise Refusal(400, fault.code, str(fault), fault.param) from None
        except RunInvalid as error:
            raise Refusal(503, "server_error", str(error)) from None
        location = {"Location": f"/v1/realtime/calls/{ident}"}
        return Response(answer, 201, location, media_type="text/plain; charset=utf-8")

    async def hang_up(self, ident: str, authorization: Annotated[str, Header()] = "") -> Response:
        """End a call."""
        _bearer(authorization)
        if not await self._switchboard().hang_up(ident):
            raise Refusal(400, "call_id_not_found", f"No call with id '{ident}'.")
        return Response(status_code=200)

    async def make_secret(
        self, request: Request, authorization: Annotated[str, Header()] = ""
    ) -> dict[str, Any]:
        """An ephemeral key."""
        _bearer(authorization)
        body = _json(await request.body() or b"{}", "")
        seconds = (body.get("expires_after") or {}).get("seconds", _DEFAULT_SECRET_SECONDS)
        lasts = samples_of_seconds(seconds) if isinstance(seconds, int) else 0
        if not SHORTEST_SECRET <= lasts <= LONGEST_SECRET:
            raise Refusal(
                400, "invalid_value", "It lasts 10 to 7200 seconds.", "expires_after.seconds"
            )
        session = body.get("session") or {"type": "realtime"}
        value, expires_at = self._switchboard().make_secret(session, lasts)
        return {"value": value, "expires_at": expires_at, "session": session}


async def _health() -> dict[str, str]:
    return {"status": "ok"}


async def _refuse(request: Request, refusal: Exception) -> JSONResponse:
    del request
    if not isinstance(refusal, Refusal):
        raise refusal
    return JSONResponse(refusal.body, refusal.status)


async def _limit(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        refusal = Refusal(413, "request_too_large", f"A body is at most {MOST_BYTES} bytes.")
        return JSONResponse(refusal.body, refusal.status)
    return await call_next(request)


def _bearer(authorization: str) -> str:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Refusal(
            401, "invalid_api_key", "Give any key as 'Authorization: Bearer …'; none is checked."
        )
    return key.strip()


async def _offer(request: Request) -> tuple[str, dict[str, Any] | None]:
    """The SDP, its line ends untouched, and the session if one came with it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return (await request.body()).decode("utf-8", "replace"), None
    try:
        form = await request.form()
    except HTTPException as error:
        raise Refusal(400, "invalid_request", f"The multipart body is broken: {error}") from None
    offer = await _part(form.get("sdp"))
    session = await _part(form.get("session"))
    if not offer:
        raise Refusal(400, "invalid_offer", "The part 'sdp' is missing.", "sdp")
    return offer, _json(session.encode(), "session") if session else None


async def _part(part: Any) -> str:
    if part is None or isinstance(part, str):
        return part or ""
    return str((await part.read()).decode("utf-8", "replace"))


def _json(text: bytes, param: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = None
    if not isinstance(value, dict):
        raise Refusal(400, "invalid_json", "It must be a JSON object.", param or None)
    return value
