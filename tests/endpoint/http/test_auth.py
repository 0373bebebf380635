"""Ephemeral keys."""

from __future__ import annotations

from soundstage.endpoint.http.auth import MOST_KEYS, EphemeralKeys

SESSION = {"type": "realtime", "model": "m"}


class Calendar:
    def __init__(self) -> None:
        self.now = 1_800_000_000

    def __call__(self) -> int:
        return self.now


def test_a_key_stands_for_its_session_until_it_expires() -> None:
    calendar = Calendar()
    keys = EphemeralKeys(calendar)
    key, expires_at = keys.make(SESSION, 600)
    assert key.startswith("ek_")
    assert expires_at == calendar.now + 600
    calendar.now = expires_at - 1
    assert keys.session_of(key) == SESSION
    assert keys.session_of(key) == SESSION, "it may open several sessions"
    calendar.now = expires_at
    assert keys.session_of(key) is None


def test_a_key_that_was_never_made_stands_for_nothing() -> None:
    assert EphemeralKeys(Calendar()).session_of("ek_0") is None


def test_no_two_keys_are_alike_and_the_oldest_go_when_there_are_too_many() -> None:
    keys = EphemeralKeys(Calendar())
    made = [keys.make(SESSION, 600)[0] for _ in range(MOST_KEYS + 2)]
    assert len(set(made)) == len(made)
    known = [keys.session_of(key) is not None for key in made]
    assert known == [False, False] + [True] * MOST_KEYS


def test_expired_keys_take_no_room() -> None:
    calendar = Calendar()
    keys = EphemeralKeys(calendar)
    for _ in range(10):
        keys.make(SESSION, 10)
    calendar.now += 10
    keys.make(SESSION, 10)
    assert len(keys._kept) == 1
