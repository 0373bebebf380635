"""The endpoint's HTTP door: calls, hang-up, ephemeral keys, health."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from soundstage.endpoint._access import Access, bearer
from soundstage.endpoint._bodies import BodyLimit, SecretRequest, read_offer
from soundstage.endpoint._endpoint_session import DEFAULT_MODEL
from soundstage.endpoint._keys import EphemeralKeys
from soundstage.endpoint._refusals import Refusal, answer_errors
from soundstage.endpoint._requests import Requests
from soundstage.endpoint._socket_door import check_shape, serve_sockets
from soundstage.endpoint._switchboard import Switchboard
from soundstage.errors import ClientFault, ConnectError, RunInvalid
from soundstage.realtime import Ids, SessionConfig

_MOST_CHANNELS: Final = 65_534
_DAY: Final = 86_400

Bearer = Annotated[str, Depends(bearer)]
ChannelId = Annotated[int | None, Query(ge=0, le=_MOST_CHANNELS)]


def build_app(
    board: Switchboard, keys: EphemeralKeys, ids: Ids, api_key: str | None = None
) -> FastAPI:
    """The application.

    Args:
        board: has the sessions.
        keys: the ephemeral ones.
        ids: for the sessions that ephemeral keys stand for.
        api_key: the one key that opens the endpoint; None where any does.
    """
    app = FastAPI(
        title="Soundstage's local Realtime endpoint",
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        max_age=_DAY,
    )
    app.add_middleware(Requests)
    answer_errors(app)
    access = Access(keys, api_key)
    _serve_calls(app, board, access)
    _serve_control(app, board, access)
    _serve_keys(app, keys, access, ids)
    _refuse_the_beta(app)
    serve_sockets(app, board, access, ids)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "calls": board.calls, "sockets": board.sockets}

    return app


def _serve_calls(app: FastAPI, board: Switchboard, access: Access) -> None:
    @app.post("/v1/realtime/calls")
    async def call(request: Request, key: Bearer, dcid: ChannelId = None) -> Response:
        access.check_caller(key)
        offer, given = await read_offer(request)
        session = access.session_for(key) or given
        try:
            ident, described = await board.answer(offer, session, request.headers, dcid)
        except ClientFault as fault:
            raise Refusal(400, fault.code, str(fault), fault.param) from None
        except ConnectError as error:
            message = "Invalid SDP offer. Please try again with a WHIP-compliant offer."
            raise Refusal(400, "invalid_offer", f"{message} ({error})", "sdp") from None
        except RunInvalid as error:
            raise Refusal(503, "server_error", str(error)) from None
        location = {"Location": f"/v1/realtime/calls/{ident}"}
        return Response(described, 201, location, media_type="text/plain")


def _serve_control(app: FastAPI, board: Switchboard, access: Access) -> None:
    @app.post("/v1/realtime/calls/{ident}/hangup")
    async def hang_up(ident: str, key: Bearer) -> Response:
        access.check_owner(key)
        if not await board.hang_up(ident):
            raise Refusal(
                400, "call_id_not_found", "No session found for the provided call_id.", "call_id"
            )
        return Response()

    @app.post("/v1/realtime/calls/{ident}/accept")
    @app.post("/v1/realtime/calls/{ident}/refer")
    @app.post("/v1/realtime/calls/{ident}/reject")
    async def control_sip(ident: str, key: Bearer) -> Response:
        access.check_owner(key)
        board.find(ident)
        message = "The call is over WebRTC; only calls over SIP are accepted, referred or rejected."
        raise Refusal(400, "call_id_not_found", message, "call_id")


def _serve_keys(app: FastAPI, keys: EphemeralKeys, access: Access, ids: Ids) -> None:
    async def owner(key: Bearer) -> None:
        access.check_owner(key)

    @app.post("/v1/realtime/client_secrets", dependencies=[Depends(owner)])
    async def make_key(body: SecretRequest | None = None) -> dict[str, Any]:
        body = body or SecretRequest()
        given: dict[str, Any] = dict(body.session)
        model = str(given.get("model") or DEFAULT_MODEL)
        try:
            config = SessionConfig(ids.make("sess"), model, given=given)
        except ClientFault as fault:
            raise Refusal(400, fault.code, str(fault), fault.param) from None
        value, expires_at = keys.make(given, body.expires_after.seconds)
        return {"value": value, "expires_at": expires_at, "session": config.wire()}


def _refuse_the_beta(app: FastAPI) -> None:
    @app.post("/v1/realtime")
    @app.post("/v1/realtime/sessions")
    @app.post("/v1/realtime/transcription_sessions")
    async def refuse() -> None:
        check_shape(beta=True)
