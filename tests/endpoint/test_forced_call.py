from __future__ import annotations

import json

import pytest
from dummy_mind import DummyMind
from dummy_requests import WEATHER, ask

from soundstage.endpoint import LocalSettings, ScriptedResponder
from soundstage.endpoint._dictation import Dictation
from soundstage.endpoint._forced_call import forced_call
from soundstage.realtime import Reply

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"enum": ["C", "F"]},
        "days": {"type": ["integer", "null"]},
        "detail": {
            "type": "object",
            "properties": {"wind": {"type": "boolean"}},
            "required": ["wind"],
        },
        "note": {"type": "string"},
    },
    "required": ["city", "unit", "days", "detail", "unknown"],
}


def test_arguments_are_the_plainest_that_the_schema_takes():
    call = forced_call(ask(tools=({**WEATHER, "parameters": SCHEMA},), tool_choice="required"))
    assert call is not None
    assert call.name == "weather"
    assert json.loads(call.arguments) == {
        "city": "",
        "unit": "C",
        "days": 0,
        "detail": {"wind": False},
        "unknown": {},
    }


@pytest.mark.parametrize(
    "schema", [None, 7, {}, {"type": "object"}, {"properties": 1, "required": 2}]
)
def test_a_schema_that_says_nothing_gets_no_arguments(schema):
    call = forced_call(ask(tools=({"name": "x", "parameters": schema},), tool_choice="required"))
    assert call is not None
    assert json.loads(call.arguments) == {}


def test_nothing_is_called_unless_it_must_be():
    assert forced_call(ask(tools=(WEATHER,))) is None
    assert forced_call(ask(tool_choice="required")) is None


def test_a_client_that_insists_on_a_call_gets_one_and_no_line_is_used_up():
    responder = ScriptedResponder(LocalSettings.model_validate({"lines": ["One."]}))
    forced = responder.reply(ask(tools=(WEATHER,), tool_choice="required"))
    assert isinstance(forced, Reply)
    assert forced.text is None
    assert forced.calls[0].name == "weather"
    assert responder.reply(ask()) == Reply("One.")


def test_a_model_is_left_to_call_what_it_must():
    chat = {"chat": {"url": "http://a", "model": "m"}}
    responder = ScriptedResponder(LocalSettings.model_validate(chat), DummyMind(["Hm."]))
    answer = responder.reply(ask(tools=(WEATHER,), tool_choice="required"))
    assert isinstance(answer, Dictation)
