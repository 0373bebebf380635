"""Ids look as the service's do, and come from the seed alone."""

from __future__ import annotations

import random
import re

import pytest

from soundstage.realtime import Ids


def ids(seed=1) -> Ids:
    return Ids(random.Random(seed))


@pytest.mark.parametrize(
    ("kind", "letters"),
    [
        ("event", 21),
        ("item", 21),
        ("resp", 21),
        ("conv", 21),
        ("sess", 21),
        ("rtc_u0", 21),
        ("call", 16),
    ],
)
def test_an_id_is_its_kind_and_letters(kind, letters):
    assert re.fullmatch(rf"{kind}_[0-9A-Za-z]{{{letters}}}", ids().make(kind))


def test_a_call_id_is_short_enough_for_the_service():
    assert len(ids().make("call")) <= 32


def test_the_id_of_a_playback_event_is_hexadecimal():
    assert re.fullmatch(r"event_[0-9a-f]{16}", ids().playback_event())


@pytest.mark.parametrize(("delta", "length"), [("a", 15), (" Hello", 10), ("x" * 16, 16), ("", 16)])
def test_a_delta_and_its_padding_are_16_letters_or_a_multiple(delta, length):
    source = Ids(random.Random(1))
    assert len(source.padding(delta)) == length
    assert source.padding(delta) != source.padding(delta)


def test_the_same_seed_gives_the_same_ids():
    def draw(source):
        return [source.make("item"), source.padding(""), source.playback_event()]

    assert draw(ids(7)) == draw(ids(7))
    assert draw(ids(7)) != draw(ids(8))
