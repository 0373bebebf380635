"""When a lost session is placed again."""

from __future__ import annotations

import pytest

from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout
from soundstage.realtime.client.reconnection import is_final, wait_before
from soundstage.units import seconds_of


def test_the_first_attempt_is_made_at_once_and_later_ones_ever_more_rarely() -> None:
    assert [seconds_of(wait_before(n)) for n in range(8)] == [0, 0.5, 1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (ConnectionLost("gone"), False),
        (ConnectTimeout("late"), False),
        (CallRefused("busy", status=429), False),
        (CallRefused("down", status=503), False),
        (CallRefused("wrong key", status=401), True),
        (CallRefused("no such model", status=404), True),
        (CallRefused("no such voice", code="invalid_value"), True),
        (CallRefused("overloaded", code="server_error"), False),
    ],
)
def test_what_another_attempt_would_get_again_is_final(error: Exception, final: bool) -> None:  # noqa: FBT001 - a column
    assert is_final(error) is final
