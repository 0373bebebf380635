"""Function calls: asked for once, answered together."""

from __future__ import annotations

import msgspec
import pytest
from dummy_samples import ASSISTANT
from dummy_server import call

from soundstage.realtime import Item, Response, ToolRequested
from soundstage.realtime.client.function_calls import FunctionCalls


def response(*output, ident="resp_1", status="completed") -> Response:
    items = msgspec.convert(list(output), list[Item])
    return Response(id=ident, status=status, output=items)


def test_every_call_of_a_response_is_asked_for_in_order():
    asked = FunctionCalls().requested(response(call("call_2", "b"), ASSISTANT, call("call_1", "a")))
    assert asked == [
        ToolRequested("call_2", "b", "{}", "resp_1"),
        ToolRequested("call_1", "a", "{}", "resp_1"),
    ]


@pytest.mark.parametrize("status", ["cancelled", "incomplete", "failed", "in_progress"])
def test_a_response_that_was_not_completed_asks_for_nothing(status):
    assert FunctionCalls().requested(response(call(), status=status)) == []


def test_a_call_is_acted_on_once():
    calls = FunctionCalls()
    assert len(calls.requested(response(call(), call()))) == 1
    assert calls.requested(response(call(), ident="resp_2")) == []


def test_outputs_are_given_when_the_last_one_is_there_in_the_order_of_the_calls():
    calls = FunctionCalls()
    calls.requested(response(call("call_1"), call("call_2")))
    assert calls.returned("call_2", "2") == []
    outputs = calls.returned("call_1", "1")
    assert [(item.call_id, item.output) for item in outputs] == [("call_1", "1"), ("call_2", "2")]


def test_responses_do_not_wait_for_the_calls_of_each_other():
    calls = FunctionCalls()
    calls.requested(response(call("call_1")))
    calls.requested(response(call("call_2"), ident="resp_2"))
    assert [item.call_id for item in calls.returned("call_2", "2")] == ["call_2"]


def test_unknown_and_repeated_outputs_are_ignored():
    calls = FunctionCalls()
    calls.requested(response(call()))
    assert calls.returned("call_9", "{}") == []
    assert len(calls.returned("call_1", "{}")) == 1
    assert calls.returned("call_1", "{}") == []


def test_a_call_without_an_id_cannot_be_answered_and_is_left():
    nameless = {key: value for key, value in call().items() if key != "call_id"}
    assert FunctionCalls().requested(response(nameless)) == []
