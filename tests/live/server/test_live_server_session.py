"""A Live session from its first event to its last, without sound or time of its own."""

from __future__ import annotations

import base64

import pytest
from dummy_live_call import DummyLiveCall

from soundstage.live import Duplex
from soundstage.realtime import Compose, FunctionCall, Speak, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, samples_of_seconds

WEATHER = {"type": "function", "name": "weather"}
BACKEND = {"type": "responses", "responses": {"model": "gpt-5.6", "tools": [WEATHER]}}
CALL = FunctionCall("weather", '{"city": "Paris"}')
QUIET = Duplex(backchannel=None)


def test_a_session_says_that_it_has_started_and_whose_event_that_answers() -> None:
    call = DummyLiveCall(started_by="mine", unix_time=100)
    (started,) = call.events
    assert started["type"] == "session.started"
    assert started["client_event_id"] == "mine"
    assert started["session"]["expires_at"] == 7300


def test_its_track_never_stops_and_is_cut_into_tenths_of_a_second() -> None:
    call = DummyLiveCall()
    call.pass_frames(50)
    deltas = call.of("session.output_audio.delta")
    assert [len(base64.b64decode(each["delta"])) for each in deltas] == [4800] * 10
    assert all("event_id" not in each for each in deltas)


@pytest.mark.parametrize(
    ("audio_format", "size"),
    [
        ({"type": "audio/pcmu", "rate": 8000}, 8000),
        ({"type": "audio/pcma", "rate": 8000}, 8000),
        ({"type": "audio/pcm", "rate": 16000}, 32000),
    ],
)
def test_its_track_has_the_session_s_format(audio_format: dict, size: int) -> None:
    call = DummyLiveCall({"audio": {"format": audio_format}})
    call.pass_frames(100)
    audio = b"".join(base64.b64decode(e["delta"]) for e in call.of("session.output_audio.delta"))
    assert size * 1.9 <= len(audio) <= size * 2


def test_speech_is_answered_after_a_silence_and_both_are_written_down() -> None:
    call = DummyLiveCall(duplex=QUIET)
    asked = call.ask("How is the weather?")
    assert asked.heard == "How is the weather?"
    call.say("It is fine today.")
    call.pause(1500)
    assert call.heard() == "How is the weather?"
    assert call.said() == "It is fine today."
    for event in call.events:
        if "transcript" in event["type"]:
            assert event["start_ms"] % 200 == 0
            assert event["end_ms"] - event["start_ms"] == 200


def test_words_are_told_when_they_were_heard() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.ask("Hello.")
    call.say("one two three four five six seven eight nine ten")
    begun = call.now
    call.pause(1000)
    assert 0 < len(call.said().split()) < 10
    call.pause(1500)
    first, last = call.of("session.output_transcript.delta")[:: len(call.said().split()) - 1][:2]
    assert first["start_ms"] >= begun * 1000 // 24000 - 200
    assert call.said().endswith(" ten")
    assert last["start_ms"] > first["start_ms"]


def test_speech_that_lasts_cuts_the_assistant_and_the_rest_is_never_told() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.ask("Tell me a story.")
    call.say(" ".join(f"word{n}" for n in range(40)))
    call.pause(2000)
    call.speak(1500)
    told = call.said()
    call.pause(1000)
    call.transcribe("Stop it.")
    assert 0 < len(told.split()) < 40
    assert call.said() == told
    asked = call.last_job(Compose)
    assert asked.heard == "Stop it."
    assert [item.said for item in asked.conversation] == ["Tell me a story.", told, "Stop it."]


def test_a_short_sound_over_the_assistant_stops_no_one_and_is_not_answered() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.ask("Tell me a story.")
    call.say(" ".join(f"word{n}" for n in range(20)))
    call.pause(1000)
    call.speak(400)
    call.pause(1000)
    call.transcribe("Mm-hm.")
    call.pause(3000)
    assert len(call.said().split()) == 20
    assert call.heard().endswith("Mm-hm.")
    assert sum(isinstance(job, Compose) for job in call.jobs) == 1


def test_a_sentence_that_begins_under_the_assistant_s_last_word_is_answered() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.ask("Hello.")
    call.say("one two three four five")
    call.pause(900)
    call.speak(780)
    call.pause(1000)
    call.transcribe("And you?")
    assert call.said() == "one two three four five"
    assert call.last_job(Compose).heard == "And you?"


def test_a_long_speaker_hears_a_backchannel_that_no_mind_remembers() -> None:
    call = DummyLiveCall()
    call.speak(7200)
    spoken = [job for job in call.jobs if isinstance(job, Speak)]
    assert len(spoken) == 1
    call.synthesise()
    call.speak(600)
    call.pause(1000)
    call.transcribe("And so on.")
    assert call.said() == spoken[0].text
    assert [item.said for item in call.last_job(Compose).conversation] == ["And so on."]


def test_an_answer_that_is_being_thought_of_waits_for_what_else_is_said() -> None:
    call = DummyLiveCall(duplex=QUIET)
    first = call.ask("First.")
    call.speak(600)
    call.pause(1000)
    call.transcribe("Second.")
    second = call.last_job(Compose)
    assert second.job != first.job
    assert [item.said for item in second.conversation] == ["First.", "Second."]
    call.server.composed(first.job, None, call.now)  # type: ignore[arg-type]
    call.say("Both.")
    call.pause(600)
    assert call.said() == "Both."


def test_sound_without_words_is_not_answered() -> None:
    call = DummyLiveCall()
    call.speak(600)
    call.pause(1000)
    call.transcribe("")
    assert not [job for job in call.jobs if isinstance(job, Compose)]


def test_nothing_is_heard_of_a_user_who_is_muted() -> None:
    call = DummyLiveCall()
    asked = call.send("session.input_audio.mute")
    call.speak(2000)
    call.pause(1000)
    assert not [job for job in call.jobs if isinstance(job, Transcribe)]
    call.send("session.input_audio.unmute")
    assert call.of("session.input_audio.muted")[0]["client_event_id"] == asked
    assert call.of("session.input_audio.unmuted")


def test_the_timeline_stands_still_while_no_audio_comes() -> None:
    call = DummyLiveCall()
    call.send("session.commentary.append", content="Hello.", delegation_id=None)
    call.tick(5000)
    assert call.types() == ["session.started"]
    call.append(bytes(FRAME_BYTES * 15))
    call.tick(400)
    assert call.of("session.commentary.appended")[0]["end_ms"] == 200


def test_audio_that_comes_at_once_is_heard_at_twice_its_pace_at_most() -> None:
    call = DummyLiveCall()
    call.append(bytes(FRAME_BYTES * 500))
    call.tick(1000)
    heard = len(call.of("session.output_audio.delta")) * 5
    assert 50 < heard <= 50 * 2 + 20
    call.tick(5000)
    assert len(call.of("session.output_audio.delta")) == 100


def test_half_a_sample_is_no_audio() -> None:
    call = DummyLiveCall()
    call.append(b"\0\0\0")
    call.send("session.input_audio.append", audio="!")
    assert call.errors() == [("invalid_audio", "audio"), ("invalid_value", "audio")]


def test_commentary_is_said_and_thinking_is_only_known() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.send("session.thinking.append", content="She is a doctor.", delegation_id=None)
    call.send("session.commentary.append", content="Welcome back.", delegation_id=None)
    call.pause(600)
    call.synthesise()
    call.pause(800)
    assert call.said() == "Welcome back."
    thinking, commentary = (
        call.of("session.thinking.appended"),
        call.of("session.commentary.appended"),
    )
    assert (thinking[0]["start_ms"], thinking[0]["end_ms"]) == (0, 200)
    assert (commentary[0]["start_ms"], commentary[0]["end_ms"]) == (200, 400)
    known = [item.said for item in call.ask("Hi.").conversation]
    assert known == ["She is a doctor.", "Welcome back.", "Hi."]


def test_instructions_are_obeyed_and_open_a_silent_conversation() -> None:
    call = DummyLiveCall({"instructions": "Be kind."})
    call.send("session.instructions.append", content="Greet the caller.", delegation_id=None)
    call.pause(400)
    asked = call.last_job(Compose)
    assert asked.heard is None
    assert asked.instructions == "Be kind.\nGreet the caller."


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"content": "x" * 2001, "delegation_id": None}, "content"),
        ({"content": "x", "delegation_id": "item_unknown"}, "delegation_id"),
    ],
)
def test_what_cannot_be_appended_is_refused(fields: dict, param: str) -> None:
    call = DummyLiveCall()
    sent = call.send("session.commentary.append", **fields)
    assert call.errors() == [("invalid_value", param)]
    assert call.of("error")[0]["client_event_id"] == sent


def test_so_many_appends_wait_and_no_more() -> None:
    call = DummyLiveCall()
    for _ in range(1001):
        call.send("session.thinking.append", content="x", delegation_id=None)
    assert call.errors() == [("invalid_event", "type")]
    call.pause(1000)
    assert [each["end_ms"] for each in call.of("session.thinking.appended")] == [
        200,
        400,
        600,
        800,
        1000,
    ]


def test_work_is_handed_to_the_application_without_a_word_of_what_it_is() -> None:
    call = DummyLiveCall(delegates=(WEATHER,), duplex=QUIET)
    assert call.ask("How is the weather?").tools == (WEATHER,)
    call.compose("Let me see.", calls=[CALL])
    (created,) = call.of("session.delegation.created")
    assert created["delegation"].keys() == {"id", "type", "target"}
    assert created["delegation"]["target"] == "client"
    call.send(
        "session.commentary.append", content="It rains.", delegation_id=created["delegation"]["id"]
    )
    call.synthesise()
    call.pause(1000)
    call.synthesise()
    call.pause(1000)
    # The first words of a new segment have no space before them, as at the service.
    assert call.said() == "Let me see.It rains."


def test_work_that_the_application_never_answers_leaves_the_conversation_going() -> None:
    call = DummyLiveCall(delegates=(WEATHER,), duplex=QUIET)
    ids = []
    for question in ("How is the weather?", "And tomorrow?"):
        call.ask(question)
        call.compose(calls=[CALL])
        ids.append(call.of("session.delegation.created")[-1]["delegation"]["id"])
    call.pause(60_000)
    assert call.ask("Never mind.").heard == "Never mind."
    # Two are open at once, and each may be answered at any time, in any order, more than once.
    for number, ident in enumerate((*reversed(ids), ids[0])):
        call.send("session.commentary.append", content=f"Line {number}.", delegation_id=ident)
    call.pause(1000)
    assert [job.text for job in call.jobs if isinstance(job, Speak)][-3:] == [
        "Line 0.",
        "Line 1.",
        "Line 2.",
    ]
    assert len(call.of("session.commentary.appended")) == 3
    assert call.errors() == []


def test_two_delegations_to_a_backend_at_once_go_on_when_both_are_answered() -> None:
    call = DummyLiveCall({"delegation": BACKEND}, duplex=QUIET)
    for question in ("How is the weather?", "And in Rome?"):
        call.ask(question)
        call.compose(calls=[CALL])
    first, second = (each["delegation"]["id"] for each in call.of("session.delegation.created"))
    done = [e["item"] for e in call.nested() if e["type"] == "response.output_item.done"]
    for item, errors in zip(done, (1, 1), strict=True):
        output = {"type": "function_call_output", "call_id": item["call_id"], "output": "rain"}
        call.send("response.item.create", item=output)
        call.send("response.create")
        assert len(call.errors()) == errors
    assert [item.output for item in call.last_job(Compose).outputs] == ["rain", "rain"]
    call.say("It rains in both.")
    told = [event["delegation_id"] for event in call.of("response.event")]
    assert told[0] == first
    assert told[-1] == second


def test_a_backend_calls_functions_and_goes_on_with_what_they_answer() -> None:
    call = DummyLiveCall({"delegation": BACKEND}, duplex=QUIET)
    assert call.ask("How is the weather?").tools == (WEATHER,)
    call.compose(calls=[CALL, CALL])
    (created,) = call.of("session.delegation.created")
    assert call.nested()[0]["type"] == "response.created"
    assert call.nested()[-1]["type"] == "response.completed"
    assert call.nested()[-1]["response"]["output"] == []
    done = [e["item"] for e in call.nested() if e["type"] == "response.output_item.done"]
    assert [item["arguments"] for item in done] == [CALL.arguments] * 2

    call.send("response.create")
    assert call.errors() == [("invalid_value", None)]
    for item in done:
        output = {"type": "function_call_output", "call_id": item["call_id"], "output": "rain"}
        call.send("response.item.create", item=output)
        call.send("response.item.create", item=output)
    call.send("response.create")
    asked = call.last_job(Compose)
    assert [item.output for item in asked.outputs] == ["rain", "rain"]
    call.say("It rains.")
    call.pause(1000)
    assert call.said() == "It rains."
    assert len(call.errors()) == 1
    assert {event["delegation_id"] for event in call.of("response.event")} == {
        created["delegation"]["id"]
    }
    assert [e["text"] for e in call.nested() if e["type"] == "response.output_text.done"] == [
        "It rains."
    ]


def test_work_that_takes_long_is_acknowledged_and_quick_work_is_not() -> None:
    def said_after(ms: int) -> str:
        call = DummyLiveCall({"delegation": BACKEND}, duplex=QUIET)
        call.ask("How is the weather?")
        call.compose(calls=[CALL])
        call.pause(ms)
        call_id = next(e["item"]["call_id"] for e in call.nested() if "item" in e)
        output = {"type": "function_call_output", "call_id": call_id, "output": "rain"}
        call.send("response.item.create", item=output)
        call.send("response.create")
        call.pause(2000)
        return " ".join(job.text for job in call.jobs if isinstance(job, Speak))

    assert said_after(500) == ""
    assert said_after(1500) == "One moment, please."


def test_typed_words_go_to_the_backend_and_its_delegation_names_the_event() -> None:
    call = DummyLiveCall({"delegation": BACKEND})
    message = {"type": "message", "role": "user", "content": "What is two and two?"}
    call.send("response.item.create", item=message)
    sent = call.send("response.create")
    assert call.of("session.delegation.created")[0]["client_event_id"] == sent
    assert call.last_job(Compose).heard == "What is two and two?"
    call.send("response.create")
    assert call.errors() == [("invalid_event", "type")]
    call.compose("Four.")
    created = call.of("session.delegation.created")[0]["delegation"]
    assert call.nested()[0]["response"]["id"] == created["response_id"]


def test_a_backend_that_breaks_off_or_fails_says_so() -> None:
    call = DummyLiveCall({"delegation": BACKEND})
    call.ask("How is the weather?")
    call.compose(calls=[CALL], unfinished="max_output_tokens")
    assert call.nested()[-1]["type"] == "response.incomplete"
    assert call.of("error")[0]["error"]["message"] == "Responses handoff incomplete."
    call.send("response.create")
    call.server.failed(call.last_job(Compose).job, "It broke.", call.now)
    call.drain()
    assert call.nested()[-1]["type"] == "response.failed"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "session.start", "session": {}},
        {"type": "session.output_audio.fixture.play", "audio": ""},
        {"type": "decision.create"},
        {"type": "decision.item.create", "item": {}},
        {"type": "decision.item.delete", "item_id": "x"},
        {"type": "transport.dtmf.send", "event": "1"},
        {"type": "response.create"},
    ],
)
def test_what_is_not_offered_is_refused_and_the_session_lives(event: dict) -> None:
    call = DummyLiveCall()
    call.send(**event)
    assert len(call.errors()) == 1
    call.send("session.update", session={})
    assert call.types()[-1] == "session.updated"


def test_closing_answers_what_waits_and_tells_the_usage() -> None:
    call = DummyLiveCall()
    call.pause(2500)
    waiting = call.send("session.thinking.append", content="x", delegation_id=None)
    sent = call.send("session.close")
    error, closed = call.events[-2:]
    assert error["error"]["client_event_id"] == waiting
    assert (closed["type"], closed["reason"]) == ("session.closed", "close_requested")
    assert closed["client_event_id"] == sent
    assert closed["usage"]["seconds"] == 2.5
    assert call.server.closed
    call.send("session.update", session={})
    assert call.events[-1] == closed


def test_a_session_expires_and_says_so() -> None:
    call = DummyLiveCall(lasts=samples_of_seconds(3))
    call.pause(3100)
    assert call.events[-1]["reason"] == "expired"
    assert call.server.closed


def test_the_usage_is_told_once_a_minute() -> None:
    call = DummyLiveCall()
    for _ in range(130):
        call.now += 50 * FRAME_SAMPLES
        call.server.advance(call.now)
    call.drain()
    assert [e["usage"]["seconds"] for e in call.of("session.usage.updated")] == [60.0, 120.0]


def test_a_call_pauses_when_it_is_quiet_and_speech_wakes_it() -> None:
    call = DummyLiveCall({"idle_timeout_s": 2}, "webrtc")
    call.pause(5000)
    call.speak(1000)
    call.pause(1000)
    call.transcribe("Hello?")
    assert call.types()[1:3] == ["session.paused", "session.resumed"]
    assert call.last_job(Compose).heard == "Hello?"
    call.send("session.close")
    usage = call.events[-1]["usage"]
    assert (usage["active_seconds"], usage["paused_seconds"]) == (4, 3)


def test_speech_that_cannot_be_written_down_or_made_is_told_and_the_session_goes_on() -> None:
    call = DummyLiveCall(duplex=QUIET)
    call.speak(600)
    call.pause(1000)
    call.server.transcription_failed(call.last_job(Transcribe).job, "no engine")
    call.ask("Again.")
    call.compose("Hello there.")
    call.server.failed(call.last_job(Speak).job, "no voice", call.now)
    call.drain()
    assert call.errors() == [("transcription_failed", None), ("server_error", None)]
    call.ask("Once more.")
    call.say("Yes.")
    call.pause(600)
    assert call.said() == "Yes."
