"""One response at a time."""

from __future__ import annotations

import json
import random

import pytest

from soundstage.realtime import ErrorBody, Ids, Item, Response
from soundstage.realtime.client.outbox import ClientOutbox
from soundstage.realtime.client.responses import ALREADY_ACTIVE, ResponseRequest, ResponseRequests

BARE = ResponseRequest()
ASIDE = ResponseRequest(params={"conversation": "none"})
HINT = ResponseRequest(item=Item(type="message", role="system", content=[]))


class Asking:
    """ResponseRequests with an open outbox."""

    def __init__(self) -> None:
        self.outbox = ClientOutbox(Ids(random.Random(1)))
        self.outbox.open()
        self.requests = ResponseRequests(self.outbox)
        self.requests.open()

    def sent(self) -> list[dict[str, object]]:
        return [json.loads(text) for text in self.outbox.drain()]

    def count(self) -> int:
        return sum(one["type"] == "response.create" for one in self.sent())

    def start(self, ident="resp_1", conversation: str | None = "conv_1") -> bool:
        return self.requests.started(Response(id=ident, conversation_id=conversation))


@pytest.fixture
def asking() -> Asking:
    return Asking()


def refusal(code, event_id) -> ErrorBody:
    return ErrorBody(message="No.", code=code, event_id=event_id)


def test_a_request_goes_out_at_once_when_nothing_is_made(asking):
    asking.requests.ask(BARE)
    assert asking.count() == 1
    assert asking.requests.busy


def test_a_request_waits_until_the_session_is_configured():
    outbox = ClientOutbox(Ids(random.Random(1)))
    requests = ResponseRequests(outbox)
    requests.ask(BARE)
    outbox.open()
    assert outbox.drain() == []
    requests.open()
    assert len(outbox.drain()) == 1


def test_a_request_waits_for_the_end_of_the_response_before_it(asking):
    asking.start()
    asking.requests.ask(BARE)
    assert asking.count() == 0
    asking.requests.done("resp_1")
    assert asking.count() == 1


def test_bare_requests_that_wait_are_one(asking):
    asking.start()
    for _ in range(3):
        asking.requests.ask(BARE)
    asking.requests.done("resp_1")
    asking.start("resp_2")
    asking.requests.done("resp_2")
    assert asking.count() == 1


def test_a_bare_request_is_contained_in_a_prompt_that_waits(asking):
    asking.start()
    asking.requests.ask(HINT)
    asking.requests.ask(BARE)
    asking.requests.done("resp_1")
    asking.start("resp_2")
    asking.requests.done("resp_2")
    assert asking.count() == 1


def test_a_request_that_turn_detection_forestalled_is_made_again(asking):
    asking.requests.ask(HINT)
    create = asking.sent()[-1]
    asking.start("resp_of_the_turn")
    assert asking.requests.refused(refusal(ALREADY_ACTIVE, create["event_id"]))
    assert asking.sent() == []
    asking.requests.done("resp_of_the_turn")
    assert [one["type"] for one in asking.sent()] == ["response.create"]


def test_a_forestalled_request_is_known_even_if_the_error_names_no_event(asking):
    asking.requests.ask(BARE)
    asking.start("resp_of_the_turn")
    assert asking.requests.refused(refusal(ALREADY_ACTIVE, None))
    asking.sent()
    asking.requests.done("resp_of_the_turn")
    assert asking.count() == 1


def test_a_request_that_was_refused_for_another_reason_makes_way_for_the_next(asking):
    asking.requests.ask(ResponseRequest(params={"made_up": 1}))
    (create,) = asking.sent()
    asking.requests.ask(BARE)
    assert not asking.requests.refused(refusal("unknown_parameter", create["event_id"]))
    assert asking.count() == 1


def test_an_error_about_another_event_changes_nothing(asking):
    asking.requests.ask(BARE)
    asking.sent()
    assert not asking.requests.refused(refusal("invalid_value", "event_of_something"))
    assert asking.requests.busy


def test_responses_out_of_band_stand_in_nobodys_way(asking):
    asking.start()
    asking.requests.ask(ASIDE)
    asking.requests.ask(ASIDE)
    assert asking.count() == 2
    assert asking.start("resp_x", None)
    asking.requests.ask(BARE)
    asking.requests.done("resp_1")
    assert asking.count() == 1
    assert asking.requests.done("resp_x")
    assert asking.requests.active == ()


def test_a_response_out_of_band_that_was_refused_is_not_waited_for(asking):
    asking.requests.ask(ASIDE)
    (create,) = asking.sent()
    assert not asking.requests.refused(refusal("invalid_value", create["event_id"]))
    asking.start("resp_1", None)
    assert asking.requests.active == ("resp_1",)


def test_a_response_begins_and_ends_once(asking):
    assert asking.start()
    assert not asking.start()
    assert asking.requests.done("resp_1")
    assert not asking.requests.done("resp_1")
    assert not asking.start()
    assert asking.requests.is_over("resp_1")


def test_nothing_is_asked_for_after_the_end(asking):
    asking.start()
    asking.requests.ask(BARE)
    asking.requests.stop()
    asking.requests.done("resp_1")
    asking.requests.ask(BARE)
    asking.requests.ask(ASIDE)
    assert asking.sent() == []


def test_a_forestalled_request_is_not_made_again_after_the_end(asking):
    asking.requests.ask(BARE)
    (create,) = asking.sent()
    asking.start()
    asking.requests.stop()
    assert asking.requests.refused(refusal(ALREADY_ACTIVE, create["event_id"]))
    asking.requests.done("resp_1")
    assert asking.sent() == []
