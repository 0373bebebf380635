"""When a lost session is placed again, and when it is given up."""

from __future__ import annotations

from typing import Final

from soundstage.errors import CallRefused
from soundstage.units import Samples, samples_of_seconds

WAITS: Final[tuple[Samples, ...]] = tuple(map(samples_of_seconds, (0, 0.5, 1, 2, 4)))
"""How long is waited before each attempt, the first being made at once; then always as `LATER`."""

LATER: Final[Samples] = samples_of_seconds(8)

_CLIENT_ERRORS: Final = range(400, 500)
_MAY_PASS: Final = frozenset({408, 409, 425, 429})
"""Statuses of the client's own fault that the next attempt may not get: too early, too many."""

_PASSING: Final = frozenset({"server_error", "rate_limit_exceeded"})
"""Codes with which a session is refused that the next attempt may not get."""


def wait_before(attempt: int) -> Samples:
    """How long is waited before an attempt, the first being 0."""
    return WAITS[attempt] if attempt < len(WAITS) else LATER


def is_final(error: Exception) -> bool:
    """Whether another attempt would fail in the same way: a wrong key, a model that is gone."""
    if not isinstance(error, CallRefused):
        return False
    if not error.status:
        return error.code not in _PASSING
    return error.status in _CLIENT_ERRORS and error.status not in _MAY_PASS
