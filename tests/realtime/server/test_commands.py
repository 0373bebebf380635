"""What a client may not do is told it in an `error` event, and nothing else happens."""

from __future__ import annotations

from typing import Any

import pytest
from dummy_call import DummyCall
from dummy_images import jpeg, png

from soundstage.realtime import Compose

AUDIO_AT = "session.audio.input.turn_detection"


def update(**session):
    return "session.update", {"session": {"type": "realtime", **session}}


def detection(**settings):
    return update(audio={"input": {"turn_detection": {"type": "server_vad", **settings}}})


def create(**item):
    return "conversation.item.create", {"item": {"type": "message", "role": "user", **item}}


def respond(**response):
    return "response.create", {"response": response}


FAULTS = [
    (("session.update", {"session": {}}), "missing_required_parameter", "session.type"),
    (update(voice="ash"), "unknown_parameter", "session.voice"),
    (update(type="transcription"), "invalid_parameter", "session.type"),
    (update(type="translation"), "invalid_value", "session.type"),
    (
        update(tools=[{"type": "mcp", "server_label": "shop", "server_url": "https://a.shop"}]),
        "invalid_value",
        "session.tools[0].type",
    ),
    (
        update(tool_choice={"type": "mcp", "server_label": "shop"}),
        "invalid_value",
        "session.tool_choice.type",
    ),
    (respond(tools=[{"type": "mcp"}]), "invalid_value", "response.tools[0].type"),
    (update(model="gpt-realtime-mini"), "invalid_value", "session.model"),
    (update(instructions=3), "invalid_type", "session.instructions"),
    (detection(create_response=None), "invalid_type", f"{AUDIO_AT}.create_response"),
    (detection(threshold=None), "invalid_type", f"{AUDIO_AT}.threshold"),
    (update(type=None), "invalid_type", "session.type"),
    (update(audio=[]), "invalid_type", "session.audio"),
    (update(audio={"input": 3}), "invalid_type", "session.audio.input"),
    (update(audio={"output": {"speed": 2}}), "invalid_value", "session.audio.output.speed"),
    (update(output_modalities=["audio", "text"]), "invalid_value", "session.output_modalities"),
    (update(max_output_tokens=5000), "invalid_value", "session.max_output_tokens"),
    (update(tools=[{"type": "mcp"}]), "invalid_value", "session.tools[0].type"),
    (update(tools=[{"type": "function"}]), "missing_required_parameter", "session.tools[0].name"),
    (
        update(tool_choice={"type": "function", "name": "wave"}),
        "invalid_value",
        "session.tool_choice",
    ),
    (update(prompt={"id": "pmpt_1"}), "invalid_value", "session.prompt"),
    (
        update(include=["item.input_audio_transcription.logprobs"]),
        "invalid_value",
        "session.include",
    ),
    (detection(threshold=1.1), "invalid_value", f"{AUDIO_AT}.threshold"),
    (detection(idle_timeout_ms=100), "invalid_value", f"{AUDIO_AT}.idle_timeout_ms"),
    (detection(eagerness="low"), "unknown_parameter", f"{AUDIO_AT}.eagerness"),
    (
        create(content=[{"type": "input_image", "image_url": "data:,"}]),
        "invalid_value",
        "item.content[0].image_url",
    ),
    (
        create(content=[{"type": "input_audio", "audio": "?"}]),
        "invalid_value",
        "item.content[0].audio",
    ),
    (
        (
            "conversation.item.create",
            {
                "item": {
                    "type": "mcp_approval_response",
                    "id": "a",
                    "approval_request_id": "b",
                    "approve": True,
                }
            },
        ),
        "invalid_value",
        "item.type",
    ),
    (create(id="known", content=[]), "invalid_value", "item.id"),
    (
        (
            "conversation.item.create",
            {
                "previous_item_id": "missing",
                "item": {"type": "message", "role": "user", "content": []},
            },
        ),
        "invalid_value",
        "previous_item_id",
    ),
    (
        ("conversation.item.retrieve", {"item_id": "missing"}),
        "item_retrieve_invalid_item_id",
        "item_id",
    ),
    (
        ("conversation.item.delete", {"item_id": "missing"}),
        "item_delete_invalid_item_id",
        "item_id",
    ),
    (
        (
            "conversation.item.truncate",
            {"item_id": "missing", "content_index": 0, "audio_end_ms": 0},
        ),
        "item_truncate_invalid_item_id",
        "item_id",
    ),
    (
        ("conversation.item.truncate", {"item_id": "known", "content_index": 0, "audio_end_ms": 0}),
        "invalid_value",
        "item_id",
    ),
    (("input_audio_buffer.append", {"audio": "no base64!"}), "invalid_value", "audio"),
    (("input_audio_buffer.append", {"audio": "é"}), "invalid_value", "audio"),
    (
        ("input_audio_buffer.append", {"audio": "A" * (21 * 1024 * 1024)}),
        "invalid_value",
        "audio",
    ),
    (("input_audio_buffer.commit", {}), "input_audio_buffer_commit_empty", None),
    (("response.cancel", {}), "response_cancel_not_active", None),
    (("response.cancel", {"response_id": "resp_1"}), "response_cancel_not_active", None),
    (respond(conversation="conv_1"), "invalid_value", "response.conversation"),
    (respond(temperature=0.8), "unknown_parameter", "response.temperature"),
    (respond(prompt={"id": "pmpt_1"}), "invalid_value", "response.prompt"),
    (respond(metadata={"k" * 65: "v"}), "invalid_value", "response.metadata"),
    (respond(metadata={"k": "v" * 513}), "invalid_value", "response.metadata"),
    (respond(metadata={str(key): "" for key in range(17)}), "invalid_value", "response.metadata"),
    (
        respond(tool_choice={"type": "function", "name": "wave"}),
        "invalid_value",
        "response.tool_choice",
    ),
    (
        respond(input=[{"type": "item_reference", "id": "missing"}]),
        "invalid_value",
        "response.input[0].id",
    ),
    (respond(input=[{"type": "message"}]), "missing_required_parameter", "response.input[0].role"),
    (("conversation.item.delete", {}), "missing_required_parameter", "item_id"),
    (("session.close", {}), "invalid_value", "type"),
]


@pytest.mark.parametrize(("event", "code", "param"), FAULTS)
def test_a_fault_is_told_with_its_code_its_place_and_the_clients_event_id(event, code, param):
    call = DummyCall()
    item = {"id": "known", "type": "message", "role": "system", "content": []}
    call.send("conversation.item.create", item=item)
    call.new()
    kind, fields = event
    event_id = call.send(kind, **fields)
    (told,) = call.new()
    assert told["type"] == "error"
    error = told["error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == code
    assert error["event_id"] == event_id
    assert error["message"]
    if param is not None:
        assert str(error["param"]).startswith(param)


def test_an_update_with_one_fault_changes_nothing():
    call = DummyCall()
    call.update(instructions="Be brief.", tools=[{"type": "mcp"}])
    call.update()
    assert call.last("session.updated")["session"]["instructions"] != "Be brief."


@pytest.mark.parametrize("raw", ["", "null", "[]", "{", "\ud800", b"\xff", "[" * 100_000])
def test_what_is_no_event_at_all_is_answered_with_an_error(raw):
    call = DummyCall()
    call.new()
    call.send_raw(raw)
    assert call.order() == ["error"]
    call.say("Still there?")
    assert call.order() == ["conversation.item.added", "conversation.item.done"]


def test_g711_is_refused_where_it_would_matter_and_taken_where_it_does_not():
    for transport, answer in (("websocket", "error"), ("webrtc", "session.updated")):
        call = DummyCall(transport=transport)
        call.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
        assert call.order()[-1] == answer


def test_not_more_than_sixteen_responses_are_made_at_once():
    call = DummyCall()
    for _ in range(17):
        call.send("response.create", response={"conversation": "none"})
    assert call.fault()["code"] == "rate_limit_exceeded"
    assert len(call.all("response.created")) == 16


def test_one_of_several_responses_can_be_cancelled_by_its_id():
    call = DummyCall()
    call.send("response.create")
    call.send("response.create", response={"conversation": "none"})
    ident = call.last("response.created")["response"]["id"]
    call.send("response.cancel", response_id=ident)
    assert call.last("response.done")["response"]["id"] == ident
    assert len(call.all("response.done")) == 1


def test_a_response_waits_for_the_words_of_every_turn_that_it_answers():
    call = DummyCall()
    audio = {"type": "input_audio", "audio": "AAAA" * 1000}
    call.send("response.create", response={"input": [_message(audio)], "conversation": "none"})
    assert len(call.jobs) == 1
    call.transcribe("Only this.")
    assert call.jobs[1].heard == "Only this."


def _message(part):
    return {"type": "message", "role": "user", "content": [part]}


def shown(*urls: str, **fields: Any) -> dict[str, Any]:
    parts = [{"type": "input_image", "image_url": url, **fields} for url in urls]
    return {"type": "message", "role": "user", "content": [*parts, WHAT]}


WHAT = {"type": "input_text", "text": "What is this?"}


def test_an_image_is_kept_counted_and_known_to_what_composes_the_answer():
    call = DummyCall()
    call.send("conversation.item.create", item=shown(png(1024, 1024), detail="high"))
    added = call.last("conversation.item.added")["item"]
    assert added["content"][0]["image_url"] == png(1024, 1024)
    call.send("response.create")
    job = call.job(Compose)
    assert (job.heard, job.conversation[0].content[0].image_url) == (WHAT["text"], png(1024, 1024))
    call.reply("A cat.")
    call.pause(2000)
    usage = call.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["image_tokens"] == 85 + 4 * 170
    parts = [usage["input_token_details"][f"{kind}_tokens"] for kind in ("text", "audio", "image")]
    assert usage["input_tokens"] == sum(parts)


def test_an_image_without_words_is_a_turn_of_the_user():
    call = DummyCall()
    item = {"type": "message", "role": "user", "content": shown(jpeg(64, 64))["content"][:1]}
    call.send("response.create", response={"conversation": "none", "input": [item]})
    assert call.job(Compose).heard == ""
    assert call.job(Compose).conversation[0].content[0].image_url == jpeg(64, 64)


def test_an_image_that_no_message_could_carry_back_is_not_shown_again():
    large = png(64, 64, 200_000)
    for transport, again in (("webrtc", False), ("websocket", True)):
        call = DummyCall(transport=transport)
        call.send("conversation.item.create", item=shown(large))
        content = call.last("conversation.item.done")["item"]["content"]
        assert (content[0].get("image_url") == large) is again
        call.send("response.create")
        assert call.job(Compose).conversation[0].content[0].image_url == large


def test_the_oldest_images_are_forgotten_when_there_are_too_many():
    call = DummyCall(transport="websocket")
    for _ in range(3):
        call.send("conversation.item.create", item=shown(png(64, 64, 5 * 1024 * 1024)))
    call.send("response.create")
    images = [bool(item.content[0].image_url) for item in call.job(Compose).conversation]
    assert images == [False, True, True]
