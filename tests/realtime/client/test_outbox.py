from __future__ import annotations

import json
import random

from soundstage.realtime import Ids
from soundstage.realtime import client_events as client
from soundstage.realtime.client.outbox import ClientOutbox


def kinds(outbox) -> list[str]:
    return [json.loads(text)["type"] for text in outbox.drain()]


def outbox() -> ClientOutbox:
    return ClientOutbox(Ids(random.Random(1)))


def test_events_are_held_back_until_the_outbox_opens_and_keep_their_order():
    box = outbox()
    box.send(client.ResponseCreate())
    box.send(client.SessionUpdate(session={}), at_once=True)
    assert kinds(box) == ["session.update"]
    box.open()
    box.send(client.ResponseCancel())
    assert kinds(box) == ["response.create", "response.cancel"]


def test_each_event_is_given_once_with_the_id_that_was_told():
    box = outbox()
    box.open()
    told = box.send(client.ResponseCancel())
    assert [json.loads(text)["event_id"] for text in box.drain()] == [told]
    assert box.drain() == []
