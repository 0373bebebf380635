"""What the local endpoint says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from dummy_images import png
from dummy_language_model import DummyLanguageModel
from dummy_requests import WEATHER, ask
from hypothesis import given
from hypothesis import strategies as st

from soundstage.endpoint import LocalSettings, ScriptedResponder
from soundstage.endpoint.replies import StreamedReply
from soundstage.endpoint.replies.scripted_responder import ANSWERING_SIDE, forced_call
from soundstage.realtime import Compose, FunctionCall, Item, Part, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

WEATHER_RULES = {
    "rules": [
        {
            "heard": "weather in {city}",
            "call": [{"tool": "get_weather", "args": {"location": "{city}"}}],
        },
        {"tool": "get_weather", "say": "{description} in {city}, {temperature} degrees."},
        {"tool": "get_weather", "failed": True, "say": "I cannot see {city} from here."},
        {"heard": "thank you", "say": "You are welcome. Enjoy {city}."},
        {"heard": {"pattern": r"\b(stop|enough)\b"}, "say": "Very well."},
    ],
    "lines": ["Hello, weather desk.", "Which city?"],
    "otherwise": "Sorry?",
}
WORLD = ("get_weather", "find_order", "refund")


class Caller:
    """The conversation that a responder is asked about, a request at a time."""

    def __init__(self, local: dict[str, Any], tools: Sequence[str] = WORLD) -> None:
        self.responder = ScriptedResponder(LocalSettings.model_validate(local))
        self.items: list[Item] = []
        self.tools = tuple({"type": "function", "name": name} for name in tools)

    def ask(self, heard: str | None = None) -> Reply:
        request = Compose(
            job="job",
            response="resp",
            conversation=tuple(self.items),
            heard=heard,
            instructions="",
            tools=self.tools,
        )
        reply = self.responder.reply(request)
        if reply.text:
            self.add(role="assistant", content=[Part(type="output_audio", transcript=reply.text)])
        for call in reply.calls:
            self.add(type="function_call", name=call.name, call_id=f"call_{len(self.items)}")
        return reply

    def say(self, text: str) -> Reply:
        """A spoken turn, and the answer to it."""
        self.mumble(text)
        return self.ask(text)

    def mumble(self, text: str) -> None:
        """A spoken turn whose answer never was composed."""
        self.add(role="user", content=[Part(type="input_audio", transcript=text)])

    def type(self, text: str, role: str = "user") -> Reply:
        self.add(role=role, content=[Part(type="input_text", text=text)])
        return self.ask(text if role == "user" else None)

    def give(self, *outputs: object) -> Reply:
        """The results of the latest calls, in their order, and the answer to them."""
        calls = [item for item in self.items if item.type == "function_call"][-len(outputs) :]
        for call, output in zip(calls, outputs, strict=True):
            text = output if isinstance(output, str) else json.dumps(output)
            self.add(type="function_call_output", call_id=call.call_id, output=text)
        return self.ask()

    def add(self, *, type: str = "message", **fields: Any) -> None:  # noqa: A002 - as on the wire
        self.items.append(Item(id=f"item_{len(self.items)}", type=type, **fields))


def lines(*texts: str, **others: Any) -> dict[str, Any]:
    return {"lines": list(texts), **others}


def test_an_opening_prompt_is_answered_with_the_first_line() -> None:
    caller = Caller(WEATHER_RULES)
    prompt = "Greet the caller. Do not talk about the weather in Rome."
    assert caller.type(prompt, role="system") == Reply("Hello, weather desk.")


def test_a_new_session_goes_on_from_the_conversation_that_it_is_told() -> None:
    told = Caller(WEATHER_RULES)
    for text, role in (
        ("Good evening.", "user"),
        ("Hello, weather desk.", "assistant"),
        ("What is the weather in Oslo", "user"),
    ):
        kind = "input_text" if role == "user" else "output_text"
        told.add(role=role, content=[Part(type=kind, text=text)])
    told.add(type="function_call", name="get_weather", call_id="call_9", arguments="{}")
    answer = {"description": "Rain", "temperature": 9}
    assert told.give(answer) == Reply("Rain in Oslo, 9 degrees.")
    assert told.say("Thank you.") == Reply("You are welcome. Enjoy Oslo.")
    assert told.say("Hm.") == Reply("Which city?")


def test_a_line_of_which_only_the_beginning_was_heard_is_not_said_again() -> None:
    told = Caller(WEATHER_RULES)
    told.add(role="assistant", content=[Part(type="output_text", text="Hello, weather")])
    assert told.say("What?") == Reply("Which city?")
    other = Caller(WEATHER_RULES)
    other.add(role="assistant", content=[Part(type="output_text", text="Something else")])
    assert other.say("What?") == Reply("Hello, weather desk.")


def test_the_default_dialogue_goes_on_on_the_side_on_which_it_was() -> None:
    told = Caller({})
    for text in ANSWERING_SIDE[:2]:
        told.add(role="assistant", content=[Part(type="output_text", text=text)])
    assert told.say("Well.") == Reply(ANSWERING_SIDE[2])


def test_a_rule_goes_before_the_lines_and_uses_none_up() -> None:
    caller = Caller(WEATHER_RULES)
    assert caller.say("Enough of that.") == Reply("Very well.")
    assert caller.say("Good evening.") == Reply("Hello, weather desk.")


def test_words_that_no_rule_knows_get_the_lines_one_by_one_and_then_otherwise() -> None:
    caller = Caller(WEATHER_RULES)
    said = [caller.say(f"Word number {number}").text for number in range(4)]
    assert said == ["Hello, weather desk.", "Which city?", "Sorry?", "Sorry?"]


def test_the_first_rule_that_matches_wins() -> None:
    caller = Caller(WEATHER_RULES)
    reply = caller.say("Stop. What is the weather in Dublin, thank you?")
    assert reply.calls == (FunctionCall("get_weather", '{"location": "Dublin"}'),)


def test_typed_words_count_as_heard() -> None:
    caller = Caller(WEATHER_RULES)
    assert caller.type("Weather in Hobart").calls[0].arguments == '{"location": "Hobart"}'


def test_a_result_is_said_with_its_fields_and_the_slots_of_the_call() -> None:
    caller = Caller(WEATHER_RULES)
    caller.say("What's the weather in Dublin?")
    reply = caller.give({"description": "Rain", "temperature": 11.0})
    assert reply == Reply("Rain in Dublin, 11 degrees.")


def test_a_failed_tool_has_a_rule_of_its_own() -> None:
    caller = Caller(WEATHER_RULES)
    caller.say("What's the weather in Atlantis?")
    assert caller.give({"error": "no such city"}) == Reply("I cannot see Atlantis from here.")


def test_a_result_that_no_rule_knows_is_answered_with_the_next_line() -> None:
    caller = Caller(lines("One moment.", rules=[{"heard": "go", "call": [{"tool": "refund"}]}]))
    caller.say("Go!")
    assert caller.give({"ok": True}) == Reply("One moment.")


def test_a_result_that_is_no_object_is_the_field_result() -> None:
    rules = [
        {"heard": "go", "call": [{"tool": "refund"}]},
        {"tool": "refund", "say": "It says {result}."},
    ]
    caller = Caller({"rules": rules})
    caller.say("Go!")
    assert caller.give("nothing doing") == Reply("It says nothing doing.")
    caller.say("Go!")
    assert caller.give("[1, 2]") == Reply("It says 1, 2.")


@pytest.mark.parametrize(
    "output",
    [
        '[{"text": "{\\"sky\\": \\"grey\\"}"}]',
        '[{"type": "text", "text": "{\\"sky\\": \\"grey\\"}", "annotations": null}]',
        '[{"json": {"sky": "grey"}}]',
    ],
    ids=["Strands", "an MCP client", "Strands, of a table"],
)
def test_a_result_that_a_framework_wraps_in_a_part_of_content_is_read(output: str) -> None:
    rules = [
        {"heard": "go", "call": [{"tool": "refund"}]},
        {"tool": "refund", "say": "It is {sky}."},
    ]
    caller = Caller({"rules": rules})
    caller.say("Go!")
    assert caller.give(output) == Reply("It is grey.")


@pytest.mark.parametrize(
    "output",
    [
        '[{"text": "{\\"sky\\": 1}"}, {"text": "b"}]',
        '[{"text": "{\\"sky\\": 1}", "more": 1}]',
        '[{"text": {"sky": 1}}]',
        '[{"json": {"sky": 1}, "more": 1}]',
    ],
)
def test_a_list_of_anything_else_is_the_field_result(output: str) -> None:
    rules = [
        {"heard": "go", "call": [{"tool": "refund"}]},
        {"tool": "refund", "say": "It is {sky}."},
    ]
    caller = Caller({"rules": rules})
    caller.say("Go!")
    assert caller.give(output) == Reply("It is sky.")


def test_results_of_several_tools_are_answered_together() -> None:
    rules = [
        {"heard": "both", "call": [{"tool": "find_order"}, {"tool": "refund"}]},
        {"tool": "refund", "say": "Paid {sum}."},
        {"tool": "find_order", "say": "Found a {item}."},
    ]
    caller = Caller({"rules": rules})
    assert [call.name for call in caller.say("Both, please.").calls] == ["find_order", "refund"]
    assert caller.give({"item": "kettle"}, {"sum": 24.5}) == Reply("Found a kettle. Paid 24.5.")


def test_a_result_is_answered_once() -> None:
    caller = Caller(WEATHER_RULES)
    caller.say("What's the weather in Dublin?")
    caller.give({"description": "Rain", "temperature": 11})
    assert caller.ask() == Reply("Hello, weather desk.")


def test_slots_stay_bound_and_the_latest_wins() -> None:
    caller = Caller(WEATHER_RULES)
    caller.say("What's the weather in Dublin?")
    caller.say("And the weather in Hobart?")
    assert caller.say("Thank you.") == Reply("You are welcome. Enjoy Hobart.")


def test_a_tools_fields_are_bound_in_its_own_rule_only() -> None:
    caller = Caller(WEATHER_RULES)
    caller.say("What's the weather in Dublin?")
    caller.give({"city": "Baile", "description": "Rain", "temperature": 11})
    assert caller.say("Thank you.") == Reply("You are welcome. Enjoy Dublin.")


def test_the_words_of_a_turn_whose_answer_was_cut_short_count_with_the_next() -> None:
    caller = Caller(WEATHER_RULES)
    caller.mumble("What is the weather")
    assert caller.say("in Dublin?").calls[0].arguments == '{"location": "Dublin"}'


def test_words_are_answered_once() -> None:
    caller = Caller({"rules": [{"heard": "hello", "say": "Hi."}], "otherwise": "Yes?"})
    caller.say("Hello")
    assert caller.say("there") == Reply("Yes?")


def test_sound_without_words_is_not_answered_and_uses_no_line_up() -> None:
    caller = Caller(WEATHER_RULES)
    assert caller.say("") == Reply()
    assert caller.say("Hello?") == Reply("Hello, weather desk.")


def test_a_tool_that_the_response_may_not_call_is_not_called() -> None:
    caller = Caller(WEATHER_RULES, tools=())
    assert caller.say("What's the weather in Dublin?") == Reply("Hello, weather desk.")


def test_a_rule_can_say_something_while_it_calls() -> None:
    rules = [{"heard": "order", "say": "Let me look.", "call": [{"tool": "find_order"}]}]
    reply = Caller({"rules": rules}).say("My order?")
    assert reply == Reply("Let me look.", (FunctionCall("find_order", "{}"),))


def test_words_that_got_no_answer_are_not_heard_again() -> None:
    caller = Caller({"rules": [{"heard": "weather in {city}", "say": "Dry in {city}."}]})
    assert caller.say("The weather in") == Reply()
    caller.mumble("Thank you")
    assert caller.ask("The weather in Thank you") == Reply()


def test_without_otherwise_nothing_is_said_when_the_lines_are_used_up() -> None:
    caller = Caller(lines("Only this."))
    assert [caller.say("And?").text, caller.say("And?").text] == ["Only this.", None]


def test_two_sessions_with_nothing_to_say_make_small_talk_and_part() -> None:
    ann, ben = Caller({}), Caller({})
    said = [ann.type("Say hello.", role="system").text]
    while said[-1] is not None:
        said += [ben.say(said[-1]).text]
        said += [ann.say(said[-1]).text] if said[-1] is not None else []
    *talk, end = said
    assert end is None
    assert len(talk) == 12
    assert len(set(talk)) == 12
    assert "Goodbye" in talk[-1]
    assert "Goodbye" in talk[-2]


texts = st.text(max_size=40) | st.sampled_from(
    ["weather in Dublin", "thank you", '{"error": 1}', '{"temperature": [1]}', "[" * 2000]
)
items = st.builds(
    Item,
    id=st.sampled_from(["a", "b", "c", "d"]),
    type=st.sampled_from(["message", "function_call", "function_call_output", "mcp_call"]),
    role=st.sampled_from(["user", "assistant", "system"]),
    content=st.none() | st.lists(st.builds(Part, type=texts, text=texts, transcript=texts)),
    name=st.sampled_from(["get_weather", "", None]),
    call_id=st.sampled_from(["1", "2"]),
    output=texts,
)


@given(st.lists(st.tuples(st.lists(items, max_size=5), st.none() | texts), max_size=5))
def test_it_never_raises(requests: list[tuple[list[Item], str | None]]) -> None:
    caller = Caller(WEATHER_RULES)
    for conversation, heard in requests:
        caller.items = conversation
        reply = caller.ask(heard)
        assert reply.text != ""
        for call in reply.calls:
            json.loads(call.arguments)


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
    responder = ScriptedResponder(LocalSettings.model_validate(chat), DummyLanguageModel(["Hm."]))
    answer = responder.reply(ask(tools=(WEATHER,), tool_choice="required"))
    assert isinstance(answer, StreamedReply)


def photo(ident: str = "item_p", url: str = png(4, 4)) -> Item:
    part = Part(type="input_image", image_url=url)
    return Item(id=ident, type="message", role="user", content=[part])


SEES = {"chat": {"url": "http://a", "model": "m", "sees": True}}
BLIND = {"chat": {"url": "http://a", "model": "m"}}


def test_a_model_that_sees_is_asked_about_an_image_without_words():
    told: list[tuple[str, str]] = []
    settings = LocalSettings.model_validate(SEES)
    model = DummyLanguageModel(["A cat."])
    responder = ScriptedResponder(settings, model, lambda *remark: told.append(remark))
    assert isinstance(responder.reply(ask(photo(), heard="")), StreamedReply)
    # What it has been shown once is no news.
    assert responder.reply(ask(photo(), heard="")) == Reply()
    assert told == []


@pytest.mark.parametrize("table", [BLIND, {"lines": ["Hm.", "So."], "otherwise": "What?"}])
def test_an_image_that_nothing_looks_at_is_told_once(table: dict[str, Any]):
    told: list[tuple[str, str]] = []
    model = DummyLanguageModel(["Hm."]) if table is BLIND else None
    settings = LocalSettings.model_validate(table)
    responder = ScriptedResponder(settings, model, lambda *remark: told.append(remark))
    assert responder.reply(ask(photo(), heard="")) == Reply()
    responder.reply(ask(photo(), photo("item_q"), heard="Well?"))
    [(code, words)] = told
    assert code == "image_ignored"
    assert words.startswith("an image is ignored: nothing here looks at it")
