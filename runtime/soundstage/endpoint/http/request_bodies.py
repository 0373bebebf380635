"""What clients send over HTTP, read with care."""

import asyncio
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import Request
from pydantic import BaseModel, Field, JsonValue, field_validator
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundstage.config.values import is_table
from soundstage.endpoint.api_error import ApiError
from soundstage.json_text import NotJson, read_json

MOST_BYTES: Final = 1 << 20
"""An offer with its session and a hundred tools is a tenth of it."""

STALLS_AFTER: Final = 10.0
"""Seconds in which a client must send more of the body that it has begun."""

COMES_WITHIN: Final = 20.0
"""Seconds in which a whole body must come: a byte now and then would never stall."""

_MULTIPART: Final = "multipart/form-data"


class BodyLimit:
    """Refuses a body as soon as more than so many bytes of it have come, or none come any more.

    Args:
        app: what takes the body.
        most: bytes.
        stalls_after: seconds in which more of the body must come.
        comes_within: seconds in which all of it must come.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int = MOST_BYTES,
        stalls_after: float = STALLS_AFTER,
        comes_within: float = COMES_WITHIN,
    ) -> None:
        self._app = app
        self._most = most
        self._stalls_after = stalls_after
        self._comes_within = comes_within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        come, complete = 0, False
        loop = asyncio.get_running_loop()
        over = loop.time() + self._comes_within

        async def receive_counted() -> Message:
            nonlocal come, complete
            stalls = loop.time() + self._stalls_after
            try:
                async with asyncio.timeout_at(None if complete else min(stalls, over)):
                    message = await receive()
            except TimeoutError:
                text = (
                    f"No more of the body came within {self._stalls_after:g} s."
                    if stalls < over
                    else f"The body did not come within {self._comes_within:g} s."
                )
                raise ApiError(408, "request_timeout", text) from None
            come += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if come > self._most:
                text = f"A request may have at most {self._most} bytes."
                raise ApiError(413, "request_too_large", text)
            return message

        await self._app(scope, receive_counted, send)


class ExpiresAfter(BaseModel):
    """How long an ephemeral key lasts, in seconds."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Field(ge=10, le=7200)] = 600


class SecretRequest(BaseModel):
    """The body of `POST /v1/realtime/client_secrets`."""

    expires_after: ExpiresAfter = ExpiresAfter()
    session: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("session")
    @classmethod
    def _can_be_told_again(cls, session: dict[str, JsonValue]) -> dict[str, JsonValue]:
        # Python reads halves of characters from JSON, which cannot be written back.
        try:
            msgspec.json.encode(session)
        except (ValueError, UnicodeError):
            raise ValueError("is not JSON that can be written again") from None
        return session


async def read_offer(request: Request) -> tuple[str, dict[str, Any] | None]:
    """The offer's SDP, its line ends as they came, and the session if one came with it.

    Raises:
        ApiError: there is no offer in the body, or the body is broken.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _MULTIPART:
        return _some((await request.body()).decode("utf-8", "replace")), None
    try:
        async with request.form(max_files=4, max_fields=4, max_part_size=MOST_BYTES) as form:
            offer, session = await _part(form, "sdp"), await _part(form, "session")
    except HTTPException as error:
        message = f"The multipart body cannot be read: {error.detail}"
        raise ApiError(400, "invalid_request", message) from None
    return _some(offer), _object(session) if session else None


def _some(offer: str) -> str:
    if not offer.strip():
        raise ApiError(
            400, "invalid_offer", "Failed to parse offer: failed to unmarshal SDP: EOF", "sdp"
        )
    return offer


async def _part(form: FormData, name: str) -> str:
    """A part of the form; some clients send it as a file, which is as good."""
    part = form.get(name)
    if isinstance(part, UploadFile):
        return (await part.read()).decode("utf-8", "replace")
    return part or ""


def _object(text: str) -> dict[str, Any]:
    try:
        value = read_json(text)
    except NotJson:
        value = None
    if not is_table(value):
        raise ApiError(400, "invalid_json", "The part 'session' is no JSON object.", "session")
    return value
