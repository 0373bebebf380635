"""Who may use the endpoint: the API key, and the ephemeral keys that were made with it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Header

from soundstage.endpoint._keys import PREFIX
from soundstage.endpoint._refusals import Refusal

if TYPE_CHECKING:
    from soundstage.endpoint._keys import EphemeralKeys

INVALID_KEY: Final = "invalid_api_key"


class Access:
    """Judges the keys that come with requests.

    Args:
        ephemeral: the ephemeral keys.
        api_key: the one key that opens everything; None where any key does.
    """

    def __init__(self, ephemeral: EphemeralKeys, api_key: str | None = None) -> None:
        self._ephemeral = ephemeral
        self._api_key = api_key

    def check_owner(self, key: str) -> None:
        """A request that only the holder of the API key may make.

        Raises:
            Refusal: it is not that key, or an ephemeral one.
        """
        if not key:
            raise Refusal(
                401,
                INVALID_KEY,
                "You didn't provide an API key. Send one as 'Authorization: Bearer KEY'"
                + ("." if self._api_key else "; this endpoint takes any."),
            )
        if key.startswith(PREFIX):
            raise Refusal(401, INVALID_KEY, "An ephemeral key opens sessions and nothing else.")
        expected = self._api_key
        if expected and not secrets.compare_digest(key.encode(), expected.encode()):
            raise Refusal(401, INVALID_KEY, "Incorrect API key provided.")

    def check_caller(self, key: str) -> None:
        """A request that may be made with an ephemeral key, too.

        Raises:
            Refusal: the key opens no session.
        """
        self.session_for(key)

    def session_for(self, key: str) -> dict[str, Any] | None:
        """The session that a caller's ephemeral key stands for; None with an API key.

        Raises:
            Refusal: the key opens no session.
        """
        if not key.startswith(PREFIX):
            self.check_owner(key)
            return None
        session = self._ephemeral.session_of(key)
        if session is None:
            raise Refusal(401, INVALID_KEY, "The ephemeral key is unknown or has expired.")
        return session


async def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """The key that came with a request, or nothing.

    A coroutine function only so that FastAPI does not begin a thread for it.
    """
    return key_in(authorization)


def key_in(authorization: str) -> str:
    """The key in an `Authorization` header, or nothing."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
