"""What an HTTP error of an endpoint means, and what to do about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import Struct

from soundstage.errors import CallRefused
from soundstage.webrtc._provider import Provider, Secret

_SHOWN: Final = 300

_ADVICE: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "the session's settings or the offer are not to its liking",
    HTTPStatus.UNAUTHORIZED: "check the provider's API key",
    HTTPStatus.FORBIDDEN: "this key may not use the Realtime API or this model",
    HTTPStatus.NOT_FOUND: "check the base URL and the model's name",
    HTTPStatus.TOO_MANY_REQUESTS: "wait, or check the account's quota and limits",
}
_SERVER_ADVICE: Final = "the fault is the endpoint's: try again later"
_OTHER_ADVICE: Final = "see whether the base URL is that of a Realtime endpoint"


class _Error(Struct):
    message: str = ""
    code: str | int | None = None
    type: str | None = None


class _Body(Struct):
    error: _Error | str


def refusal(provider: Provider, status: int, body: bytes, key: Secret | None) -> CallRefused:
    """The error for an HTTP status that is no success.

    Args:
        provider: who answered.
        status: with what.
        body: the OpenAI error object, or anything else.
        key: what was sent; it is blotted out should the endpoint repeat it.
    """
    message, code = _read(body)
    said = provider.mask(message, key).strip()[:_SHOWN] or "no message"
    return CallRefused(
        f"{provider.name} refused the call with HTTP {status}: {said}; {_advice(status)}",
        status=status,
        code=provider.mask(code, key),
    )


def _read(body: bytes) -> tuple[str, str]:
    try:
        error = msgspec.json.decode(body, type=_Body).error
    except msgspec.MsgspecError:
        return body.decode(errors="replace"), ""
    if isinstance(error, str):
        return error, ""
    return error.message, str(error.code or error.type or "")


def _advice(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _SERVER_ADVICE
    return _ADVICE.get(status, _OTHER_ADVICE)
