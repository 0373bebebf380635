"""The client's end of a session, in the orders in which servers send their events."""

from __future__ import annotations

import json

import pytest
from dummy_samples import ASSISTANT, SESSION
from dummy_server import (
    TRANSCRIPTION,
    Call,
    call,
    cancelled,
    created,
    done,
    error,
    event,
    item_added,
    playback,
    retrieved,
    speech,
    truncated,
    words,
)

from soundstage.realtime import (
    OddField,
    SessionExpired,
    SessionReady,
    SessionRefused,
    ToolAbandoned,
    ToolRequested,
    Truncated,
    decode_server,
)

TOLD = "it is told as it came"
CREATE, ITEM, RETRIEVE = "response.create", "conversation.item.create", "conversation.item.retrieve"
USER_TURN = [
    (speech("started"), [TOLD]),
    (speech("stopped", 1900), [TOLD]),
    (event("input_audio_buffer.committed", item_id="item_u", previous_item_id=None), []),
]


def as_told(said):
    return decode_server(json.dumps(said))


# Each line: what the server says, and what it means; each order from a recorded session.
ORDERS = {
    "text turn": [
        (created(), [TOLD]),
        (item_added(), []),
        (
            event(
                "response.output_text.delta",
                response_id="resp_1",
                item_id="item_1",
                output_index=0,
                content_index=0,
                delta="Hello",
            ),
            [TOLD],
        ),
        (done("resp_1", ASSISTANT), [TOLD]),
        (event("rate_limits.updated", rate_limits=[]), []),
    ],
    "voice turn": [
        *USER_TURN,
        (created(), [TOLD]),
        (item_added(), []),
        (words("Hello"), [TOLD]),
        (playback("started"), [TOLD]),
        (words(" there."), [TOLD]),
        (done("resp_1", ASSISTANT), [TOLD]),
        (
            event(
                f"{TRANSCRIPTION}.completed",
                item_id="item_u",
                content_index=0,
                transcript="Hi.",
                usage={"type": "duration", "seconds": 1},
            ),
            [TOLD],
        ),
        (playback("stopped"), [TOLD]),
    ],
    "barge-in after the response is done": [
        (created(), [TOLD]),
        (item_added(), []),
        (playback("started"), [TOLD]),
        (done("resp_1", ASSISTANT), [TOLD]),
        (speech("started"), [TOLD]),
        (playback("cleared"), [TOLD]),
        (truncated(), []),
        (retrieved(), [Truncated("item_1", "resp_1", 740, "Hello")]),
        *USER_TURN[1:],
        (created("resp_2"), [TOLD]),
    ],
    "barge-in while the response is running": [
        (created(), [TOLD]),
        (item_added(), []),
        (playback("started"), [TOLD]),
        (speech("started"), [TOLD]),
        (cancelled(), [TOLD]),
        (playback("cleared"), [TOLD]),
        (truncated(), []),
        (retrieved(), [Truncated("item_1", "resp_1", 740, "Hello")]),
    ],
    "barge-in, with its last three events the other way round": [
        (created(), [TOLD]),
        (item_added(), []),
        (playback("started"), [TOLD]),
        (speech("started"), [TOLD]),
        (truncated(), []),
        (playback("cleared"), [TOLD]),
        (cancelled(), [TOLD]),
        (retrieved(), [Truncated("item_1", "resp_1", 740, "Hello")]),
    ],
    "function call": [
        (created(), [TOLD]),
        (
            event(
                "response.function_call_arguments.done",
                response_id="resp_1",
                item_id="item_call_1",
                output_index=0,
                call_id="call_1",
                name="weather",
                arguments="{}",
            ),
            [],
        ),
        (
            done("resp_1", call()),
            [
                TOLD,
                ToolRequested("call_1", "weather", "{}", "resp_1"),
            ],
        ),
    ],
    "out of band beside a response": [
        (created(), [TOLD]),
        (created("resp_x", conversation_id=None), [TOLD]),
        (words("Aside", "resp_x"), [TOLD]),
        (words("Hello"), [TOLD]),
        (done("resp_x", ASSISTANT, conversation_id=None), [TOLD]),
        (done("resp_1", ASSISTANT), [TOLD]),
    ],
    "idle timeout": [
        (
            event(
                "input_audio_buffer.timeout_triggered",
                item_id="item_u",
                audio_start_ms=700,
                audio_end_ms=6700,
            ),
            [],
        ),
        (event("input_audio_buffer.committed", item_id="item_u", previous_item_id=None), []),
        (created(), [TOLD]),
    ],
    "a turn that could not be written down": [
        (
            event(
                f"{TRANSCRIPTION}.failed",
                item_id="item_u",
                content_index=0,
                error={
                    "type": "transcription_error",
                    "code": "audio_unintelligible",
                    "message": "?",
                },
            ),
            [TOLD],
        )
    ],
    "a response that failed": [
        (created(), [TOLD]),
        (
            done(
                status="failed",
                status_details={
                    "type": "failed",
                    "error": {"code": "server_error", "message": "Sorry."},
                },
            ),
            [TOLD],
        ),
    ],
    "a response that ran out of tokens": [
        (created(), [TOLD]),
        (
            done(
                "resp_1",
                call(),
                status="incomplete",
                status_details={"type": "incomplete", "reason": "max_output_tokens"},
            ),
            [
                TOLD,
                ToolAbandoned("call_1", "weather", "resp_1"),
            ],
        ),
    ],
    "expiry": [(error("session_expired"), [SessionExpired()])],
    "a cancel that came too late": [(error("response_cancel_not_active"), [])],
    "an event of a later version": [(event("response.sung"), [TOLD])],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_events_mean_what_they_mean_in_the_orders_of_real_sessions(order):
    spoken = Call.configured()
    for said, meaning in order:
        assert spoken.hear(said) == [as_told(said) if one is TOLD else one for one in meaning]


def test_nothing_is_sent_before_the_session_is_there():
    spoken = Call()
    spoken.session.prompt("Say hi.")
    assert spoken.kinds() == []
    assert not spoken.session.ready


def test_the_configuration_is_confirmed_before_anything_else_is_sent():
    spoken = Call({"type": "realtime", "model": "m", "instructions": "Be kind."})
    spoken.session.prompt("Say hi.")
    assert spoken.hear(event("session.created", session=SESSION)) == []
    (update,) = spoken.says()
    assert update["type"] == "session.update"
    assert update["session"] == {"type": "realtime", "instructions": "Be kind."}
    assert spoken.hear(event("session.updated", session=SESSION)) == [SessionReady()]
    assert spoken.session.ready
    assert spoken.kinds() == [ITEM, CREATE]


def test_the_configuration_is_sent_and_confirmed_once():
    spoken = Call.configured()
    again = [event("session.created", session=SESSION), event("session.updated", session=SESSION)]
    assert spoken.hear(*again) == []
    assert spoken.kinds() == []


def test_a_refused_configuration_is_told_from_other_errors():
    spoken = Call()
    spoken.hear(event("session.created", session=SESSION))
    (update,) = spoken.says()
    refusal = error("invalid_value", update["event_id"])
    assert spoken.hear(refusal) == [SessionRefused("invalid_value", "No.")]
    assert not spoken.session.ready


def test_an_error_that_names_no_event_is_about_the_configuration_while_nothing_else_was_sent():
    spoken = Call()
    spoken.hear(event("session.created", session=SESSION))
    assert spoken.hear(error("invalid_value")) == [SessionRefused("invalid_value", "No.")]


def test_a_prompt_is_a_system_item_and_a_bare_response():
    spoken = Call.configured()
    spoken.session.prompt("Say hi to Bob.")
    item, create = spoken.says()
    part = {"type": "input_text", "text": "Say hi to Bob."}
    assert item["item"] == {"type": "message", "role": "system", "content": [part]}
    assert create == {"type": CREATE, "event_id": create["event_id"]}
    assert spoken.session.replying


def test_prompts_during_a_response_wait_for_its_end_each_for_its_own():
    spoken = Call.configured()
    spoken.hear(created())
    spoken.session.prompt("One.")
    spoken.session.prompt("Two.")
    assert spoken.kinds() == []
    spoken.hear(done())
    assert spoken.kinds() == [ITEM, CREATE]
    spoken.hear(created("resp_2"), done("resp_2"))
    assert spoken.kinds() == [ITEM, CREATE]


def test_text_is_added_at_once_and_asks_for_nothing():
    spoken = Call.configured()
    spoken.hear(created())
    spoken.session.add_text("By the way.")
    (item,) = spoken.says()
    assert item["item"]["role"] == "user"


def test_a_response_of_its_own_parameters_carries_them():
    spoken = Call.configured()
    spoken.session.respond(instructions="Whisper.")
    assert spoken.says()[0]["response"] == {"instructions": "Whisper."}


def test_an_error_is_tied_to_the_event_that_caused_it():
    spoken = Call.configured()
    spoken.session.add_text("Hello")
    (item,) = spoken.says()
    refusal = error("invalid_value", item["event_id"], param="item.role")
    assert spoken.hear(refusal) == [as_told(refusal)]


def test_cancelling_stops_what_is_made_and_what_is_played():
    spoken = Call.configured()
    spoken.hear(created(), item_added(), playback("started"))
    spoken.session.cancel()
    assert spoken.kinds() == ["response.cancel", "output_audio_buffer.clear"]
    assert not spoken.session.gate_open
    late = [words("more"), playback("started")]
    assert spoken.hear(*late) == []
    assert not spoken.session.gate_open
    ended = [cancelled(reason="client_cancelled"), playback("cleared")]
    assert spoken.hear(*ended) == [as_told(one) for one in ended]


def test_cancelling_when_nothing_is_made_cancels_no_response():
    spoken = Call.configured()
    spoken.session.cancel()
    assert spoken.kinds() == ["output_audio_buffer.clear"]


@pytest.mark.parametrize(
    ("setting", "opened"),
    [
        ({"type": "server_vad"}, False),
        ({"type": "server_vad", "interrupt_response": True}, False),
        ({"type": "server_vad", "interrupt_response": False}, True),
    ],
)
def test_speech_closes_the_gate_where_it_interrupts(setting, opened):
    spoken = Call.configured({"type": "realtime", "audio": {"input": {"turn_detection": setting}}})
    spoken.hear(created(), playback("started"))
    assert spoken.session.gate_open
    spoken.hear(speech("started"))
    assert spoken.session.gate_open is opened


def test_the_gate_opens_again_with_the_next_response_that_plays():
    spoken = Call.configured()
    spoken.hear(created(), playback("started"), speech("started"), playback("cleared"))
    assert not spoken.session.gate_open
    spoken.hear(cancelled(), speech("stopped"), created("resp_2"))
    assert not spoken.session.gate_open
    spoken.hear(playback("started", "resp_2"))
    assert spoken.session.gate_open
    assert spoken.session.playing == "resp_2"


def test_speech_into_silence_leaves_the_gate_open_for_the_tail():
    spoken = Call.configured()
    spoken.hear(created(), playback("started"), done(), playback("stopped"), speech("started"))
    assert spoken.session.gate_open


def test_events_of_a_response_that_was_cut_count_no_more():
    spoken = Call.configured()
    spoken.hear(created(), playback("started"), speech("started"), playback("cleared"))
    late = [words("more"), playback("started"), playback("cleared"), playback("stopped")]
    assert spoken.hear(*late) == []
    assert not spoken.session.gate_open


def test_the_item_is_asked_for_when_it_was_cut():
    spoken = Call.configured()
    spoken.hear(created(), item_added(), truncated())
    assert [(said["type"], said["item_id"]) for said in spoken.says()] == [(RETRIEVE, "item_1")]


def test_outputs_of_several_calls_are_sent_together_and_make_one_response():
    spoken = Call.configured()
    spoken.hear(created(), done("resp_1", call("call_1"), call("call_2")))
    spoken.session.return_tool("call_2", '"rain"')
    assert spoken.kinds() == []
    spoken.session.return_tool("call_1", '"sun"')
    said = spoken.says()
    assert [one["type"] for one in said] == [ITEM, ITEM, CREATE]
    outputs = [(one["item"]["call_id"], one["item"]["output"]) for one in said[:2]]
    assert outputs == [("call_1", '"sun"'), ("call_2", '"rain"')]


def test_a_response_that_began_meanwhile_is_waited_for_after_a_tool():
    spoken = Call.configured()
    spoken.hear(created(), done("resp_1", call()), created("resp_2"))
    spoken.session.return_tool("call_1", "{}")
    assert spoken.kinds() == [ITEM]
    spoken.hear(done("resp_2"))
    assert spoken.kinds() == [CREATE]


def test_a_response_is_told_once_however_often_the_server_says_it():
    spoken = Call.configured()
    assert spoken.hear(created(), created()) == [as_told(created())]
    assert len(spoken.hear(done("resp_1", call()), done("resp_1", call()))) == 2
    assert spoken.hear(created(), words("late")) == []


def test_a_response_with_odd_fields_begins_and_ends_with_its_words_and_calls():
    spoken = Call.configured()
    odd, begun = spoken.hear(created(output=7, metadata="none"))[1:]
    assert odd == OddField("response.created", "response.output")
    assert begun.response.id == "resp_1"
    ended = spoken.hear(done("resp_1", ASSISTANT, call(), status_details="unimplemented"))
    assert ended[0] == OddField("response.done", "response.status_details")
    assert (ended[1].response.status, ended[1].response.said) == ("completed", "Hello there.")
    assert ended[2] == ToolRequested("call_1", "weather", "{}", "resp_1")


def test_an_odd_field_is_told_once_and_counted():
    spoken = Call.configured()
    odd = OddField("response.done", "response.output[]")
    for number in range(3):
        told = spoken.hear(done(f"resp_{number}", output=[7, 8, ASSISTANT]))
        assert (odd in told) is (number == 0)
    assert spoken.session.odd == {odd: 3}


def test_a_response_whose_end_has_no_status_has_ended_well():
    spoken = Call.configured()
    spoken.hear(created())
    ended = spoken.hear(done("resp_1", call(), status=None))
    assert ToolRequested("call_1", "weather", "{}", "resp_1") in ended


def test_a_server_of_the_beta_is_heard():
    spoken = Call.configured()
    spoken.hear(created(), item_added())
    old = {**words("Hello"), "type": "response.audio_transcript.delta"}
    odd, delta = spoken.hear(old)
    assert odd == OddField("response.output_audio_transcript.delta", "type")
    assert delta.delta == "Hello"
    assert spoken.hear(old) == [delta]


def test_a_session_that_stops_answering_detects_turns_but_makes_no_response():
    detection = {"type": "server_vad", "silence_duration_ms": 400}
    spoken = Call.configured({"audio": {"input": {"turn_detection": detection}}})
    spoken.session.stop_answering()
    (update,) = spoken.says()
    assert update["session"] == {
        "type": "realtime",
        "audio": {"input": {"turn_detection": {**detection, "create_response": False}}},
    }
    spoken.session.prompt("Say bye.")
    assert spoken.kinds() == []


def test_a_response_that_begins_after_that_is_cancelled_and_not_heard():
    spoken = Call.configured()
    spoken.session.stop_answering()
    assert spoken.hear(created()) == [as_told(created())]
    (cancel,) = spoken.says()
    assert (cancel["type"], cancel["response_id"]) == ("response.cancel", "resp_1")
    assert spoken.hear(playback("started")) == []
    assert not spoken.session.gate_open


def transcription(text, **fields):
    kind = f"{TRANSCRIPTION}.completed"
    usage = {"type": "duration", "seconds": 1}
    return event(kind, item_id="item_u", content_index=0, transcript=text, usage=usage, **fields)


def test_a_transcription_that_is_still_in_progress_is_not_what_was_said():
    spoken = Call.configured()
    assert spoken.hear(transcription("Hello, my", status="in_progress")) == []
    [said] = spoken.hear(transcription("Hello, my name is Ada.", status="completed"))
    assert said.transcript == "Hello, my name is Ada."


def test_a_transcription_that_comes_twice_is_heard_once():
    spoken = Call.configured()
    assert len(spoken.hear(transcription("Hello."), transcription("Hello."))) == 1


def test_two_transcriptions_of_one_item_that_differ_are_both_heard():
    spoken = Call.configured()
    assert len(spoken.hear(transcription("Hello."), transcription("Are you there?"))) == 2


def test_a_request_that_is_refused_by_its_type_is_made_again():
    spoken = Call.configured()
    spoken.session.respond()
    spoken.says()
    refusal = {"type": "conversation_already_has_active_response", "message": "Wait."}
    assert spoken.hear(created(), event("error", error=refusal)) == [as_told(created())]
    spoken.hear(done("resp_1", ASSISTANT))
    assert spoken.kinds() == ["response.create"]
