"""The list of items that a server session keeps."""

from __future__ import annotations

import pytest

from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.server.conversation import (
    MOST_AUDIO_BYTES,
    MOST_BYTES,
    MOST_ITEMS,
    AudioStore,
    Conversation,
    Entry,
    said_since,
    transcribed,
)
from soundstage.realtime.spoken_text import SpokenText


def message(ident: str, role: str = "user", text: str = "") -> Entry:
    content = [Part(type="input_text", text=text)]
    return Entry(Item(id=ident, type="message", role=role, content=content))


def spoken(text: str) -> Entry:
    words = SpokenText(text)
    words.add([(word, at * 100, at * 100 + 100) for at, word in enumerate(text.split())], 1000)
    item = Item(id="spoken", type="message", role="assistant", content=[])
    return Entry(item, samples=1000, spoken=words)


def output(ident: str) -> Entry:
    return Entry(Item(id=ident, type="function_call_output", call_id="c", output=ident))


def test_the_oldest_items_are_forgotten_when_there_are_too_many():
    conversation = Conversation("conv_1")
    for number in range(MOST_ITEMS + 3):
        conversation.add(message(str(number)))
    assert len(conversation.entries) == MOST_ITEMS
    assert conversation.entries[0].ident == "3"


def test_the_oldest_items_are_forgotten_when_they_are_too_large():
    conversation = Conversation("conv_1")
    for number in range(4):
        conversation.add(message(str(number), text="x" * (MOST_BYTES // 3)))
    assert [entry.ident for entry in conversation.entries] == ["2", "3"]


def test_the_newest_item_is_kept_however_large_it_is():
    conversation = Conversation("conv_1")
    conversation.add(message("old"))
    conversation.add(message("new", text="x" * (MOST_BYTES + 1)))
    assert [entry.ident for entry in conversation.entries] == ["new"]


def test_a_cut_only_ever_shortens():
    conversation, entry = Conversation("conv_1"), spoken("One two three four five")
    conversation.add(entry)
    conversation.cut(entry, 260)
    conversation.cut(entry, 460)
    assert entry.item.said == "One two three"
    assert entry.samples == 260


def test_what_a_response_goes_on_to_make_of_a_cut_item_stays_cut():
    entry = spoken("One two three")
    entry.shorten(160)
    whole = Item(
        id="spoken", type="message", role="assistant", content=[Part(transcript="One two")]
    )
    entry.update(whole, 2000)
    assert (entry.item.said, entry.item.status, entry.samples) == ("One two", "incomplete", 160)


def test_the_words_go_into_the_audio_part():
    parts = [Part(type="input_text", text="See:"), Part(type="input_audio", transcript=None)]
    item = Item(id="a", type="message", role="user", content=parts)
    assert transcribed(item, "a dog").said == "See: a dog"
    assert item.said == "See:"


@pytest.mark.parametrize(
    ("entries", "heard", "outputs"),
    [
        ([], None, 0),
        ([message("a", "system", "Be kind.")], None, 0),
        ([message("a", text="Hi."), message("b", "system", "Now.")], "Hi.", 0),
        ([message("a", text="Hi."), message("b", "assistant", "Yes?")], None, 0),
        ([message("a", text="Hi."), message("b", "assistant", ""), message("c", text="Bob.")],
         "Hi. Bob.", 0),
        ([Entry(Item(type="function_call", id="f")), message("a", text="So?"), output("o")],
         "So?", 1),
        ([message("a", text="Hi."), Entry(Item(type="function_call", id="f")), output("o"),
          output("p")], None, 2),
    ],
)  # fmt: skip
def test_what_came_since_the_assistant_did_something_is_what_is_answered(entries, heard, outputs):
    said, results = said_since(entries)
    assert said == heard
    assert len(results) == outputs


def test_a_turn_without_words_is_a_turn():
    entry = Entry(Item(id="a", type="message", role="user", content=[]), heard="")
    assert said_since([entry]) == ("", ())


def test_the_oldest_audio_goes_when_there_is_too_much():
    shelf = AudioStore()
    for ident in "abc":
        shelf.keep(ident, bytes(MOST_AUDIO_BYTES // 2))
    assert [len(shelf.get(ident)) for ident in "abc"] == [
        0,
        MOST_AUDIO_BYTES // 2,
        MOST_AUDIO_BYTES // 2,
    ]


def test_audio_that_is_cut_or_dropped_makes_room():
    shelf = AudioStore()
    shelf.keep("a", bytes(MOST_AUDIO_BYTES))
    shelf.cut("a", 100)
    assert len(shelf.get("a")) == 200
    shelf.keep("b", bytes(MOST_AUDIO_BYTES - 200))
    assert len(shelf.get("a")) == 200
    shelf.drop("a")
    shelf.drop("a")
    assert shelf.get("a") == b""


def test_more_than_there_is_room_for_is_not_kept():
    shelf = AudioStore()
    shelf.keep("a", bytes(MOST_AUDIO_BYTES + 2))
    assert shelf.get("a") == b""
