from __future__ import annotations

import pytest
from dummy_chat_server import delta
from dummy_images import png
from dummy_requests import WEATHER, ask, call, output, said
from hypothesis import given
from hypothesis import strategies as st

from soundstage.endpoint.replies.chat_completion import LONGEST_TEXT, Completion, completion_request
from soundstage.realtime import FunctionCall, Item, Part


def test_a_conversation_is_told_with_its_roles_and_the_instructions_first():
    items = (said("system", "It is noon."), said("user", "Hi."), said("assistant", "Hello!"))
    assert completion_request(ask(*items), model="m", temperature=None) == {
        "model": "m",
        "stream": True,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "system", "content": "It is noon."},
            {"role": "user", "content": "Hi."},
            {"role": "assistant", "content": "Hello!"},
        ],
    }


PHOTO = Item(
    id="item_p",
    type="message",
    role="user",
    content=[
        Part(type="input_text", text="What is this?"),
        Part(type="input_image", image_url=png(4, 4), detail="low"),
        Part(type="input_audio", transcript="Tell me!"),
    ],
)
ONLY_PHOTO = Item(
    id="item_o",
    type="message",
    role="user",
    content=[Part(type="input_image", image_url=png(4, 4))],
)


def image(detail: str) -> dict:
    return {"type": "image_url", "image_url": {"url": png(4, 4), "detail": detail}}


def test_a_model_that_sees_is_shown_images_between_the_words():
    body = completion_request(ask(PHOTO, ONLY_PHOTO, instructions=""), sees=True)
    assert [each["content"] for each in body["messages"]] == [
        [
            {"type": "text", "text": "What is this?"},
            image("low"),
            {"type": "text", "text": "Tell me!"},
        ],
        [image("auto")],
    ]


def test_any_other_model_is_told_the_words_beside_them():
    body = completion_request(ask(PHOTO, ONLY_PHOTO, instructions=""))
    assert [each["content"] for each in body["messages"]] == ["What is this? Tell me!"]


def test_calls_that_were_made_together_are_one_message_with_their_results_behind_it():
    items = (call("call_a"), call("call_b", "time", "{}"), output("call_a"), output("call_b", "9"))
    first, second, third = completion_request(ask(*items, instructions=""))["messages"]
    assert [each["id"] for each in first["tool_calls"]] == ["call_a", "call_b"]
    assert first["tool_calls"][1]["function"] == {"name": "time", "arguments": "{}"}
    assert second == {"role": "tool", "tool_call_id": "call_a", "content": "{}"}
    assert third["content"] == "9"


def test_a_call_without_a_result_and_a_turn_without_words_are_left_out():
    items = (call("call_a"), said("user", ""), said("user", "So?"))
    assert len(completion_request(ask(*items, instructions=""))["messages"]) == 1


def test_tools_and_limits_are_passed_on():
    body = completion_request(
        ask(tools=(WEATHER,), tool_choice="required", parallel=False, longest=50)
    )
    (tool,) = body["tools"]
    assert tool["type"] == "function"
    assert set(tool["function"]) == {"name", "description", "parameters"}
    assert body["tool_choice"] == "required"
    assert body["parallel_tool_calls"] is False
    assert body["max_tokens"] == 50


def read(*chunks) -> tuple[str, Completion]:
    completion = Completion()
    return "".join(completion.read(chunk) for chunk in chunks), completion


def test_calls_come_together_from_their_pieces():
    def piece(index, **function):
        return delta(tool_calls=[{"index": index, "function": function}])

    words, completion = read(
        delta("One moment."),
        piece(0, name="weather", arguments='{"ci'),
        piece(1, name="time"),
        piece(0, arguments='ty": "Rome"}'),
        delta(finish="tool_calls"),
    )
    assert words == "One moment."
    assert completion.reply.calls == (
        FunctionCall("weather", '{"city": "Rome"}'),
        FunctionCall("time", "{}"),
    )
    assert completion.reply.unfinished == ""


def test_an_end_for_another_reason_leaves_the_answer_unfinished():
    assert read(delta("No", finish="length"))[1].reply.unfinished == "max_output_tokens"
    assert read(delta("No", finish="content_filter"))[1].reply.unfinished == "content_filter"


def test_an_answer_that_never_ends_is_ended():
    completion = Completion()
    for _ in range(1100):
        completion.read(delta("x" * 1000))
    assert completion.ended


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "tool_calls", "index", "function", "name", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(chunk=JSON)
def test_whatever_a_server_sends_is_read(chunk):
    words, completion = read(chunk, {"choices": [{"delta": chunk}]})
    assert isinstance(words, str)
    assert all(isinstance(each.name, str) for each in completion.reply.calls)


@pytest.mark.parametrize("size", [8, 1000, 920_000])
def test_an_answer_that_no_session_has_time_for_is_cut(size, caplog):
    completion = Completion()
    said = ""
    for at in range(0, 920_000, size):
        said += completion.read(delta("x" * min(size, 920_000 - at)))
        if completion.ended:
            break
    assert len(said) == LONGEST_TEXT
    assert completion.reply.unfinished == "max_output_tokens"
    assert "more than 100000 characters: it is cut" in caplog.text
