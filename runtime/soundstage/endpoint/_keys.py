"""Ephemeral keys: what stands for a session until it expires."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX: Final = "ek_"
MOST_KEYS: Final = 1000
"""Beyond that the oldest ones go."""


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
