from __future__ import annotations

from soundstage.realtime.recent import Recent


def test_the_oldest_is_forgotten_when_there_are_too_many():
    recent: Recent[int] = Recent(2)
    for number, name in enumerate("abc"):
        recent.put(name, number)
    assert [recent.get(name) for name in "abc"] == [None, 1, 2]


def test_what_is_put_again_is_the_newest():
    recent: Recent[int] = Recent(2)
    for name in "abac":
        recent.put(name, 0)
    assert ["a" in recent, "b" in recent] == [True, False]


def test_what_was_taken_is_gone():
    recent: Recent[int] = Recent()
    recent.put("a", 7)
    assert (recent.pop("a"), recent.pop("a")) == (7, None)
