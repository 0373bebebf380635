"""What a session shows of its model: each family in the shape that was recorded of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dummy_call import DummyCall

from soundstage.realtime import FunctionCall
from soundstage.realtime.protocol.model_families import GPT_REALTIME, GPT_REALTIME_2, family_of

OLD, NEW = "gpt-realtime", "gpt-realtime-2.1"
LOOK_UP = FunctionCall("look_up", '{"order": 7}')
BEGUN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "output_audio_buffer.started",
]
CALL_BEGUN = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
]
MESSAGE_DONE = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
]
CALL_DONE = [
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
]
ENDED = ["response.done", "rate_limits.updated", "output_audio_buffer.stopped"]


def spoken_call(model: str, *calls: FunctionCall, **response: Any) -> DummyCall:
    """A reply that says something and calls functions."""
    call = DummyCall(model=model)
    call.say("Where is my parcel?")
    call.new()
    call.send("response.create", response=response)
    call.compose("One moment please.", *calls)
    call.voice()
    call.pass_frames(40)
    return call


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-realtime", GPT_REALTIME),
        ("gpt-realtime-2025-08-28", GPT_REALTIME),
        ("gpt-realtime-mini", GPT_REALTIME),
        ("gpt-realtime-mini-2025-12-15", GPT_REALTIME),
        ("gpt-realtime-1.5", GPT_REALTIME),
        ("gpt-4o-realtime-preview", GPT_REALTIME),
        ("gpt-4o-mini-realtime-preview-2024-12-17", GPT_REALTIME),
        ("gpt-realtime-2", GPT_REALTIME_2),
        ("gpt-realtime-2.1", GPT_REALTIME_2),
        ("gpt-realtime-2.1-mini", GPT_REALTIME_2),
        ("refund-desk", GPT_REALTIME_2),
    ],
)
def test_a_model_belongs_to_the_family_that_its_name_says(model, family):
    assert family_of(model) is family


@pytest.mark.parametrize(("model", "voice", "silence"), [(OLD, "alloy", 200), (NEW, "marin", 500)])
def test_a_session_has_the_voice_and_the_silence_of_its_model(model, voice, silence):
    call = DummyCall(model=model)
    audio = call.events[0]["session"]["audio"]
    assert audio["output"]["voice"] == voice
    assert audio["input"]["turn_detection"]["silence_duration_ms"] == silence
    call.update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.3}}})
    updated = call.last("session.updated")["session"]["audio"]["input"]["turn_detection"]
    assert (updated["threshold"], updated["silence_duration_ms"]) == (0.3, silence)


def test_a_turn_ends_after_the_silence_of_the_model():
    for model, silence in ((OLD, 200), (NEW, 500)):
        call = DummyCall(model=model)
        call.speak(400)
        call.pause(silence - 20)
        assert call.all("input_audio_buffer.speech_stopped") == []
        call.pause(20)
        assert len(call.all("input_audio_buffer.speech_stopped")) == 1


def test_an_older_model_closes_each_item_before_the_next_and_has_no_phases():
    call = spoken_call(OLD, LOOK_UP)
    assert call.order() == [*BEGUN, *MESSAGE_DONE, *CALL_BEGUN, *CALL_DONE, *ENDED]
    output = call.last("response.done")["response"]["output"]
    assert all("phase" not in item for item in output)


def test_a_newer_model_closes_its_items_when_all_deltas_are_out():
    call = spoken_call(NEW, LOOK_UP)
    assert call.order() == [*BEGUN, *CALL_BEGUN, *MESSAGE_DONE, *CALL_DONE, *ENDED]
    message, function_call = call.last("response.done")["response"]["output"]
    assert (message["type"], message["phase"]) == ("message", "commentary")
    assert function_call["type"] == "function_call"
    assert [event["output_index"] for event in call.all("response.output_item.done")] == [0, 1]


def test_several_calls_of_a_newer_model_are_all_begun_before_any_is_closed():
    call = spoken_call(NEW, LOOK_UP, FunctionCall("greet", "{}"))
    kinds = call.order()
    assert kinds == [
        *BEGUN,
        *CALL_BEGUN,
        *CALL_BEGUN,
        *MESSAGE_DONE,
        *CALL_DONE,
        *CALL_DONE,
        *ENDED,
    ]
    names = [event["name"] for event in call.all("response.function_call_arguments.done")]
    assert names == ["look_up", "greet"]


def test_what_is_said_with_no_call_is_a_final_answer_in_every_event_of_its_item():
    call = spoken_call(NEW)
    for kind in ("response.output_item.added", "response.output_item.done"):
        assert call.last(kind)["item"]["phase"] == "final_answer"
    message = call.last("response.done")["response"]["output"][0]
    assert call.item(message["id"])["phase"] == "final_answer"


def test_the_phase_of_what_is_streamed_is_told_when_it_is_known():
    call = DummyCall(model=NEW)
    call.send("response.create")
    call.server.composing(call.job_name(), "One moment. ", call.now)
    call.drain()
    assert "phase" not in call.last("response.output_item.added")["item"]
    call.compose("Please.", LOOK_UP)
    for _ in range(2):
        call.voice()
    call.pass_frames(60)
    assert call.last("response.done")["response"]["output"][0]["phase"] == "commentary"


@pytest.mark.parametrize(
    ("model", "reasoning", "told"),
    [
        (NEW, {"effort": "low"}, True),
        (NEW, {}, True),
        (NEW, {"effort": "none"}, False),
        (NEW, None, False),
        (OLD, {"effort": "low"}, False),
    ],
)
def test_usage_counts_reasoning_where_a_model_was_asked_to_reason(model, reasoning, told):
    call = spoken_call(model, **({} if reasoning is None else {"reasoning": reasoning}))
    details = call.last("response.done")["response"]["usage"]["output_token_details"]
    assert ("reasoning_tokens" in details) is told
    assert details.get("reasoning_tokens", 0) == 0


def test_a_client_may_give_back_a_message_with_its_phase():
    call = DummyCall(model=NEW)
    part = {"type": "output_text", "text": "Hm."}
    message = {"type": "message", "role": "assistant", "content": [part], "phase": "commentary"}
    call.send("conversation.item.create", item=message)
    assert call.last("conversation.item.done")["item"]["phase"] == "commentary"
    part = {"type": "input_text", "text": "Hm."}
    call.send("conversation.item.create", item={**message, "role": "user", "content": [part]})
    assert call.fault()["code"] == "unknown_parameter"


def test_the_documents_say_what_each_family_has():
    page = Path(__file__).parents[3] / "docs" / "endpoint-protocol.md"
    rows = [line.split("|")[1:-1] for line in page.read_text().splitlines() if line[:1] == "|"]
    told = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}
    families = (GPT_REALTIME, GPT_REALTIME_2)
    assert told["`audio.output.voice` of a session that names none"] == [
        f"`{family.voice}`" for family in families
    ]
    assert told["`silence_duration_ms` of a `server_vad` that gives none"] == [
        str(family.silence_duration_ms) for family in families
    ]
    reasons = told["`reasoning_tokens` in the usage"]
    phases = told["`phase` of an assistant's message"]
    assert [cell != "none" for cell in reasons] == [one.counts_reasoning for one in families]
    assert [cell != "none" for cell in phases] == [one.has_phases for one in families]
    together = told["`done` events of a message and the calls after it"]
    assert [cell != "item by item" for cell in together] == [
        one.closes_items_together for one in families
    ]
