"""Who is called: an endpoint's address, and the key that opens it."""

from __future__ import annotations

from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NoReturn
from urllib.parse import quote, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK: Final = "********"

_SHORTEST_SECRET: Final = 8
"""Anything shorter is an ordinary word; masking those would garble every text."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Secret:
    """A text that shows itself only where it is asked to by name.

    Its repr and str are a mask, and it can be neither pickled nor encoded, so that logs, reports
    and tracebacks with local variables cannot hold it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written down: pass the Secret itself")


class Provider(Struct, frozen=True, kw_only=True):
    """An endpoint that speaks the OpenAI Realtime protocol over WebRTC.

    Attributes:
        name: what scenario files call it.
        base_url: where its API lives, as `https://api.openai.com/v1`; `/v1` is added where it
            is missing.
        api_key: sent as a bearer token; None sends none.
        auth: `key` sends the key with the offer; `ephemeral` first trades it for a client secret,
            as Azure demands.
        headers: sent with every request; the values are kept out of repr and errors.
        query: added to every URL, likewise.
    """

    name: str
    base_url: str
    api_key: Secret | None = None
    auth: Literal["key", "ephemeral"] = "key"
    headers: Mapping[str, str] = _NOTHING
    query: Mapping[str, str] = _NOTHING

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

    def mask(self, text: str, *others: Secret | None) -> str:
        """The text with every secret of this provider, and these others, blotted out."""
        secrets = [each.reveal() for each in (self.api_key, *others) if each is not None]
        for secret in (*secrets, *self.headers.values(), *self.query.values()):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, MASK)
        return text

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [
            ("name", self.name),
            ("base_url", self.base_url),
            ("api_key", self.api_key),
            ("auth", self.auth),
            ("headers", dict.fromkeys(self.headers, MASK)),
            ("query", dict.fromkeys(self.query, MASK)),
        ]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Provider({fields})"
