from __future__ import annotations

from soundstage.realtime._audio_shelf import MOST_BYTES, AudioShelf


def test_the_oldest_audio_goes_when_there_is_too_much():
    shelf = AudioShelf()
    for ident in "abc":
        shelf.keep(ident, bytes(MOST_BYTES // 2))
    assert [len(shelf.get(ident)) for ident in "abc"] == [0, MOST_BYTES // 2, MOST_BYTES // 2]


def test_audio_that_is_cut_or_dropped_makes_room():
    shelf = AudioShelf()
    shelf.keep("a", bytes(MOST_BYTES))
    shelf.cut("a", 100)
    assert len(shelf.get("a")) == 200
    shelf.keep("b", bytes(MOST_BYTES - 200))
    assert len(shelf.get("a")) == 200
    shelf.drop("a")
    shelf.drop("a")
    assert shelf.get("a") == b""


def test_more_than_there_is_room_for_is_not_kept():
    shelf = AudioShelf()
    shelf.keep("a", bytes(MOST_BYTES + 2))
    assert shelf.get("a") == b""
