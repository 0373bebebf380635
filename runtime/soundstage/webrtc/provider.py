"""Who is called: an endpoint's address, the key that opens it, and what its refusal means."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from msgspec import Struct

from soundstage.errors import CallRefused
from soundstage.json_text import NotJson, read_json_as
from soundstage.secrets import MASK, Secret, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 300
"""Letters of an endpoint's own words in an error."""

_ADVICE: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "the session's settings or the offer are not to its liking",
    HTTPStatus.UNAUTHORIZED: "check the provider's API key",
    HTTPStatus.FORBIDDEN: "this key may not use the Realtime API or this model",
    HTTPStatus.NOT_FOUND: "check the base URL and the model's name",
    HTTPStatus.TOO_MANY_REQUESTS: "wait, or check the account's quota and limits",
}
_SERVER_ADVICE: Final = "the fault is the endpoint's: try again later"
_OTHER_ADVICE: Final = "see whether the base URL is that of a Realtime endpoint"

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

TransportKind: TypeAlias = Literal["webrtc", "websocket"]
ModelPlace: TypeAlias = Literal["query", "session"]


class Provider(Struct, frozen=True, kw_only=True):
    """An endpoint that speaks the OpenAI Realtime protocol.

    Attributes:
        name: what scenario files call it.
        base_url: where its API lives, as `https://api.openai.com/v1`; `/v1` is added where it
            is missing.
        api_key: sent as a bearer token; None sends none.
        auth: `key` sends the key with the offer; `ephemeral` first trades it for a client secret,
            as Azure demands.
        headers: sent with every request; the values are kept out of repr and errors.
        query: added to every URL, likewise.
        transport: what calls are made over; many compatible servers offer a WebSocket only.
        protocol: of the sessions: the Live API is called at other addresses than Realtime.
        model_in: where a WebSocket names the model: in its URL, as OpenAI wants it, or in the
            first `session.update`.
    """

    name: str
    base_url: str
    api_key: Secret | None = None
    auth: Literal["key", "ephemeral"] = "key"
    headers: Mapping[str, str] = _NOTHING
    query: Mapping[str, str] = _NOTHING
    transport: TransportKind = "webrtc"
    protocol: Literal["realtime", "live"] = "realtime"
    model_in: ModelPlace = "query"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint runs on this machine, so that nothing needs to leave it."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def url(self, *parts: str) -> str:
        """The URL of a resource, its path given in parts that are percent-encoded here."""
        base = self.base_url.rstrip("/")
        if not base.endswith("/v1"):
            base += "/v1"
        return "/".join([base, *(quote(part, safe="") for part in parts)])

    def headers_with(self, key: Secret | None) -> dict[str, str]:
        """The headers of a request that a key opens; its own key where that is None."""
        key = key or self.api_key
        bearer = {} if key is None else {"Authorization": f"Bearer {key.reveal()}"}
        return {**self.headers, **bearer}

    def mask(self, text: str, *others: Secret | None) -> str:
        """The text with every secret of this provider, and these others, masked."""
        own = (self.api_key, *self.headers.values(), *self.query.values())
        return mask(text, (*own, *others))

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [
            ("name", self.name),
            ("base_url", self.base_url),
            ("api_key", self.api_key),
            ("auth", self.auth),
            ("headers", dict.fromkeys(self.headers, MASK)),
            ("query", dict.fromkeys(self.query, MASK)),
            ("transport", self.transport),
            ("protocol", self.protocol),
            ("model_in", self.model_in),
        ]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Provider({fields})"


class _Error(Struct):
    message: str = ""
    code: str | int | None = None
    type: str | None = None
    param: str | None = None


class _Body(Struct):
    error: _Error | str


def call_refused(provider: Provider, status: int, body: bytes, key: Secret | None) -> CallRefused:
    """The error for an HTTP status that is no success.

    Args:
        provider: who answered.
        status: with what.
        body: the OpenAI error object, or anything else.
        key: what was sent; it is masked should the endpoint repeat it.
    """
    message, code, param = _read(body)
    said = provider.mask(message, key).strip()[:_SHOWN] or "no message"
    return CallRefused(
        f"{provider.name} refused the call with HTTP {status}: {said}; {_advice(status)}",
        status=status,
        code=provider.mask(code, key),
        param=provider.mask(param, key),
    )


def _read(body: bytes) -> tuple[str, str, str]:
    try:
        error = read_json_as(body, _Body).error
    except NotJson:
        return body.decode(errors="replace"), "", ""
    if isinstance(error, str):
        return error, "", ""
    return error.message, str(error.code or error.type or ""), error.param or ""


def _advice(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _SERVER_ADVICE
    return _ADVICE.get(status, _OTHER_ADVICE)
