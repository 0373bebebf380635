"""The endpoint's WebSocket door: sessions, and sidebands of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, WebSocket
from msgspec import Struct

from soundstage.endpoint._access import key_in
from soundstage.endpoint._refusals import Refusal
from soundstage.endpoint._sideband import Sideband
from soundstage.endpoint._telling import tell
from soundstage.realtime import ErrorBody, encode, server_events

if TYPE_CHECKING:
    from soundstage.endpoint._access import Access
    from soundstage.endpoint._switchboard import Switchboard
    from soundstage.realtime import Ids

PROTOCOL: Final = "realtime"
_KEY_PROTOCOL: Final = "openai-insecure-api-key."
_BETA_PROTOCOL: Final = "openai-beta.realtime-v1"
_BETA_HEADER: Final = "openai-beta"

_CLOSES: Final = {400: 4000, 401: 3000}
"""HTTP status to the code that a WebSocket is closed with, as the service does; others are
answered before the upgrade."""


class Knock(Struct, frozen=True):
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
    def read(cls, socket: WebSocket) -> Knock:
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


def serve_sockets(app: FastAPI, board: Switchboard, access: Access, ids: Ids) -> None:
    """Let the application answer WebSockets.

    Args:
        app: the application.
        board: has the sessions and the calls.
        access: judges keys.
        ids: for events that no session sends.
    """

    @app.websocket("/v1/realtime")
    async def connect(socket: WebSocket) -> None:
        knock = Knock.read(socket)
        try:
            if knock.call_id:
                await _join(socket, knock, board, access)
            else:
                await _begin(socket, knock, board, access)
        except Refusal as refusal:
            await _turn_away(socket, knock, refusal, ids)


async def _begin(socket: WebSocket, knock: Knock, board: Switchboard, access: Access) -> None:
    session = _session_of(knock, access)
    plan = await board.admit(session, socket.headers)
    await socket.accept(knock.protocol)
    await board.serve(socket, session, plan)


def _session_of(knock: Knock, access: Access) -> dict[str, Any]:
    check_shape(beta=knock.beta)
    given = access.session_for(knock.key)
    if given:
        model = {"model": knock.model} if knock.model and "model" not in given else {}
        return {**given, **(model if given.get("type") == "realtime" else {})}
    if knock.model:
        return {"type": "realtime", "model": knock.model}
    if knock.transcribes:
        return {"type": "transcription"}
    raise Refusal(400, "missing_model", "You must provide a model parameter.", "model")


async def _join(socket: WebSocket, knock: Knock, board: Switchboard, access: Access) -> None:
    check_shape(beta=knock.beta)
    access.check_owner(knock.key)
    call = board.find(knock.call_id)
    tell("a sideband has begun", call=call.ident)
    why = await Sideband(call, socket).run(lambda: socket.accept(knock.protocol))
    tell("a sideband is over", call=call.ident, why=why)


def check_shape(*, beta: bool) -> None:
    """See that a client speaks the protocol of today.

    Raises:
        Refusal: it speaks that of the beta.
    """
    if beta:
        raise Refusal(
            400,
            "beta_api_shape_disabled",
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
        )


async def _turn_away(socket: WebSocket, knock: Knock, refusal: Refusal, ids: Ids) -> None:
    tell("a client was turned away", status=refusal.status, code=refusal.code)
    code = _CLOSES.get(refusal.status)
    if code is None:
        await socket.send_denial_response(refusal.response())
        return
    await socket.accept(knock.protocol)
    body = ErrorBody(code=refusal.code, message=str(refusal), param=refusal.param)
    error = server_events.Error(event_id=ids.make("event"), error=body)
    await socket.send_text(encode(error).decode())
    await socket.close(code, f"{body.type}.{body.code}")
