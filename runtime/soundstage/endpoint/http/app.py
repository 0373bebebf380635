"""The endpoint's HTTP application: calls, hang-up, ephemeral keys, health."""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundstage.endpoint.access_log import log_event
from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.call_plan import names_asked_for
from soundstage.endpoint.http.auth import Access, EphemeralKeys, bearer
from soundstage.endpoint.http.error_responses import answer_errors
from soundstage.endpoint.http.live_routes import serve_live
from soundstage.endpoint.http.page_gate import AllowedPages, PageGate
from soundstage.endpoint.http.request_bodies import BodyLimit, SecretRequest, read_offer
from soundstage.endpoint.http.websocket_routes import check_shape, serve_sockets
from soundstage.endpoint.served_session import DEFAULT_MODEL
from soundstage.endpoint.session_registry import SessionRegistry
from soundstage.errors import ClientFault, ConnectError, InfrastructureError
from soundstage.kernel import AsyncClock, utc_now
from soundstage.realtime import Ids, SessionConfig
from soundstage.serving import AllowedOrigins
from soundstage.units import ms_of

_MOST_CHANNELS: Final = 65_534
_DAY: Final = 86_400
_SLASHES: Final = re.compile("/{2,}")

_USUAL_MODELS: Final = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime",
    "gpt-realtime-mini",
    "gpt-live-1.1",
    "gpt-live-1",
)
"""Those of the service for conversations, of which clients look for one."""

EXPOSED: Final = ("Location", "X-Request-Id", "CF-Ray")
"""The headers that a page may read, as the service says."""

Bearer = Annotated[str, Depends(bearer)]
ChannelId = Annotated[int | None, Query(ge=0, le=_MOST_CHANNELS)]


def build_app(
    registry: SessionRegistry,
    keys: EphemeralKeys,
    ids: Ids,
    api_key: str | None = None,
    behaviours: Callable[[], Iterable[str]] = tuple,
    allowed: AllowedOrigins | None = None,
    *,
    strict: bool = False,
) -> FastAPI:
    """The application.

    Args:
        registry: has the sessions.
        keys: the ephemeral ones.
        ids: for the sessions that ephemeral keys stand for.
        api_key: the one key that opens the endpoint; None where any does.
        behaviours: the names that a client may give as its model.
        allowed: by which names it may be called, and from which pages; those of this machine where
            it is None.
        strict: whether an ephemeral key for a voice that the service does not have is refused.
    """
    allowed = allowed or AllowedOrigins()
    app = FastAPI(
        title="Soundstage's local Realtime endpoint",
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(AllowedPages, allowed=allowed, exposed=EXPOSED, max_age=_DAY)
    app.add_middleware(PageGate, allowed=allowed)
    app.add_middleware(SingleSlashes)
    app.add_middleware(RequestLog)
    answer_errors(app)
    access = Access(keys, api_key)
    _serve_calls(app, registry, access)
    _serve_control(app, registry, access)
    _serve_keys(app, keys, access, ids, strict=strict)
    _serve_models(app, access, behaviours)
    _refuse_the_beta(app)
    serve_sockets(app, registry, access, ids)
    serve_live(app, registry, access, ids)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "calls": registry.calls, "sockets": registry.sockets}

    return app


def _serve_calls(app: FastAPI, registry: SessionRegistry, access: Access) -> None:
    @app.post("/v1/realtime/calls")
    async def call(
        request: Request, key: Bearer, dcid: ChannelId = None, model: str = ""
    ) -> Response:
        access.check_caller(key)
        offer, given = await read_offer(request)
        session = access.session_for(key) or given
        names = names_asked_for(request.headers, model, session)
        try:
            ident, described = await registry.answer(offer, session, names, dcid)
        except ClientFault as fault:
            raise ApiError(400, fault.code, str(fault), fault.param) from None
        except ConnectError as error:
            message = "Invalid SDP offer. Please try again with a WHIP-compliant offer."
            raise ApiError(400, "invalid_offer", f"{message} ({error})", "sdp") from None
        except InfrastructureError as error:
            raise ApiError(503, "server_error", str(error)) from None
        location = {"Location": f"/v1/realtime/calls/{ident}"}
        return Response(described, 201, location, media_type="text/plain")


def _serve_control(app: FastAPI, registry: SessionRegistry, access: Access) -> None:
    @app.post("/v1/realtime/calls/{ident}/hangup")
    async def hang_up(ident: str, key: Bearer) -> Response:
        access.check_owner(key)
        if not await registry.hang_up(ident):
            raise ApiError(
                400, "call_id_not_found", "No session found for the provided call_id.", "call_id"
            )
        return Response()

    @app.post("/v1/realtime/calls/{ident}/accept")
    @app.post("/v1/realtime/calls/{ident}/refer")
    @app.post("/v1/realtime/calls/{ident}/reject")
    async def control_sip(ident: str, key: Bearer) -> Response:
        access.check_owner(key)
        registry.find(ident)
        message = "The call is over WebRTC; only calls over SIP are accepted, referred or rejected."
        raise ApiError(400, "call_id_not_found", message, "call_id")


def _serve_keys(
    app: FastAPI, keys: EphemeralKeys, access: Access, ids: Ids, *, strict: bool
) -> None:
    async def owner(key: Bearer) -> None:
        access.check_owner(key)

    @app.post("/v1/realtime/client_secrets", dependencies=[Depends(owner)])
    async def make_key(body: SecretRequest | None = None) -> dict[str, Any]:
        body = body or SecretRequest()
        given: dict[str, Any] = dict(body.session)
        model = str(given.get("model") or DEFAULT_MODEL)
        try:
            config = SessionConfig(ids.make("sess"), model, given=given, strict=strict)
        except ClientFault as fault:
            raise ApiError(400, fault.code, str(fault), fault.param) from None
        value, expires_at = keys.make(given, body.expires_after.seconds)
        return {"value": value, "expires_at": expires_at, "session": config.wire(of_secret=True)}


def _serve_models(app: FastAPI, access: Access, behaviours: Callable[[], Iterable[str]]) -> None:
    begun = int(utc_now().timestamp())

    def described(name: str, owner: str = "soundstage") -> dict[str, Any]:
        return {"id": name, "object": "model", "created": begun, "owned_by": owner}

    @app.get("/v1/models")
    async def models(key: Bearer) -> dict[str, Any]:
        access.check_owner(key)
        named = [described(name) for name in behaviours()]
        usual = [described(name, "openai") for name in _USUAL_MODELS]
        return {"object": "list", "data": [*named, *usual]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str, key: Bearer) -> dict[str, Any]:
        access.check_owner(key)
        # A session may name any model, so there is none that a client could miss.
        return described(name, "soundstage" if name in behaviours() else "openai")


def _refuse_the_beta(app: FastAPI) -> None:
    @app.post("/v1/realtime")
    async def refuse() -> None:
        check_shape(beta=True)


class SingleSlashes:
    """Takes several slashes in a path for one: not every client joins its base URL with care.

    Semantic Kernel 1.45 asks for `/v1//realtime/client_secrets`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        if "//" in scope.get("path", ""):
            scope = {**scope, "path": _SLASHES.sub("/", scope["path"])}
        await self._app(scope, receive, send)


class RequestLog:
    """Names and logs each request; the query is left out, for clients put keys there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and log it."""
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
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            log_event(
                "a request was answered",
                request=ident,
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=ms_of(clock.now()),
            )
