"""Sessions that write down what they hear, and say nothing."""

from __future__ import annotations

import base64

import pytest
from dummy_call import DummyCall
from openai.types.realtime.realtime_transcription_session_create_response import (
    RealtimeTranscriptionSessionCreateResponse,
)

from soundstage.errors import ClientFault
from soundstage.realtime import Abandon, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, samples_of_ms

WRITES = {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}


def listening(**audio) -> DummyCall:
    return DummyCall({"type": "transcription", "audio": audio or WRITES}, transport="websocket")


def test_a_session_begins_with_what_it_hears_and_nothing_of_what_it_would_say():
    call = DummyCall({"type": "transcription"}, unix_time=1_700_000_000)
    assert call.order() == ["session.created"]
    session = call.events[0]["session"]
    RealtimeTranscriptionSessionCreateResponse.model_validate(session)
    assert session.pop("id").startswith("sess_")
    detection = session["audio"]["input"].pop("turn_detection")
    assert (detection["type"], detection["silence_duration_ms"]) == ("server_vad", 200)
    assert session == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "expires_at": 1_700_003_600,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
            }
        },
        "include": None,
    }


def test_a_turn_has_the_documented_order_and_is_not_answered():
    call = listening()
    call.new()
    call.speak(600)
    call.pause(500)
    call.transcribe("Hello there.")
    assert call.order() == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
    ]


def test_what_was_said_may_be_known_in_another_order_than_it_was_said():
    call = listening(input={**WRITES["input"], "turn_detection": None})
    for _ in range(2):
        call.pass_frames(10)
        call.send("input_audio_buffer.commit")
    first, second = [job for job in call.jobs if isinstance(job, Transcribe)]
    call.server.transcribed(second.job, "Two.")
    call.server.transcribed(first.job, "One.")
    call.drain()
    told = call.all("conversation.item.input_audio_transcription.completed")
    assert [event["transcript"] for event in told] == ["Two.", "One."]
    assert [event["item_id"] for event in told] == [second.item, first.item]


def test_responses_are_refused():
    call = listening()
    event_id = call.send("response.create")
    assert call.fault()["event_id"] == event_id
    assert call.fault()["message"] == "Responses are not available in this session."
    assert not call.all("response.created")


@pytest.mark.parametrize(
    ("begun", "then"), [("realtime", "transcription"), ("transcription", "realtime")]
)
def test_what_kind_of_session_it_is_cannot_change(begun, then):
    call = DummyCall({"type": begun})
    call.send("session.update", session={"type": then})
    assert call.fault()["code"] == "invalid_parameter"
    assert call.fault()["message"] == (
        f"Passing a {then} session update event to a {begun} session is not allowed."
    )


def test_fields_of_an_assistant_are_unknown():
    for field in ("voice", "model", "tools", "instructions"):
        with pytest.raises(ClientFault, match=f"Unknown parameter: 'session.{field}'"):
            DummyCall({"type": "transcription", field: []})


@pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-live-transcribe"])
def test_a_model_that_finds_turns_itself_is_given_none(model):
    call = listening()
    audio = {"input": {"transcription": {"model": model}}}
    call.send("session.update", session={"type": "transcription", "audio": audio})
    assert call.fault()["param"] == "session.audio.input.turn_detection"
    audio["input"]["turn_detection"] = None
    call.send("session.update", session={"type": "transcription", "audio": audio})
    assert call.last("session.updated")["session"]["audio"]["input"]["turn_detection"] is None


def test_times_are_told_without_the_lag_of_the_ear():
    times = []
    for lag in (0, samples_of_ms(40)):
        call = listening()
        call.pass_frames(50)
        for probability in [0.9] * 20 + [0.0] * 20:
            call.server.hear(bytes(FRAME_BYTES), probability, call.now, lag)
            call.now += FRAME_SAMPLES
            call.drain()
        started = call.last("input_audio_buffer.speech_started")["audio_start_ms"]
        times.append((started, call.last("input_audio_buffer.speech_stopped")["audio_end_ms"]))
    assert times == [(700, 1600), (660, 1560)]


def test_a_client_that_sends_more_than_can_be_written_down_loses_the_oldest():
    call = listening(input={**WRITES["input"], "turn_detection": None})
    minute = base64.b64encode(bytes(FRAME_BYTES * 50 * 60)).decode()
    for _ in range(14):
        call.send("input_audio_buffer.append", audio=minute)
        call.send("input_audio_buffer.commit")
    failed = call.all("conversation.item.input_audio_transcription.failed")
    added = call.all("conversation.item.added")
    assert [event["item_id"] for event in failed] == [e["item"]["id"] for e in added[:3]]
    assert [job for job in call.jobs if isinstance(job, Abandon)]


@pytest.mark.parametrize(
    ("model", "deltas", "usage", "languages"),
    [
        ("whisper-1", 1, {"type": "duration", "seconds": 2}, None),
        ("gpt-realtime-whisper", 2, {"type": "duration", "seconds": 2}, None),
        ("gpt-transcribe", 2, {"type": "tokens"}, [{"code": "en"}]),
        ("gpt-4o-transcribe", 2, {"type": "tokens"}, None),
    ],
)
def test_each_model_tells_what_it_heard_in_its_own_way(model, deltas, usage, languages):
    call = listening(input={"transcription": {"model": model}, "turn_detection": None})
    call.send("input_audio_buffer.append", audio=base64.b64encode(bytes(FRAME_BYTES * 60)).decode())
    call.send("input_audio_buffer.commit")
    call.transcribe("Fine, thanks.")
    kind = "conversation.item.input_audio_transcription"
    assert len(call.all(f"{kind}.delta")) == deltas
    told = call.last(f"{kind}.completed")
    assert usage.items() <= told["usage"].items()
    assert told.get("languages") == languages


def test_no_language_is_told_where_no_word_was_heard_and_the_clients_own_otherwise():
    transcription = {"model": "gpt-transcribe", "language": "de"}
    call = listening(input={"transcription": transcription})
    for text, languages in (("Guten Tag.", [{"code": "de"}]), ("", [])):
        call.speak(600)
        call.pause(500)
        call.transcribe(text)
        told = call.last("conversation.item.input_audio_transcription.completed")
        assert told["languages"] == languages


def test_a_transcription_is_reported_with_the_language_and_prompt_that_it_lacks():
    call = listening()
    told = call.events[0]["session"]["audio"]["input"]["transcription"]
    assert told == {"model": "gpt-4o-transcribe", "language": None, "prompt": None}
