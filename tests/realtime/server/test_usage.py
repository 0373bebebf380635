from __future__ import annotations

from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.server.conversation import Entry
from soundstage.realtime.server.usage import (
    TOKENS_PER_MINUTE,
    InputCount,
    RateLimit,
    TokenCount,
    input_count,
    text_tokens,
)
from soundstage.units import samples_of_ms, samples_of_seconds


def nothing(_samples):
    return ""


def test_a_text_has_a_token_for_every_four_letters_begun():
    assert [text_tokens(text) for text in ("", "a", "four", "fives")] == [0, 1, 1, 2]


def test_text_beyond_the_limit_is_refused_and_not_counted():
    count = TokenCount(limit=2)
    assert count.write("four")
    assert not count.write("a longer text")
    assert (count.total, count.exhausted) == (1, True)


def test_audio_beyond_the_limit_is_cut():
    count = TokenCount(limit=3)
    count.write("a")
    assert count.speak(samples_of_ms(60), nothing) == samples_of_ms(60)
    assert not count.exhausted
    assert count.speak(samples_of_ms(60), nothing) == samples_of_ms(40)
    assert (count.total, count.exhausted) == (3, True)


def test_audio_leaves_room_for_the_words_that_are_heard_in_it():
    count = TokenCount(limit=6)
    said = count.speak(samples_of_ms(500), lambda most: "one " * (most // samples_of_ms(100)))
    assert said == samples_of_ms(200)
    assert count.write("one")
    assert count.write(" one")
    assert count.total <= 6


def test_audio_in_small_parts_counts_like_audio_in_one():
    count = TokenCount(limit=100)
    for _ in range(10):
        count.speak(samples_of_ms(10), nothing)
    assert count.audio == 2


def test_used_tokens_come_back_within_a_minute():
    rate = RateLimit()
    (limits,) = rate.spend(TOKENS_PER_MINUTE // 2, 0)
    assert limits["remaining"] == TOKENS_PER_MINUTE // 2
    assert limits["reset_seconds"] == 30
    (limits,) = rate.spend(0, samples_of_seconds(15))
    assert limits["remaining"] == TOKENS_PER_MINUTE * 3 // 4
    (limits,) = rate.spend(0, samples_of_seconds(60))
    assert limits["remaining"] == TOKENS_PER_MINUTE


def test_more_than_the_limit_leaves_nothing_and_not_less():
    (limits,) = RateLimit().spend(TOKENS_PER_MINUTE * 2, 0)
    assert limits == {
        "name": "tokens",
        "limit": TOKENS_PER_MINUTE,
        "remaining": 0,
        "reset_seconds": 60,
    }


def test_what_an_item_counts_is_counted_anew_when_it_has_changed():
    entry = Entry(Item(type="message", role="user", content=[Part(type="input_text", text="four")]))
    assert input_count([entry, entry], "four").text == 3
    entry.samples = samples_of_ms(250)
    assert input_count([entry]) == InputCount(text=1, audio=3)
    entry.item = Item(type="function_call_output", output="fives")
    assert input_count([entry]) == InputCount(text=2, audio=3)


def test_what_is_known_of_an_item_is_made_anew_when_its_words_have_come():
    entry = Entry(Item(type="message", role="user", content=[Part(type="input_audio")]))
    assert entry.known() is entry.item
    entry.heard = "Hello."
    assert entry.known().said == "Hello."
    assert entry.known() is entry.known()
    entry.heard = "Hello?"
    assert entry.known().said == "Hello?"
