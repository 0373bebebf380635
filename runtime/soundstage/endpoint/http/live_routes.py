"""The endpoint's routes of the Live API: sessions over a WebSocket, calls, and their sidebands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect

from soundstage.config.values import is_table
from soundstage.endpoint.access_log import log_event
from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.call_plan import names_asked_for
from soundstage.endpoint.http.auth import bearer, key_in
from soundstage.endpoint.http.error_responses import error_response
from soundstage.endpoint.served_session import error_event
from soundstage.endpoint.transports.live_call import LiveSideband
from soundstage.errors import ClientFault, ConnectError, InfrastructureError
from soundstage.json_text import NotJson, read_json
from soundstage.live import client_events, decode_client

if TYPE_CHECKING:
    from soundstage.endpoint.http.auth import Access
    from soundstage.endpoint.session_registry import SessionRegistry
    from soundstage.realtime import Ids

STARTS_WITHIN: Final = 30.0
"""Seconds in which a client must send `session.start`."""

_MOST_EARLY: Final = 100
"""Events before it that are refused one by one; then the socket is closed."""

_REFUSED: Final = 4000
"""The code that a WebSocket is closed with when its session cannot be started."""

Bearer = Annotated[str, Depends(bearer)]


def serve_live(app: FastAPI, registry: SessionRegistry, access: Access, ids: Ids) -> None:
    """Let the application answer the Live API.

    Args:
        app: the application.
        registry: has the sessions.
        access: judges keys; the Live API has no ephemeral ones.
        ids: for events that no session sends.
    """
    _serve_calls(app, registry, access)
    _serve_live_sockets(app, registry, access, ids)
    _refuse_the_rest(app, registry, access)


def _serve_calls(app: FastAPI, registry: SessionRegistry, access: Access) -> None:
    @app.post("/v1/live/sessions")
    async def create(request: Request, key: Bearer) -> Response:
        access.check_owner(key)
        session, offer = _read_call(await request.body())
        names = names_asked_for(request.headers, "", session)
        try:
            ident, described = await registry.answer(offer, session, names, None, protocol="live")
        except ClientFault as fault:
            raise ApiError(400, fault.code, str(fault), fault.param) from None
        except ConnectError as error:
            message = f"Invalid SDP offer. ({error})"
            raise ApiError(400, "invalid_value", message, "transport.sdp") from None
        except InfrastructureError as error:
            raise ApiError(503, "server_error", str(error)) from None
        transport = {"type": "webrtc", "sdp": described}
        return JSONResponse({"session": {"id": ident}, "transport": transport}, 201)

    @app.post("/v1/live/sessions/{ident}/hangup")
    async def hang_up(ident: str, key: Bearer) -> Response:
        access.check_owner(key)
        registry.find_live(ident)
        await registry.hang_up(ident)
        return Response()


def _serve_live_sockets(app: FastAPI, registry: SessionRegistry, access: Access, ids: Ids) -> None:
    @app.websocket("/v1/live/sessions")
    async def connect(socket: WebSocket) -> None:
        try:
            access.check_owner(key_in(socket.headers.get("authorization", "")))
            registry.check_room()
        except ApiError as error:
            await socket.send_denial_response(error_response(error))
            return
        await socket.accept()
        try:
            await _begin(socket, registry, ids)
        except WebSocketDisconnect:
            log_event("a client left before its session began")
        except (ApiError, ClientFault) as error:
            log_event("a client was refused", code=error.code)
            await _tell(socket, ids, error)
            await socket.close(_REFUSED, f"invalid_request_error.{error.code}")

    @app.websocket("/v1/live/sessions/{ident}/attach")
    async def attach(socket: WebSocket, ident: str) -> None:
        try:
            access.check_owner(key_in(socket.headers.get("authorization", "")))
            call = registry.find_live(ident)
            log_event("a sideband has begun", call=call.ident)
            why = await LiveSideband(call, socket).run(socket.accept)
            log_event("a sideband is over", call=call.ident, why=why)
        except ApiError as error:
            await socket.send_denial_response(error_response(error))

    @app.websocket("/v1/live/sessions/{ident}/fork")
    async def fork_socket(socket: WebSocket, ident: str) -> None:
        del ident
        await socket.send_denial_response(error_response(_not_offered("Forks are")))


def _refuse_the_rest(app: FastAPI, registry: SessionRegistry, access: Access) -> None:
    @app.post("/v1/live/sessions/{ident}/fork")
    async def fork(ident: str, key: Bearer) -> None:
        access.check_owner(key)
        registry.find_live(ident)
        raise _not_offered("Forks are")

    @app.get("/v1/live/sessions/{ident}/content")
    async def content(ident: str, key: Bearer) -> None:
        access.check_owner(key)
        registry.find_live(ident)
        raise _not_offered("Stored sessions are")

    @app.post("/v1/live/sessions/{ident}/accept")
    @app.post("/v1/live/sessions/{ident}/refer")
    @app.post("/v1/live/sessions/{ident}/reject")
    async def control_sip(ident: str, key: Bearer) -> None:
        access.check_owner(key)
        registry.find_live(ident)
        raise _not_offered("Calls over SIP are")


def _not_offered(what: str) -> ApiError:
    return ApiError(400, "invalid_value", f"{what} not available at this endpoint.")


def _read_call(body: bytes) -> tuple[dict[str, Any], str]:
    """The session and the offer of a request.

    Raises:
        ApiError: it has none, or they are of another kind.
    """
    try:
        fields = read_json(body)
    except NotJson:
        raise ApiError(400, "invalid_json", "The body is not valid JSON.") from None
    if not is_table(fields):
        raise ApiError(400, "invalid_type", "The body is a JSON object.")
    for name in fields:
        if name not in ("session", "transport"):
            raise ApiError(400, "unknown_parameter", f"Unknown parameter: '{name}'.", name)
    session, transport = fields.get("session"), fields.get("transport")
    for name, value in (("session", session), ("transport", transport)):
        if name not in fields:
            message = f"Missing required parameter: '{name}'."
            raise ApiError(400, "missing_required_parameter", message, name)
        if not is_table(value):
            raise ApiError(400, "invalid_type", f"Invalid type for '{name}'.", name)
    if not is_table(session) or not is_table(transport):
        raise AssertionError("both have just been checked")
    if transport.get("type") == "sip":
        raise ApiError(403, "outbound_sip_not_enabled", "Calls over SIP are not available here.")
    if transport.get("type") != "webrtc":
        message = "Invalid value for 'transport.type': supported is 'webrtc'."
        raise ApiError(400, "invalid_value", message, "transport.type")
    offer = transport.get("sdp")
    if not isinstance(offer, str) or not offer.strip():
        message = "Missing required parameter: 'transport.sdp'."
        raise ApiError(400, "missing_required_parameter", message, "transport.sdp")
    return session, offer


async def _begin(socket: WebSocket, registry: SessionRegistry, ids: Ids) -> None:
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            start = await _first_event(socket, ids)
    except TimeoutError:
        message = f"No session.start came within {STARTS_WITHIN:g} s."
        raise ApiError(400, "invalid_event", message) from None
    plan = await registry.admit(names_asked_for(socket.headers, "", start.session))
    await registry.serve(
        socket, start.session, plan, protocol="live", started_by=start.event_id or None
    )


async def _first_event(socket: WebSocket, ids: Ids) -> client_events.SessionStart:
    """The `session.start` of a client; anything before it is refused, and forgotten."""
    for _ in range(_MOST_EARLY):
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text = message.get("text")
        try:
            event = decode_client(message.get("bytes") or b"" if text is None else text)
        except ClientFault as fault:
            if fault.param is not None and fault.param.startswith("session"):
                raise
            await _tell(socket, ids, fault)
            continue
        if isinstance(event, client_events.SessionStart):
            return event
        early = ClientFault("invalid_event", "The session has not been started.", param="type")
        await _tell(socket, ids, early)
    raise ApiError(400, "invalid_event", "No session.start came.")


async def _tell(socket: WebSocket, ids: Ids, error: ApiError | ClientFault) -> None:
    kind = "invalid_request_error"
    if isinstance(error, ApiError):
        kind = str(error.body["error"]["type"])
    event = error_event("live", ids, kind, error.code or "", str(error), param=error.param)
    await socket.send_text(event.decode())
