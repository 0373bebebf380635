"""The endpoint's WebSocket routes: sessions, and sidebands of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, WebSocket
from msgspec import Struct

from soundstage.endpoint.access_log import log_event
from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.call_plan import names_asked_for
from soundstage.endpoint.http.auth import key_in
from soundstage.endpoint.http.error_responses import error_response
from soundstage.endpoint.transports.webrtc_call import Sideband
from soundstage.realtime import ErrorBody, encode, server_events

if TYPE_CHECKING:
    from soundstage.endpoint.http.auth import Access
    from soundstage.endpoint.session_registry import SessionRegistry
    from soundstage.realtime import Ids

PROTOCOL: Final = "realtime"
_KEY_PROTOCOL: Final = "openai-insecure-api-key."
_BETA_PROTOCOL: Final = "openai-beta.realtime-v1"
_BETA_HEADER: Final = "openai-beta"

_CLOSES: Final = {400: 4000, 401: 3000}
"""HTTP status to the code that a WebSocket is closed with, as the service does; others are
answered before the upgrade."""


class ConnectRequest(Struct, frozen=True):
    """What a client asks for when it connects.

    Attributes:
        key: its key, from the header or, as browsers send it, from the subprotocols.
        protocol: the subprotocol to agree on, or None.
        model: the model of a conversation, or empty.
        transcribes: whether it wants a transcription session.
        call_id: the call whose sideband it wants, or empty.
        beta: whether it speaks the protocol of the beta.
    """

    key: str
    protocol: str | None
    model: str
    transcribes: bool
    call_id: str
    beta: bool

    @classmethod
    def read(cls, socket: WebSocket) -> ConnectRequest:
        """What a WebSocket's request says."""
        offered: list[str] = socket.scope.get("subprotocols", [])
        keys = [each.removeprefix(_KEY_PROTOCOL) for each in offered if _KEY_PROTOCOL in each]
        query = socket.query_params
        return cls(
            key=key_in(socket.headers.get("authorization", "")) or next(iter(keys), ""),
            protocol=PROTOCOL if PROTOCOL in offered else None,
            model=query.get("model", ""),
            transcribes=query.get("intent") == "transcription",
            call_id=query.get("call_id", ""),
            beta=_BETA_PROTOCOL in offered or "realtime" in socket.headers.get(_BETA_HEADER, ""),
        )


def serve_sockets(app: FastAPI, registry: SessionRegistry, access: Access, ids: Ids) -> None:
    """Let the application answer WebSockets.

    Args:
        app: the application.
        registry: has the sessions and the calls.
        access: judges keys.
        ids: for events that no session sends.
    """

    @app.websocket("/v1/realtime")
    async def connect(socket: WebSocket) -> None:
        request = ConnectRequest.read(socket)
        try:
            if request.call_id:
                await _join(socket, request, registry, access)
            else:
                await _begin(socket, request, registry, access)
        except ApiError as error:
            await _refuse(socket, request, error, ids)


async def _begin(
    socket: WebSocket, request: ConnectRequest, registry: SessionRegistry, access: Access
) -> None:
    session = _session_of(request, access)
    names = names_asked_for(socket.headers, request.model, session)
    plan = await registry.admit(names)
    await socket.accept(request.protocol)
    await registry.serve(socket, session, plan)


def _session_of(request: ConnectRequest, access: Access) -> dict[str, Any]:
    check_shape(beta=request.beta)
    given = access.session_for(request.key)
    if given:
        model = {"model": request.model} if request.model and "model" not in given else {}
        return {**given, **(model if given.get("type") == "realtime" else {})}
    if request.model:
        return {"type": "realtime", "model": request.model}
    if request.transcribes:
        return {"type": "transcription"}
    raise ApiError(400, "missing_model", "You must provide a model parameter.", "model")


async def _join(
    socket: WebSocket, request: ConnectRequest, registry: SessionRegistry, access: Access
) -> None:
    check_shape(beta=request.beta)
    access.check_owner(request.key)
    call = registry.find(request.call_id)
    log_event("a sideband has begun", call=call.ident)
    why = await Sideband(call, socket).run(lambda: socket.accept(request.protocol))
    log_event("a sideband is over", call=call.ident, why=why)


def check_shape(*, beta: bool) -> None:
    """See that a client speaks the protocol of today.

    Raises:
        ApiError: it speaks that of the beta.
    """
    if beta:
        raise ApiError(
            400,
            "beta_api_shape_disabled",
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
        )


async def _refuse(socket: WebSocket, request: ConnectRequest, refused: ApiError, ids: Ids) -> None:
    log_event("a client was refused", status=refused.status, code=refused.code)
    code = _CLOSES.get(refused.status)
    if code is None:
        await socket.send_denial_response(error_response(refused))
        return
    await socket.accept(request.protocol)
    body = ErrorBody(code=refused.code, message=str(refused), param=refused.param)
    error = server_events.Error(event_id=ids.make("event"), error=body)
    await socket.send_text(encode(error).decode())
    await socket.close(code, f"{body.type}.{body.code}")
