"""The event orders of a whole session, flow by flow."""

from __future__ import annotations

import json

import pytest
from dummy_call import DummyCall

from soundstage.errors import ClientFault
from soundstage.realtime import Abandon, Compose, FunctionCall, Speak, Transcribe
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_ms, samples_of_seconds

TURN_500 = {
    "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}
}
MANUAL = {"audio": {"input": {"turn_detection": None}}}
MESSAGE_BEGINS = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
MESSAGE_ENDS = [
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
]
RESPONSE_ENDS = ["response.done", "rate_limits.updated"]
TURN_ENDS = [
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def vad(**settings):
    return {"audio": {"input": {"turn_detection": {"type": "server_vad", **settings}}}}


def answered(**session) -> DummyCall:
    """A call in which a turn was heard and its answer is about to be composed."""
    call = DummyCall()
    call.update(**(session or TURN_500))
    call.speak(600)
    call.pause(500)
    call.transcribe()
    call.new()
    return call


def test_a_session_begins_with_the_defaults_of_the_wire():
    call = DummyCall(unix_time=1_700_000_000)
    assert call.order() == ["session.created"]
    session = call.events[0]["session"]
    assert session.pop("id").startswith("sess_")
    assert session.pop("instructions")
    assert session == {
        "type": "realtime",
        "object": "realtime.session",
        "model": "gpt-realtime",
        "output_modalities": ["audio"],
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": 1_700_003_600,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 200,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": "alloy",
                "speed": 1.0,
            },
        },
        "include": None,
    }


def test_an_update_is_confirmed_with_the_whole_session_and_without_the_clients_event_id():
    call = DummyCall()
    call.new()
    event_id = call.send(
        "session.update", session={"type": "realtime", "instructions": "Be brief."}
    )
    (updated,) = call.new()
    assert updated["type"] == "session.updated"
    assert updated["event_id"] != event_id
    assert updated["session"]["instructions"] == "Be brief."
    assert updated["session"]["audio"]["output"]["voice"] == "alloy"


def test_configuration_that_came_with_the_call_is_there_from_the_first_event():
    call = DummyCall(session={"type": "realtime", "audio": {"output": {"voice": "ash"}}})
    assert call.events[0]["session"]["audio"]["output"]["voice"] == "ash"


def test_configuration_that_came_with_the_call_and_is_wrong_is_refused_at_once():
    with pytest.raises(ClientFault, match=r"session\.voice"):
        DummyCall(session={"type": "realtime", "voice": "ash"})


def test_a_text_turn_has_the_documented_order():
    call = DummyCall()
    call.update(output_modalities=["text"])
    call.new()
    call.say("What is the capital of France?")
    call.send("response.create")
    call.compose("The capital is Paris.")
    assert call.order() == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        *MESSAGE_BEGINS,
        "response.output_text.delta",
        "response.output_text.done",
        *MESSAGE_ENDS,
        *RESPONSE_ENDS,
    ]


def test_a_text_turn_streams_one_word_a_delta_and_gives_it_whole_in_every_done_event():
    call = DummyCall()
    call.send("response.create", response={"output_modalities": ["text"]})
    call.compose(" The  capital\nis Paris. ")
    deltas = call.all("response.output_text.delta")
    assert [delta["delta"] for delta in deltas] == ["The", "  capital", "\nis", " Paris."]
    assert all(delta["obfuscation"] for delta in deltas)
    text = "The  capital\nis Paris."
    assert call.last("response.output_text.done")["text"] == text
    assert call.last("response.content_part.done")["part"] == {"type": "text", "text": text}
    (item,) = call.last("response.done")["response"]["output"]
    assert item["content"] == [{"type": "output_text", "text": text}]
    assert item["status"] == "completed"


def test_a_voice_turn_has_the_documented_order():
    call = DummyCall()
    call.update(**TURN_500)
    call.new()
    call.speak(600)
    call.pause(500)
    call.transcribe()
    call.reply("Good morning, how may I help you?")
    call.pause(2000)
    assert call.order() == [
        "input_audio_buffer.speech_started",
        *TURN_ENDS,
        *MESSAGE_BEGINS,
        "response.output_audio_transcript.delta",
        "output_audio_buffer.started",
        "response.output_audio_transcript.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        *MESSAGE_ENDS,
        *RESPONSE_ENDS,
        "output_audio_buffer.stopped",
    ]


def test_an_audio_answer_never_puts_its_audio_into_events_over_webrtc():
    call = answered()
    call.reply("Hello.")
    assert not call.all("response.output_audio.delta")
    assert call.last("response.content_part.added")["part"] == {"type": "audio", "transcript": ""}
    assert call.last("response.content_part.done")["part"]["transcript"] == "Hello."


def test_the_items_of_a_turn_are_chained_by_their_previous_item_ids():
    call = answered()
    call.reply("Hello.")
    (user, assistant) = call.all("conversation.item.added")
    assert user["previous_item_id"] is None
    assert call.last("input_audio_buffer.committed")["previous_item_id"] is None
    assert call.last("input_audio_buffer.speech_started")["item_id"] == user["item"]["id"]
    assert assistant["previous_item_id"] == user["item"]["id"]
    assert assistant["item"]["content"] == []
    assert assistant["item"]["status"] == "in_progress"
    assert call.last("conversation.item.done")["previous_item_id"] == user["item"]["id"]


def test_the_bounds_of_speech_count_from_the_session_and_include_prefix_and_silence():
    call = DummyCall()
    call.update(**TURN_500)
    call.pause(1000)
    call.speak(600)
    call.pause(500)
    assert call.last("input_audio_buffer.speech_started")["audio_start_ms"] == 700
    assert call.last("input_audio_buffer.speech_stopped")["audio_end_ms"] == 2100


def test_a_turn_does_not_reach_back_into_the_one_before_it():
    call = DummyCall()
    call.update(**TURN_500)
    call.speak(600)
    call.pause(600)
    call.speak(100)
    assert call.last("input_audio_buffer.speech_started")["audio_start_ms"] == 1100


def test_the_answer_is_composed_after_its_turn_was_written_down():
    call = DummyCall()
    call.update(**TURN_500)
    call.speak(600)
    call.pause(500)
    assert call.last("response.created")
    assert not [job for job in call.jobs if isinstance(job, Compose)]
    call.transcribe("How are you?")
    assert call.job(Compose).heard == "How are you?"


def test_the_transcription_is_told_only_where_the_session_asks_for_it():
    call = answered()
    assert not call.all("conversation.item.input_audio_transcription.completed")
    call.update(audio={"input": {"transcription": {"model": "whisper-1"}}})
    call.speak(600)
    call.pause(500)
    call.transcribe("Fine, thanks.")
    told = call.last("conversation.item.input_audio_transcription.completed")
    assert told["transcript"] == "Fine, thanks."
    assert told["item_id"] == call.last("input_audio_buffer.committed")["item_id"]
    assert told["usage"] == {"type": "duration", "seconds": 2}
    delta = call.last("conversation.item.input_audio_transcription.delta")
    assert delta["delta"] == "Fine, thanks."
    assert call.item(told["item_id"])["content"][0]["transcript"] == "Fine, thanks."


def test_a_transcription_that_failed_is_told_and_the_turn_is_answered_without_words():
    call = DummyCall()
    call.update(audio={"input": {"transcription": {"model": "gpt-transcribe"}}})
    call.speak(600)
    call.pause(200)
    call.server.transcription_failed(call.job(Transcribe).job, "too noisy")
    call.drain()
    error = call.last("conversation.item.input_audio_transcription.failed")["error"]
    assert error["code"] == "audio_unintelligible"
    assert call.job(Compose).heard == ""


def test_recognition_begins_in_a_pause_and_its_result_serves_the_turn():
    call = DummyCall()
    call.update(**TURN_500)
    call.speak(600)
    call.pause(200)
    early = call.job(Transcribe)
    call.transcribe("Hello there.")
    call.pause(300)
    assert call.order()[-1] == "response.created"
    assert [job for job in call.jobs if isinstance(job, Transcribe)] == [early]
    assert call.job(Compose).heard == "Hello there."
    assert early.item == call.last("input_audio_buffer.committed")["item_id"]


def test_recognition_is_abandoned_when_the_caller_goes_on():
    call = DummyCall()
    call.update(**TURN_500)
    call.speak(600)
    call.pause(200)
    early = call.job(Transcribe)
    call.speak(100)
    assert call.jobs[-1] == Abandon(early.job)
    call.server.transcribed(early.job, "Hel")
    call.pause(500)
    assert call.job(Transcribe).job != early.job
    call.transcribe("Hello there.")
    assert call.job(Compose).heard == "Hello there."


def test_a_turn_that_follows_at_once_is_recognised_with_a_whole_prefix():
    call = DummyCall()
    call.update(**vad(silence_duration_ms=300))
    call.pause(1000)
    for _ in range(2):
        call.speak(600)
        call.pause(300)
    first, second = [job.pcm for job in call.jobs if isinstance(job, Transcribe)]
    assert first == second
    assert first[: samples_of_ms(300) * 2] == bytes(samples_of_ms(300) * 2)


@pytest.mark.parametrize("silence", [200, 300, 500, 1000])
def test_the_length_of_the_closing_silence_does_not_change_what_is_recognised(silence):
    call = DummyCall()
    call.update(**vad(silence_duration_ms=silence))
    call.speak(600)
    call.pause(silence)
    assert call.last("input_audio_buffer.committed")
    (job,) = (job for job in call.jobs if isinstance(job, Transcribe))
    assert len(job.pcm) == 2 * samples_of_ms(600 + 200)


def test_semantic_detection_ends_a_turn_with_its_sentence():
    call = DummyCall()
    call.update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}})
    call.speak(600)
    call.pause(200)
    call.new()
    call.transcribe("What time is it?")
    assert call.order() == TURN_ENDS
    assert call.job(Compose).heard == "What time is it?"


def test_semantic_detection_waits_while_the_sentence_is_not_whole():
    call = DummyCall()
    call.update(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}})
    call.speak(600)
    call.pause(200)
    call.transcribe("I would like to")
    call.pause(1780)
    assert not call.all("input_audio_buffer.committed")
    call.pass_frames(1)
    assert call.all("input_audio_buffer.committed")


def test_a_caller_who_breaks_in_while_the_answer_plays_cuts_it():
    call = answered()
    call.reply("One two three four five six.")
    call.pause(400)
    call.new()
    call.speak(20)
    assert call.order() == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    truncated = call.last("conversation.item.truncated")
    assert truncated["audio_end_ms"] == 420
    assert call.item(truncated["item_id"])["content"][0]["transcript"] == "One two"
    assert call.played[-1] is SILENCE


def test_a_caller_who_breaks_in_while_the_answer_is_made_cancels_it_as_well():
    call = answered()
    call.compose("One two three four five six.")
    call.voice("One two three", all_of_it=False)
    call.pause(200)
    call.new()
    call.speak(20)
    assert call.order() == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        *MESSAGE_ENDS,
        *RESPONSE_ENDS,
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    done = call.last("response.done")["response"]
    assert done["status"] == "cancelled"
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert done["output"][0]["status"] == "incomplete"
    assert call.jobs[-1] == Abandon(call.job(Speak).job)


def test_a_caller_who_goes_on_before_the_answer_is_composed_is_answered_as_a_whole():
    call = answered()
    call.speak(400)
    assert call.jobs[-1] == Abandon(call.job(Compose).job)
    assert call.last("response.done")["response"]["output"] == []
    call.pause(500)
    call.transcribe("How are you?")
    assert call.job(Compose).heard == "Hello there. How are you?"


def test_speech_does_not_cut_an_answer_where_interruption_is_off():
    call = answered(**vad(silence_duration_ms=500, interrupt_response=False))
    call.reply("One two three four five six seven eight nine ten eleven twelve.")
    call.speak(400)
    assert not call.all("output_audio_buffer.cleared")


def test_a_turn_that_ends_while_an_answer_is_made_is_not_answered_where_interruption_is_off():
    call = answered(**vad(silence_duration_ms=500, interrupt_response=False))
    call.speak(400)
    call.pause(500)
    assert call.fault()["code"] == "conversation_already_has_active_response"
    assert call.fault()["event_id"] is None
    assert len(call.all("response.created")) == 1


def test_a_turn_is_not_answered_unasked_where_responses_are_off():
    call = answered(**vad(silence_duration_ms=500, create_response=False))
    assert not call.all("response.created")
    call.send("response.create")
    assert call.job(Compose).heard == "Hello there."


def test_cancelling_stops_the_making_and_clearing_stops_the_playing():
    call = answered()
    call.compose("One two three four five six.")
    call.voice("One two three", all_of_it=False)
    call.pause(220)
    call.new()
    call.send("response.cancel")
    call.pause(40)
    assert call.played[-1] is not SILENCE
    call.send("output_audio_buffer.clear")
    assert call.order() == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        *MESSAGE_ENDS,
        *RESPONSE_ENDS,
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    reason = call.last("response.done")["response"]["status_details"]["reason"]
    assert reason == "client_cancelled"
    assert call.last("conversation.item.truncated")["audio_end_ms"] == 260


def test_what_is_buffered_of_a_cancelled_answer_plays_to_its_end():
    call = answered()
    call.compose("One two three four five six.")
    call.voice("One two three", all_of_it=False)
    call.pause(100)
    call.send("response.cancel")
    call.pause(1000)
    assert sum(frame is not SILENCE for frame in call.played) == 30
    assert call.order()[-1] == "output_audio_buffer.stopped"


def test_clearing_while_an_answer_is_made_silences_what_still_comes_of_it():
    call = answered()
    call.compose("One two three four")
    call.voice("One two", all_of_it=False)
    call.pause(220)
    call.send("output_audio_buffer.clear")
    call.voice("three four")
    call.pause(200)
    assert call.played[-10:] == [SILENCE] * 10
    assert call.last("response.done")["response"]["status"] == "completed"
    item = call.item(call.last("conversation.item.truncated")["item_id"])
    assert item["content"][0]["transcript"] == "One"


def test_clearing_an_empty_buffer_does_nothing():
    call = DummyCall()
    call.new()
    call.send("output_audio_buffer.clear")
    assert call.order() == []


def test_a_function_call_has_the_documented_order():
    call = answered()
    call.compose(None, FunctionCall("get_weather", '{\n "city": "Dublin"}'))
    assert call.order() == [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        *RESPONSE_ENDS,
    ]
    done = call.last("response.function_call_arguments.done")
    assert done["arguments"] == '{\n "city": "Dublin"}'
    deltas = call.all("response.function_call_arguments.delta")
    assert "".join(delta["delta"] for delta in deltas) == done["arguments"]
    assert all(delta["obfuscation"] for delta in deltas)
    (item,) = call.last("response.done")["response"]["output"]
    assert (item["name"], item["call_id"]) == ("get_weather", done["call_id"])


def test_the_result_of_a_function_is_given_to_the_next_answer():
    call = answered()
    call.compose(None, FunctionCall("get_weather", "{}"))
    call_id = call.last("response.function_call_arguments.done")["call_id"]
    item = {"type": "function_call_output", "call_id": call_id, "output": '{"rain": true}'}
    call.send("conversation.item.create", item=item)
    call.send("response.create")
    job = call.job(Compose)
    assert [output.output for output in job.outputs] == ['{"rain": true}']
    assert job.heard is None


def test_several_calls_are_one_item_each_after_what_is_said():
    call = answered()
    call.compose("Let me see.", FunctionCall("one", "{}"), FunctionCall("two", "{}"))
    call.voice()
    call.pause(200)
    added = call.all("response.output_item.added")
    assert [event["item"]["type"] for event in added] == [
        "message",
        "function_call",
        "function_call",
    ]
    assert [event["output_index"] for event in added] == [0, 1, 2]
    assert len(call.last("response.done")["response"]["output"]) == 3


def test_only_one_function_is_called_where_parallel_calls_are_off():
    call = answered(parallel_tool_calls=False, **TURN_500)
    call.compose(None, FunctionCall("one", "{}"), FunctionCall("two", "{}"))
    assert [item["name"] for item in call.last("response.done")["response"]["output"]] == ["one"]


def test_an_output_for_a_call_that_nobody_made_is_refused():
    call = DummyCall()
    item = {"type": "function_call_output", "call_id": "call_x", "output": "{}"}
    call.send("conversation.item.create", item=item)
    assert call.fault()["code"] == "invalid_tool_call_id"


def test_a_response_out_of_band_leaves_the_conversation_alone_and_runs_beside_the_other():
    call = answered()
    call.send(
        "response.create",
        response={
            "conversation": "none",
            "metadata": {"topic": "mood"},
            "output_modalities": ["text"],
            "instructions": "Name the mood.",
            "input": [],
        },
    )
    alone = call.job(Compose)
    assert (alone.conversation, alone.heard, alone.instructions) == ((), None, "Name the mood.")
    call.compose("Cheerful.")
    assert call.order() == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        *RESPONSE_ENDS,
    ]
    done = call.last("response.done")["response"]
    assert done["conversation_id"] is None
    assert done["metadata"] == {"topic": "mood"}
    assert [
        event["response"]["conversation_id"] is None for event in call.all("response.created")
    ] == [
        False,
        True,
    ]


def test_a_caller_who_breaks_in_leaves_responses_out_of_band_alone():
    call = DummyCall()
    call.send("response.create", response={"conversation": "none"})
    call.reply("One two three four five six.")
    call.speak(100)
    assert not call.all("output_audio_buffer.cleared")
    call.send("output_audio_buffer.clear")
    assert call.all("output_audio_buffer.cleared")
    assert not call.all("conversation.item.truncated")


def test_a_response_may_be_given_its_own_context_with_references():
    call = DummyCall()
    call.say("Remember the milk.")
    ident = call.last("conversation.item.added")["item"]["id"]
    call.say("And the bread.")
    told = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What?"}]}
    call.send(
        "response.create",
        response={"input": [{"type": "item_reference", "id": ident}, told], "conversation": "none"},
    )
    assert [item.said for item in call.job(Compose).conversation] == ["Remember the milk.", "What?"]


def test_a_response_may_override_the_session():
    call = DummyCall()
    tool = {"type": "function", "name": "wave", "parameters": {"type": "object"}}
    call.send(
        "response.create",
        response={
            "instructions": "Shout.",
            "tools": [tool],
            "tool_choice": "required",
            "max_output_tokens": 100,
            "audio": {"output": {"voice": "ash"}},
        },
    )
    job = call.job(Compose)
    assert (job.instructions, job.tools, job.tool_choice) == ("Shout.", (tool,), "required")
    response = call.last("response.created")["response"]
    assert response["max_output_tokens"] == 100
    assert response["audio"]["output"]["voice"] == "ash"
    call.compose("Hello.")
    assert call.job(Speak).voice == "ash"


def test_a_second_response_in_the_conversation_is_refused_while_one_is_made():
    call = DummyCall()
    call.send("response.create")
    event_id = call.send("response.create")
    assert call.fault()["code"] == "conversation_already_has_active_response"
    assert call.fault()["event_id"] == event_id
    assert call.last("response.created")["response"]["id"] in call.fault()["message"]


def test_silence_after_an_answer_makes_another_one_where_a_time_is_set():
    call = answered(**vad(silence_duration_ms=500, idle_timeout_ms=5000))
    call.reply("Hello.")
    call.pause(1000)
    call.new()
    call.pause(4160)
    assert call.order() == []
    call.pause(40)
    assert call.order() == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    timeout = call.last("input_audio_buffer.timeout_triggered")
    assert timeout["audio_end_ms"] - timeout["audio_start_ms"] == 5000
    assert call.job(Compose).heard is None


def test_speech_resets_the_idle_time():
    call = answered(**vad(silence_duration_ms=500, idle_timeout_ms=5000, create_response=False))
    call.send("response.create")
    call.reply("Hello.")
    call.pause(4000)
    call.speak(100)
    call.pause(5000)
    assert not call.all("input_audio_buffer.timeout_triggered")
    call.pause(600)
    assert len(call.all("input_audio_buffer.timeout_triggered")) == 1


def test_nobody_is_prompted_before_the_assistant_has_spoken():
    call = DummyCall()
    call.update(**vad(idle_timeout_ms=5000))
    call.pause(6000)
    assert not call.all("input_audio_buffer.timeout_triggered")


def test_pushing_to_talk_has_the_documented_order():
    call = DummyCall()
    call.update(**MANUAL)
    call.new()
    call.send("input_audio_buffer.clear")
    call.speak(600)
    call.send("input_audio_buffer.commit")
    call.send("response.create")
    assert call.order() == [
        "input_audio_buffer.cleared",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    assert len(call.job(Transcribe).pcm) == 2 * samples_of_ms(600)
    call.transcribe("Over.")
    assert call.job(Compose).heard == "Over."


def test_committing_less_than_100_ms_is_refused():
    call = DummyCall()
    call.update(**MANUAL)
    call.speak(80)
    call.send("input_audio_buffer.commit")
    assert call.fault()["code"] == "input_audio_buffer_commit_empty"
    assert "80.00ms" in call.fault()["message"]


@pytest.mark.parametrize(
    ("lasts", "ends", "said"), [(1.0, 1, "1 second"), (1.5, 2, "1.5 seconds"), (90, 90, "1.5 min")]
)
def test_a_session_that_lives_for_less_says_so(lasts, ends, said):
    call = DummyCall(unix_time=1_700_000_000, lasts=samples_of_seconds(lasts))
    assert call.events[0]["session"]["expires_at"] == 1_700_000_000 + ends
    call.now = samples_of_seconds(lasts)
    call.pass_frames(1)
    assert said in call.fault()["message"]


def test_a_session_expires_after_an_hour_and_is_silent_then():
    call = DummyCall()
    call.now = samples_of_seconds(3600) - FRAME_SAMPLES
    call.pass_frames(1)
    assert not call.server.closed
    call.pass_frames(1)
    assert call.fault()["code"] == "session_expired"
    assert call.server.closed
    call.new()
    call.say("Hello?")
    call.speak(1000)
    assert call.new() == []


def test_a_response_that_cannot_be_composed_fails():
    call = answered()
    call.server.failed(call.job(Compose).job, "no such model", call.now)
    call.drain()
    done = call.last("response.done")["response"]
    assert done["status"] == "failed"
    assert done["status_details"]["error"]["message"] == "no such model"
    assert call.order() == RESPONSE_ENDS


def test_a_response_that_cannot_be_spoken_to_its_end_fails_and_plays_what_there_is():
    call = answered()
    call.compose("One two three four")
    call.voice("One two", all_of_it=False)
    call.server.failed(call.job(Speak).job, "voice lost", call.now)
    call.pause(600)
    assert call.last("response.done")["response"]["status"] == "failed"
    assert call.order()[-1] == "output_audio_buffer.stopped"


def test_a_response_that_is_too_long_is_incomplete():
    call = DummyCall()
    call.send("response.create", response={"max_output_tokens": 3, "output_modalities": ["text"]})
    call.compose("Four letters make one token.")
    done = call.last("response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert done["usage"]["output_tokens"] <= 3
    assert done["output"][0]["status"] == "incomplete"


def test_audio_counts_against_the_token_limit_and_is_cut_there():
    call = DummyCall()
    call.send("response.create", response={"max_output_tokens": 10})
    call.compose("One two three four")
    call.voice()
    call.pause(1000)
    done = call.last("response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["usage"]["output_tokens"] == 10
    played = sum(frame is not SILENCE for frame in call.played)
    assert played * FRAME_SAMPLES <= 10 * samples_of_ms(50)


def test_an_answer_without_words_is_a_response_without_items():
    call = answered()
    call.compose(None)
    assert call.order() == RESPONSE_ENDS
    assert call.last("response.done")["response"]["output"] == []


def test_usage_counts_audio_by_the_services_rules():
    call = answered()
    call.reply("One two three four five")
    call.pause(1200)
    usage = call.last("response.done")["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 11
    assert usage["output_token_details"]["audio_tokens"] == 20
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_the_voice_cannot_change_once_the_assistant_was_heard():
    call = answered()
    call.update(audio={"output": {"voice": "ash"}})
    call.compose("Hello.")
    call.voice()
    session = {"instructions": "Hi.", "audio": {"output": {"voice": "verse"}}}
    call.update(**session)
    assert call.fault()["code"] == "cannot_update_voice"
    assert call.last("session.updated")["session"]["instructions"] != "Hi."
    call.update(instructions="Hi.", audio={"output": {"voice": "ash"}})
    assert call.last("session.updated")["session"]["instructions"] == "Hi."
    call.pause(400)
    call.send("response.create", response={"audio": {"output": {"voice": "verse"}}})
    assert call.fault()["code"] == "cannot_update_voice"


def test_results_that_nobody_waits_for_are_ignored():
    call = answered()
    compose, heard = call.job(Compose), call.job(Transcribe)
    call.send("response.cancel")
    call.new()
    call.server.composed(compose.job, None, call.now)
    call.server.transcribed(heard.job, "again")
    call.server.transcription_failed(heard.job, "again")
    call.server.spoken("job_99", b"\0\0", [], "", call.now)
    call.server.spoken_all("job_99", call.now)
    call.server.failed("job_99", "late", call.now)
    call.drain()
    assert call.new() == []


def test_items_can_be_put_anywhere_and_removed():
    call = DummyCall()

    def create(ident: str, **place: str) -> None:
        item = {"id": ident, "type": "message", "role": "system", "content": []}
        call.send("conversation.item.create", item=item, **place)

    create("b")
    create("a", previous_item_id="root")
    create("c", previous_item_id="b")
    create("d", previous_item_id="a")
    added = [(e["item"]["id"], e["previous_item_id"]) for e in call.all("conversation.item.added")]
    assert added == [("b", None), ("a", None), ("c", "b"), ("d", "a")]
    call.send("conversation.item.delete", item_id="d")
    assert call.last("conversation.item.deleted")["item_id"] == "d"
    call.send("response.create")
    assert [item.id for item in call.job(Compose).conversation] == ["a", "b", "c"]


def test_a_clients_own_audio_item_is_written_down_for_the_assistant():
    call = DummyCall()
    part = {"type": "input_audio", "audio": "AAAA" * 1000}
    item = {"type": "message", "role": "user", "content": [part]}
    call.send("conversation.item.create", item=item)
    call.send("response.create")
    assert "audio" not in call.last("conversation.item.done")["item"]["content"][0]
    call.transcribe("From a file.")
    assert call.job(Compose).heard == "From a file."
    assert not call.all("conversation.item.input_audio_transcription.completed")


def test_a_users_audio_comes_back_with_the_item():
    call = DummyCall()
    call.update(**MANUAL)
    call.speak(100)
    call.send("input_audio_buffer.commit")
    item = call.item(call.last("input_audio_buffer.committed")["item_id"])
    assert len(item["content"][0]["audio"]) == 4 * 4800 / 3


def test_audio_that_would_not_fit_a_message_of_the_channel_is_left_out():
    call = DummyCall()
    call.update(**MANUAL)
    call.speak(4000)
    call.send("input_audio_buffer.commit")
    item = call.item(call.last("input_audio_buffer.committed")["item_id"])
    assert "audio" not in item["content"][0]


def test_turn_detection_that_is_switched_off_in_a_turn_forgets_the_turn():
    call = DummyCall()
    call.speak(400)
    call.update(**MANUAL)
    call.pause(1000)
    assert not call.all("input_audio_buffer.speech_stopped")
    call.send("input_audio_buffer.commit")
    assert call.last("input_audio_buffer.committed")


def test_clearing_the_input_in_a_turn_forgets_the_turn():
    call = DummyCall()
    call.update(**TURN_500)
    call.speak(400)
    call.pause(240)
    call.send("input_audio_buffer.clear")
    assert call.jobs[-1] == Abandon(call.job(Transcribe).job)
    call.pause(1000)
    assert not call.all("input_audio_buffer.committed")


def test_over_a_websocket_there_is_no_buffer_to_clear():
    call = DummyCall(transport="websocket")
    call.send("output_audio_buffer.clear")
    assert call.fault()["code"] == "invalid_value"


def test_over_a_websocket_the_client_says_what_was_heard():
    call = DummyCall(transport="websocket")
    call.send("response.create")
    call.compose("One two three four")
    call.voice()
    call.pause(100)
    ident = call.last("response.output_item.done")["item"]["id"]
    call.send("conversation.item.truncate", item_id=ident, content_index=0, audio_end_ms=801)
    assert call.fault()["message"] == "Audio content of 800ms is already shorter than 801ms"
    call.send("conversation.item.truncate", item_id=ident, content_index=0, audio_end_ms=400)
    assert call.last("conversation.item.truncated")["audio_end_ms"] == 400
    assert call.item(ident)["content"][0]["transcript"] == "One two"
    call.send("conversation.item.truncate", item_id=ident, content_index=0, audio_end_ms=500)
    assert call.fault()["code"] == "invalid_value"


def test_audio_that_is_appended_is_heard_by_turn_detection_through_the_owner():
    call = DummyCall(transport="websocket")
    call.server.receive(json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA" * 400}), 0)
    frames = call.server.appended()
    assert [len(frame) for frame in frames] == [960]
    call.server.hear(frames[0], 0.9, 0)
    call.drain()
    assert call.last("input_audio_buffer.speech_started")


def test_the_ids_have_the_shapes_of_the_service():
    call = answered()
    call.reply("Hello.")
    started = call.last("output_audio_buffer.started")["event_id"].removeprefix("event_")
    assert len(started) == 16
    assert int(started, 16) >= 0
    for event in call.events:
        if not event["type"].startswith("output_audio_buffer"):
            assert len(event["event_id"]) == len("event_") + 21
