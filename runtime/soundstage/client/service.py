"""The service that a client calls, its key, and ephemeral keys for a browser or a phone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from soundstage.errors import KeyMissing
from soundstage.secrets import Secret
from soundstage.webrtc import EphemeralKey, Provider, Signalling, TransportKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

Auth: TypeAlias = Literal["key", "ephemeral"]

OPENAI: Final = "https://api.openai.com/v1"
OPENAI_KEY: Final = "OPENAI_API_KEY"


class Target(Struct, frozen=True, kw_only=True):
    """A service, as a program names it.

    Attributes:
        base_url: the address of its API, any that speaks the protocol.
        api_key: the key; that of the environment, `OPENAI_API_KEY`, where it is None and OpenAI is
            called.
        auth: `ephemeral` trades the key for one that is made for the call, as Azure demands.
        headers: sent with every request.
        query: added to every address.
        transport: what the call is made over.
        protocol: of the session.
    """

    base_url: str = OPENAI
    api_key: str | None = None
    auth: Auth = "key"
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    transport: TransportKind = "webrtc"
    protocol: Literal["realtime", "live"] = "realtime"

    def provider(self) -> Provider:
        """The service with its key.

        Raises:
            KeyMissing: OpenAI is called, and there is no key.
        """
        host = urlsplit(self.base_url).hostname or self.base_url
        made = Provider(
            name=host,
            base_url=self.base_url,
            auth=self.auth,
            headers=self.headers,
            query=self.query,
            transport=self.transport,
            protocol=self.protocol,
        )
        key = self.api_key
        if key is None and self.base_url == OPENAI:
            key = os.environ.get(OPENAI_KEY, "").strip()
            if not key:
                raise KeyMissing(f"set {OPENAI_KEY}, or pass api_key; or name another base_url")
        if key is None and made.is_local:
            key = "local"
        return made if key is None else replace(made, api_key=Secret(key))


async def make_ephemeral_key(
    session: Mapping[str, Any],
    *,
    seconds: int = 600,
    base_url: str = OPENAI,
    api_key: str | None = None,
    http: httpx.AsyncClient | None = None,
) -> EphemeralKey:
    """A key that opens sessions with this configuration, and nothing else, for a short time.

    Args:
        session: the configuration, in the protocol's words, `model` in it.
        seconds: how long it lasts, 10 to 7200.
        base_url: the service.
        api_key: its key; `OPENAI_API_KEY` of the environment where OpenAI is called.
        http: carries the request, in place of a client of its own.

    Raises:
        KeyMissing: there is no key.
        ConnectError: the service refuses, or cannot be reached.
    """
    provider = Target(base_url=base_url, api_key=api_key).provider()
    signalling = Signalling(provider, client=http)
    try:
        return await signalling.make_key({"type": "realtime", **session}, seconds)
    finally:
        await signalling.close()
