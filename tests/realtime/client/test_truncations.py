"""What was heard of an item that was cut."""

from __future__ import annotations

import json
import random

import pytest

from soundstage.realtime import ErrorBody, Ids, Item, Part, Truncated
from soundstage.realtime import server_events as server
from soundstage.realtime.client.outbox import ClientOutbox
from soundstage.realtime.client.truncations import Truncations

CUT = server.ConversationItemTruncated(item_id="item_1", content_index=0, audio_end_ms=740)


@pytest.fixture
def outbox() -> ClientOutbox:
    box = ClientOutbox(Ids(random.Random(1)))
    box.open()
    return box


@pytest.fixture
def cuts(outbox) -> Truncations:
    made = Truncations(outbox)
    made.note("item_1", "resp_1")
    return made


def item(*parts) -> Item:
    return Item(id="item_1", type="message", role="assistant", content=list(parts))


@pytest.mark.parametrize(
    ("part", "heard"),
    [
        (Part(type="output_audio", transcript="Hello"), "Hello"),
        (Part(type="output_audio", transcript=""), ""),
        (Part(type="output_audio", transcript=None), None),
        (Part(type="output_audio"), None),
    ],
)
def test_the_server_is_asked_and_says_what_was_heard(cuts, outbox, part, heard):
    cuts.truncated(CUT)
    (asked,) = [json.loads(text) for text in outbox.drain()]
    assert (asked["type"], asked["item_id"]) == ("conversation.item.retrieve", "item_1")
    assert cuts.retrieved(item(part)) == [Truncated("item_1", "resp_1", 740, heard)]


def test_a_server_that_refuses_to_say_leaves_the_text_open(cuts, outbox):
    cuts.truncated(CUT)
    (asked,) = [json.loads(text)["event_id"] for text in outbox.drain()]
    refusal = ErrorBody(message="No.", code="item_retrieve_invalid_item_id", event_id=asked)
    assert cuts.refused(refusal) == [Truncated("item_1", "resp_1", 740, None)]
    assert cuts.refused(refusal) == []


def test_an_item_that_was_not_cut_says_nothing(cuts):
    assert cuts.retrieved(item(Part(type="output_audio", transcript="Hello"))) == []
    assert cuts.refused(ErrorBody(message="No.")) == []


def test_an_item_of_an_unknown_response_is_still_told(outbox):
    cuts = Truncations(outbox)
    cuts.truncated(CUT)
    assert cuts.retrieved(item()) == [Truncated("item_1", "", 740, None)]
