"""The service that a client calls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from soundstage.errors import KeyMissing
from soundstage.secrets import Secret
from soundstage.webrtc import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

Auth: TypeAlias = Literal["key", "ephemeral"]

OPENAI: Final = "https://api.openai.com/v1"
OPENAI_KEY: Final = "OPENAI_API_KEY"


class Target(Struct, frozen=True, kw_only=True):
    """A service, as a program names it.

    Attributes:
        base_url: the address of its API, any that speaks the Realtime protocol.
        api_key: the key; that of the environment, `OPENAI_API_KEY`, where it is None and OpenAI is
            called.
        auth: `ephemeral` trades the key for one that is made for the call, as Azure demands.
        headers: sent with every request.
        query: added to every address.
    """

    base_url: str = OPENAI
    api_key: str | None = None
    auth: Auth = "key"
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}

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
        )
        key = self.api_key
        if key is None and self.base_url == OPENAI:
            key = os.environ.get(OPENAI_KEY, "").strip()
            if not key:
                raise KeyMissing(f"set {OPENAI_KEY}, or pass api_key; or name another base_url")
        if key is None and made.is_local:
            key = "local"
        return made if key is None else replace(made, api_key=Secret(key))
