"""The page's HTTP: the page itself, its story, joining and leaving."""

from importlib.resources import files
from typing import Final, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundstage.json_text import NotJson, read_json_as
from soundstage.web.lobby import Lobby
from soundstage.web.page_access import Access, Refused
from soundstage.web.page_feed import Feed

T = TypeVar("T")

_KINDS: Final = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}

_MOST_BYTES: Final = 256 * 1024
"""An offer is a fiftieth of it."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Joining(Struct, frozen=True):
    visit: str
    sdp: str


class _Leaving(Struct, frozen=True):
    visit: str
    closed: bool = False


class _Guarded:
    """Lets pass what `Access` lets pass, and lays the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(k.lower().encode(), v.encode()) for k, v in _HEADERS.items()]
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await self._app(scope, receive, send_guarded)


def build_page(access: Access, feed: Feed, lobby: Lobby) -> FastAPI:
    """The application.

    Args:
        access: says which requests are answered.
        feed: what is shown.
        lobby: gives visitors their seats.
    """
    app = FastAPI(title="Soundstage", openapi_url=None)
    app.add_middleware(_Guarded)
    _answer_refusals(app)
    _serve_story(app, access, feed)
    _serve_seats(app, access, lobby)
    _serve_files(app, access)
    return app


def _answer_refusals(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refuse(request: Request, refused: Refused) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            page = _file("refused.html").decode().replace("{message}", str(refused))
            return HTMLResponse(page, refused.status)
        error = {"code": refused.code, "message": str(refused)}
        return JSONResponse({"error": error}, refused.status)


def _serve_story(app: FastAPI, access: Access, feed: Feed) -> None:
    @app.get("/{token}/events")
    async def story(token: str, request: Request) -> Response:
        access.check(token, request.headers, changes=False)
        if feed.is_full:
            raise Refused(503, "crowded", "As many people watch already as can. Try again later.")
        return StreamingResponse(feed.read(), media_type="text/event-stream")


def _serve_seats(app: FastAPI, access: Access, lobby: Lobby) -> None:
    @app.post("/{token}/join")
    async def join(token: str, request: Request) -> Response:
        access.check(token, request.headers, changes=True)
        asked = await _read(request, _Joining)
        seat, sdp = await lobby.join(asked.visit, asked.sdp)
        return JSONResponse({"seat": seat, "sdp": sdp})

    @app.post("/{token}/leave")
    async def leave(token: str, request: Request) -> Response:
        access.check(token, request.headers, changes=True)
        asked = await _read(request, _Leaving)
        lobby.leave(asked.visit, closed=asked.closed)
        return Response(status_code=204)


def _serve_files(app: FastAPI, access: Access) -> None:
    @app.get("/{token}")
    async def add_slash(token: str, request: Request) -> Response:
        access.check(token, request.headers, changes=False)
        return RedirectResponse(f"/{token}/", 307)

    @app.get("/{token}/{name}")
    async def part(token: str, name: str, request: Request) -> Response:
        access.check(token, request.headers, changes=False)
        return _page_part(name)

    @app.get("/{token}/")
    async def page(token: str, request: Request) -> Response:
        access.check(token, request.headers, changes=False)
        return _page_part("index.html")

    @app.get("/{path:path}")
    async def nothing(path: str, request: Request) -> Response:
        access.check(path, request.headers, changes=False)
        raise Refused(404, "no_such_part", "The page has no such part.")


_PAGE = files("soundstage.web").joinpath("page")


def _page_part(name: str) -> Response:
    kind = _KINDS.get(name.rpartition(".")[2])
    parts = {part.name for part in _PAGE.iterdir()}
    if kind is None or name not in parts:
        raise Refused(404, "no_such_part", "The page has no such part.")
    return Response(_file(name), media_type=kind)


def _file(name: str) -> bytes:
    return _PAGE.joinpath(name).read_bytes()


async def _read(request: Request, kind: type[T]) -> T:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise Refused(413, "too_large", f"A request may have at most {_MOST_BYTES} bytes.")
    try:
        return read_json_as(body, kind)
    except NotJson as error:
        raise Refused(400, "bad_request", f"The request cannot be read: {error}") from None
