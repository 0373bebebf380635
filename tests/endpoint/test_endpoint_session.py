"""A session of the endpoint, between doubles: no thread, no socket, and time moved by hand."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from dummy_caller import Line
from dummy_engines import FRAMES_OF_A_SENTENCE, LOUD, SPOKEN

from soundstage.errors import ClientFault, ProtocolError
from soundstage.kernel import JobKind
from soundstage.units import SILENCE, samples_of_ms


def test_the_first_event_is_session_created() -> None:
    assert Line({}).types() == ["session.created"]


def test_a_wrong_configuration_is_refused_before_there_is_a_session() -> None:
    with pytest.raises(ClientFault):
        Line({}, session={"nonsense": 1})


def test_a_turn_is_recognised_answered_and_spoken() -> None:
    line = Line({"lines": ["It is five."]}, heard=("What time is it?",))
    line.speak()
    line.tick(count=FRAMES_OF_A_SENTENCE + 2)
    order = [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "response.output_audio_transcript.done",
        "response.done",
        "output_audio_buffer.stopped",
    ]
    places = [line.types().index(each) for each in order]
    assert places == sorted(places)
    heard = line.last("conversation.item.input_audio_transcription.completed")
    assert heard["transcript"] == "What time is it?"
    assert line.said() == ["It is five."]
    assert line.played.count(SPOKEN) == FRAMES_OF_A_SENTENCE


def test_an_opening_prompt_makes_it_speak_first() -> None:
    line = Line({"lines": ["Hello."]})
    line.prompt()
    line.tick(count=3)
    assert line.said() == ["Hello."]
    assert line.played[-1] == SPOKEN


def test_recognition_begins_in_the_pause_and_is_there_when_the_turn_ends() -> None:
    line = Line({"lines": ["Yes."]}, heard=("Hello?",), at_once=False)
    line.tick(LOUD, 25)
    line.tick(SILENCE, 15)
    assert line.executor.waiting == [JobKind.RECOGNISE]
    assert "input_audio_buffer.speech_stopped" not in line.types()
    line.executor.do_next()
    line.tick(SILENCE, 10)
    assert line.executor.waiting == [JobKind.COMPOSE]


def test_recognition_that_began_too_early_is_given_up() -> None:
    line = Line({}, heard=("never", "asked"), at_once=False)
    line.tick(LOUD, 25)
    line.tick(SILENCE, 15)
    line.tick(LOUD, 5)
    assert line.executor.waiting == []
    line.tick(SILENCE, 15)
    assert line.executor.waiting == [JobKind.RECOGNISE]


def test_the_first_part_is_heard_before_the_last_one_is_made() -> None:
    line = Line({"lines": ["Really? How? When?"]}, at_once=False)
    line.prompt()
    line.executor.do_next()
    line.executor.do_next()
    line.tick(count=2)
    assert line.played[-1] == SPOKEN
    assert line.engines.synthesizer.made == ["Really?"]


def test_who_is_interrupted_synthesises_no_further() -> None:
    line = Line({"lines": ["Really? How? When?"]}, heard=("Wait!",), at_once=False)
    line.prompt()
    line.executor.do_next()
    line.executor.do_next()
    line.tick(count=5)
    line.tick(LOUD, 5)
    assert line.executor.waiting == []
    assert line.responses()[0]["status"] == "cancelled"
    assert "output_audio_buffer.cleared" in line.types()
    assert line.played[-1] == SILENCE


def test_thinking_delays_the_reply_by_what_the_table_says() -> None:
    line = Line({"lines": ["Hm."], "think": "400ms"})
    line.prompt()
    line.tick(count=20)
    assert SPOKEN not in line.played
    line.tick(count=2)
    assert SPOKEN in line.played


def test_thinking_is_drawn_anew_for_each_reply_from_the_calls_own_stream() -> None:
    first, again, other = (thinking_times(seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) > 1
    assert all(samples_of_ms(300) <= each <= samples_of_ms(700) for each in first)


def thinking_times(seed: int) -> list[int]:
    line = Line({"lines": ["A.", "B.", "C."], "think": ["300ms", "700ms"]}, seed=seed)
    for _ in range(3):
        line.prompt()
        line.tick(count=60)
    return line.timers.delays


def test_a_reply_that_is_cut_off_in_thought_uses_no_line_up() -> None:
    line = Line({"lines": ["One.", "Two."], "think": "400ms"}, heard=("So", "tell me"))
    line.speak()
    line.tick(count=5)
    line.speak()
    line.tick(count=40)
    assert [response["status"] for response in line.responses()] == ["cancelled", "completed"]
    assert line.said() == ["One."]
    assert line.timers.waiting == 0


def test_a_tool_is_called_and_its_result_is_said() -> None:
    rules = [
        {"heard": "weather in {city}", "call": [{"tool": "look", "args": {"at": "{city}"}}]},
        {"tool": "look", "say": "{sky} there."},
    ]
    tool = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    line = Line({"rules": rules}, heard=("The weather in Rome?",), session={"tools": [tool]})
    line.speak()
    call = line.last("response.function_call_arguments.done")
    assert (call["name"], json.loads(call["arguments"])) == ("look", {"at": "Rome"})
    line.add(type="function_call_output", call_id=call["call_id"], output='{"sky": "Sun"}')
    line.send("response.create")
    line.tick(count=2)
    assert line.said() == ["Sun there."]


def test_a_recogniser_that_fails_fails_the_transcription_and_nothing_else() -> None:
    line = Line({"lines": ["Yes."]}, heard=("Hello?",))
    line.engines.recognizer.error = RuntimeError("no ears")
    line.speak()
    failed = line.last("conversation.item.input_audio_transcription.failed")
    assert "no ears" in failed["error"]["message"]
    line.engines.recognizer.error = None
    line.tick(count=5)
    line.speak()
    line.tick(count=FRAMES_OF_A_SENTENCE + 2)
    assert line.said() == ["Yes."]


@pytest.mark.parametrize("fails_at", [0, 1])
def test_a_synthesiser_that_fails_fails_the_response_and_nothing_else(fails_at: int) -> None:
    line = Line({"lines": ["Really? How?", "Again? What?"]})
    line.engines.synthesizer.error = RuntimeError("no voice")
    line.engines.synthesizer.fails_at = fails_at
    line.prompt()
    [failed] = line.responses()
    assert failed["status"] == "failed"
    assert "no voice" in failed["status_details"]["error"]["message"]
    line.engines.synthesizer.error = None
    line.tick(count=FRAMES_OF_A_SENTENCE + 2)
    line.prompt()
    line.tick(count=2)
    assert line.responses()[1]["status"] == "completed"


def test_a_responder_that_fails_fails_the_response() -> None:
    class Speechless:
        def reply(self, request: object) -> Any:
            raise LookupError("nothing to say")

    line = Line({}, responder=Speechless())
    line.prompt()
    assert line.responses()[0]["status"] == "failed"


def test_a_broken_event_is_answered_with_an_error() -> None:
    line = Line({})
    line.session.on_message("{")
    assert line.types()[-1] == "error"


def test_an_event_that_cannot_be_sent_is_replaced_by_an_error() -> None:
    line = Line({})
    send, refused = line.session._sender._send, []

    def send_small_ones(event: bytes) -> None:
        if b"item.added" in event:
            refused.append(event)
            raise ProtocolError("it is too large")
        send(event)

    line.session._sender._send = send_small_ones
    line.add(type="message", role="user", content=[{"type": "input_text", "text": "Hi"}])
    assert line.types()[1:] == ["error", "conversation.item.done"]
    assert line.last("error")["error"]["message"] == "it is too large"
    assert len(refused) == 1


def test_audio_that_comes_in_events_is_heard_like_audio_on_the_track() -> None:
    line = Line({"lines": ["Yes."]}, heard=("Hello?",))
    for frame in [LOUD * 25, SILENCE * 30]:
        line.send("input_audio_buffer.append", audio=base64.b64encode(frame).decode())
    line.tick(count=FRAMES_OF_A_SENTENCE + 2)
    assert line.said() == ["Yes."]


def test_the_plans_voice_is_used_where_the_session_names_none() -> None:
    planned = Line({"lines": ["A."]}, voice="ash")
    planned.prompt()
    assert planned.engines.synthesizer.asked == [("A.", "ash", 1.0)]
    named = Line({"lines": ["A."]}, voice="ash", session={"audio": {"output": {"voice": "alloy"}}})
    named.prompt()
    assert named.engines.synthesizer.asked == [("A.", "alloy", 1.0)]


def test_an_unknown_voice_is_spoken_by_a_stand_in_that_stays_the_same() -> None:
    voices = set()
    for _ in range(2):
        line = Line({"lines": ["A."]}, session={"audio": {"output": {"voice": "nobody"}}})
        line.prompt()
        voices.add(line.engines.synthesizer.asked[0][1])
    assert len(voices) == 1
    assert voices <= set(line.engines.synthesizer.voices)


def test_after_close_nothing_that_was_under_way_matters() -> None:
    line = Line({"lines": ["One. Two."], "think": "400ms"}, heard=("Hello",), at_once=False)
    line.prompt()
    line.tick(LOUD, 25)
    line.tick(SILENCE, 15)
    before = len(line.events)
    line.session.close()
    line.tick(count=60)
    assert line.session.closed
    assert line.executor.waiting == []
    assert line.timers.waiting == 0
    assert len(line.events) == before
