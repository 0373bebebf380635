"""The endpoint's HTTP door: calls, hang-up, ephemeral keys, health."""

from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from soundstage.endpoint._bodies import BodyLimit, SecretRequest, bearer, read_offer
from soundstage.endpoint._endpoint_session import DEFAULT_MODEL
from soundstage.endpoint._keys import PREFIX, EphemeralKeys
from soundstage.endpoint._refusals import Refusal, answer_errors
from soundstage.endpoint._switchboard import Switchboard
from soundstage.errors import ClientFault, ConnectError, RunInvalid
from soundstage.realtime import Ids, SessionConfig

_MOST_CHANNELS: Final = 65_534

Bearer = Annotated[str, Depends(bearer)]
ChannelId = Annotated[int | None, Query(ge=0, le=_MOST_CHANNELS)]


def build_app(board: Switchboard, keys: EphemeralKeys, ids: Ids) -> FastAPI:
    """The application.

    Args:
        board: answers the calls.
        keys: the ephemeral ones.
        ids: for the sessions that ephemeral keys stand for.
    """
    app = FastAPI(title="Soundstage's local Realtime endpoint", openapi_url=None)
    app.add_middleware(BodyLimit)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["Location", "X-Request-Id", "CF-Ray"],
    )
    answer_errors(app)
    _serve_calls(app, board, keys)
    _serve_keys(app, keys, ids)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "calls": board.calls}

    return app


def _serve_calls(app: FastAPI, board: Switchboard, keys: EphemeralKeys) -> None:
    @app.post("/v1/realtime/calls")
    async def call(request: Request, key: Bearer, dcid: ChannelId = None) -> Response:
        offer, session = await read_offer(request)
        if key.startswith(PREFIX):
            session = keys.session_of(key)
            if session is None:
                raise Refusal(
                    401, "invalid_api_key", "The ephemeral key is unknown or has expired."
                )
        if board.is_full:
            raise Refusal(
                429, "rate_limit_exceeded", "This endpoint has as many calls as it takes."
            )
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

    @app.post("/v1/realtime/calls/{ident}/hangup", dependencies=[Depends(bearer)])
    async def hang_up(ident: str) -> Response:
        if not await board.hang_up(ident):
            raise Refusal(
                400, "call_id_not_found", "No session found for the provided call_id.", "call_id"
            )
        return Response()


def _serve_keys(app: FastAPI, keys: EphemeralKeys, ids: Ids) -> None:
    @app.post("/v1/realtime/client_secrets", dependencies=[Depends(bearer)])
    async def make_key(body: SecretRequest | None = None) -> dict[str, Any]:
        body = body or SecretRequest()
        given: dict[str, Any] = dict(body.session)
        config = SessionConfig(ids.make("sess"), str(given.get("model") or DEFAULT_MODEL))
        try:
            if given:
                config.update(given)
        except ClientFault as fault:
            raise Refusal(400, fault.code, str(fault), fault.param) from None
        value, expires_at = keys.make(given, body.expires_after.seconds)
        return {"value": value, "expires_at": expires_at, "session": config.wire()}
