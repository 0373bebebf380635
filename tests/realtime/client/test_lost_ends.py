"""A server that does not say that a response is done: what was asked for is done all the same."""

from __future__ import annotations

from typing import Any

import pytest
from dummy_samples import ASSISTANT
from dummy_server import Call, call, created, done, error, event, item_added, playback, words

from soundstage.realtime import LostEnd, ToolAbandoned, ToolRequested, server_events
from soundstage.realtime.client.response_output import CALLS_WAIT, MESSAGES_WAIT


def item_done(item: dict[str, Any], response: str = "resp_1") -> dict[str, Any]:
    return event("response.output_item.done", response_id=response, output_index=0, item=item)


def arguments_done(item: dict[str, Any]) -> dict[str, Any]:
    place = {"response_id": "resp_1", "item_id": item["id"], "output_index": 0}
    told = {key: item[key] for key in ("call_id", "name", "arguments")}
    return event("response.function_call_arguments.done", **place, **told)


def frames(server: Call, number: int) -> list[Any]:
    return [told for _ in range(number) for told in server.session.hear_frame(audible=False)]


REQUEST = ToolRequested("call_1", "weather", "{}", "resp_1")


@pytest.mark.parametrize("known_by", [item_done, arguments_done])
def test_a_function_is_called_and_its_result_answered(known_by):
    server = Call.configured()
    server.hear(created(), known_by(call()))
    assert frames(server, CALLS_WAIT) == []
    lost, made, request = frames(server, 1)
    assert lost == LostEnd("resp_1")
    assert (type(made), made.response.status) == (server_events.ResponseDone, "completed")
    assert request == REQUEST
    server.session.return_tool("call_1", '{"sky": "wet"}')
    assert server.kinds() == ["conversation.item.create", "response.create"]
    assert not server.session.playing
    assert frames(server, 10 * MESSAGES_WAIT) == []


def test_the_words_before_a_call_are_those_of_the_response():
    server = Call.configured()
    server.hear(created(), item_added(), words("Let me see."), item_done(ASSISTANT))
    server.hear(item_done(call()))
    _, made, _ = frames(server, CALLS_WAIT + 1)
    assert made.response.said == "Hello there."


def test_its_first_event_may_have_been_lost_too():
    server = Call.configured()
    server.hear(item_done(call()))
    assert REQUEST in frames(server, CALLS_WAIT + 1)


def test_as_long_as_events_come_it_is_not_over():
    server = Call.configured()
    server.hear(created(), item_done(call()))
    for _ in range(5):
        assert frames(server, CALLS_WAIT) == []
        server.hear(words("and "))


def test_a_function_whose_arguments_were_cut_is_not_called():
    server = Call.configured()
    server.hear(created(), item_done({**call(), "status": "incomplete"}))
    told = frames(server, CALLS_WAIT + 1)
    assert not any(isinstance(each, ToolRequested) for each in told)


def test_what_the_client_has_cancelled_is_not_called():
    server = Call.configured()
    server.hear(created(), item_done(call()))
    server.session.cancel()
    told = frames(server, CALLS_WAIT + 1)
    assert ToolAbandoned("call_1", "weather", "resp_1") in told
    assert REQUEST not in told


def test_an_end_that_is_only_late_calls_what_was_not_known_and_nothing_twice():
    server = Call.configured()
    server.hear(created(), item_done(call()))
    assert REQUEST in frames(server, CALLS_WAIT + 1)
    other = ToolRequested("call_2", "weather", "{}", "resp_1")
    assert server.hear(done("resp_1", call(), call("call_2"))) == [other]
    assert server.hear(done("resp_1", call(), call("call_2"), call("call_3"))) == []


def test_what_comes_after_a_response_was_taken_to_be_done_does_not_end_it_again():
    server = Call.configured()
    server.hear(created(), item_done(call()))
    assert REQUEST in frames(server, CALLS_WAIT + 1)
    server.hear(item_done(call("call_2")))
    assert frames(server, 3 * CALLS_WAIT) == []
    assert server.hear(done("resp_1")) == [ToolRequested("call_2", "weather", "{}", "resp_1")]


def test_a_response_that_was_not_over_after_all_only_delays_the_next_one():
    server = Call.configured()
    server.hear(created(), item_done(call()))
    frames(server, CALLS_WAIT + 1)
    server.session.return_tool("call_1", "{}")
    asked = server.says()[-1]
    assert asked["type"] == "response.create"
    server.hear(error("conversation_already_has_active_response", asked["event_id"]))
    assert server.kinds() == []
    server.hear(done("resp_1", call()))
    assert server.kinds() == ["response.create"]


def test_a_reply_that_was_spoken_is_over_some_time_after_its_sound():
    server = Call.configured()
    server.hear(created(), item_added(), words("Hello"), playback("started"), item_done(ASSISTANT))
    assert frames(server, 3 * MESSAGES_WAIT) == []
    server.session.respond()
    assert server.kinds() == []
    server.hear(playback("stopped"))
    assert frames(server, MESSAGES_WAIT) == []
    assert [type(told) for told in frames(server, 1)] == [LostEnd, server_events.ResponseDone]
    assert server.kinds() == ["response.create"]


def test_a_reply_that_is_still_being_made_is_not_over():
    server = Call.configured()
    server.hear(created(), item_added(), words("Hello"))
    assert frames(server, 10 * MESSAGES_WAIT) == []


def test_the_next_response_says_that_the_one_before_is_over():
    server = Call.configured()
    server.hear(created(), item_added(), words("Hello"), item_done(ASSISTANT))
    told = server.hear(created("resp_2"))
    kinds = [LostEnd, server_events.ResponseDone, server_events.ResponseCreated]
    assert [type(each) for each in told] == kinds
    server.hear(done("resp_2"))
    assert not server.session.replying


def test_a_response_aside_says_nothing_of_the_one_before():
    server = Call.configured()
    server.hear(created(), item_added(), item_done(ASSISTANT))
    server.session.respond(conversation="none")
    told = server.hear(created("resp_2", conversation_id=None))
    assert [type(each) for each in told] == [server_events.ResponseCreated]
