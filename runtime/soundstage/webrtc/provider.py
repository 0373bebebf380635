"""Who is called: an endpoint's address, and the key that opens it."""

from __future__ import annotations

from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct

from soundstage.secrets import MASK, Secret, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


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
        ]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Provider({fields})"
