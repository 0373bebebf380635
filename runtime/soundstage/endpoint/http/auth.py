"""The keys that open the endpoint: the API key, and the ephemeral keys that were made with it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Header
from msgspec import Struct

from soundstage.endpoint.api_error import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX: Final = "ek_"
MOST_KEYS: Final = 1000
"""Beyond that the oldest ones go."""
INVALID_KEY: Final = "invalid_api_key"


class _Kept(Struct, frozen=True):
    session: dict[str, Any]
    expires_at: int


class EphemeralKeys:
    """Makes them, and knows what they stand for; one may open several sessions.

    Args:
        unix_time: seconds since 1970: clients compare it with their own.
    """

    def __init__(self, unix_time: Callable[[], int]) -> None:
        self._unix_time = unix_time
        self._kept: dict[str, _Kept] = {}

    def make(self, session: dict[str, Any], seconds: int) -> tuple[str, int]:
        """A key for a session.

        Args:
            session: configuration of the calls that are made with it.
            seconds: how long it lasts.

        Returns:
            The key, and the second at which it expires.
        """
        now = self._unix_time()
        alive = [(key, kept) for key, kept in self._kept.items() if kept.expires_at > now]
        value = PREFIX + secrets.token_hex(16)
        self._kept = {**dict(alive[1 - MOST_KEYS :]), value: _Kept(session, now + seconds)}
        return value, now + seconds

    def session_of(self, key: str) -> dict[str, Any] | None:
        """The session that a key stands for; None where it is none of ours, or has expired."""
        kept = self._kept.get(key)
        if kept is None or kept.expires_at <= self._unix_time():
            return None
        return kept.session


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
            ApiError: it is not that key, or an ephemeral one.
        """
        if not key:
            raise ApiError(
                401,
                INVALID_KEY,
                "You didn't provide an API key. Send one as 'Authorization: Bearer KEY'"
                + ("." if self._api_key else "; this endpoint takes any."),
            )
        if key.startswith(PREFIX):
            raise ApiError(401, INVALID_KEY, "An ephemeral key opens sessions and nothing else.")
        expected = self._api_key
        if expected and not secrets.compare_digest(key.encode(), expected.encode()):
            raise ApiError(401, INVALID_KEY, "Incorrect API key provided.")

    def check_caller(self, key: str) -> None:
        """A request that may be made with an ephemeral key, too.

        Raises:
            ApiError: the key opens no session.
        """
        self.session_for(key)

    def session_for(self, key: str) -> dict[str, Any] | None:
        """The session that a caller's ephemeral key stands for; None with an API key.

        Raises:
            ApiError: the key opens no session.
        """
        if not key.startswith(PREFIX):
            self.check_owner(key)
            return None
        session = self._ephemeral.session_of(key)
        if session is None:
            raise ApiError(401, INVALID_KEY, "The ephemeral key is unknown or has expired.")
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
