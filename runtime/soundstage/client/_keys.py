"""Ephemeral keys, to be handed to a browser or a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.client._target import OPENAI, Target
from soundstage.webrtc import EphemeralKey, Signalling

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx


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
