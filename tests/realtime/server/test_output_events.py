"""Audio over a WebSocket: how much in a delta, how soon, and what becomes of what was not sent."""

from __future__ import annotations

import base64
import itertools

import pytest
from dummy_call import WORD, DummyCall

from soundstage.realtime import Pacing
from soundstage.realtime.server.output_events import DELTA
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, samples_of_ms

DELTA_EVENT = "response.output_audio.delta"
WORD_EVENT = "response.output_audio_transcript.delta"
SENTENCE = "One two three four five six seven eight nine ten"


def heard_in(events) -> bytes:
    """The audio that came in events."""
    deltas = [event for event in events if event["type"] == DELTA_EVENT]
    return b"".join(base64.b64decode(delta["delta"]) for delta in deltas)


def answering(pace: float = 5, text: str = SENTENCE) -> DummyCall:
    """A call whose answer is composed, and not spoken yet."""
    call = DummyCall(transport="websocket", pacing=Pacing(audio=pace))
    call.pause(20)
    call.send("response.create")
    call.new()
    call.compose(text)
    return call


def test_three_words_come_first_then_three_pieces_of_audio():
    call = answering()
    call.pause(200)
    call.voice()
    begun = [event["type"] for event in call.new() if event["type"].endswith(".delta")]
    assert begun == [WORD_EVENT] * 3 + [DELTA_EVENT] * 3


def test_a_piece_is_258_ms_and_the_last_one_what_is_left():
    call = answering()
    call.voice()
    call.pause(1000)
    pieces = [len(base64.b64decode(event["delta"])) for event in call.all(DELTA_EVENT)]
    assert set(pieces[:-1]) == {DELTA * SAMPLE_BYTES}
    assert samples_of_ms(258) == DELTA
    assert sum(pieces) == 10 * WORD * SAMPLE_BYTES
    assert "obfuscation" not in call.all(DELTA_EVENT)[0]


@pytest.mark.parametrize("pace", [1, 2, 5, 20])
def test_after_the_first_pieces_audio_is_sent_at_its_pace(pace):
    call = answering(pace, text=" ".join([SENTENCE] * 4))
    call.voice()
    first = len(heard_in(call.new()))
    assert first == 3 * DELTA * SAMPLE_BYTES
    call.pause(200)
    sent = len(heard_in(call.new())) // SAMPLE_BYTES
    wanted = min(pace * 10 * FRAME_SAMPLES, 40 * WORD - 3 * DELTA)
    assert abs(sent - wanted) <= DELTA


def test_slower_than_it_is_heard_audio_comes_a_frame_at_a_time():
    call = answering(0.5)
    call.voice()
    call.new()
    call.pause(200)
    sent = [len(base64.b64decode(event["delta"])) for event in call.all(DELTA_EVENT)]
    assert set(sent) == {FRAME_BYTES}
    assert len(sent) == 3 + 5


def test_a_voice_that_is_late_is_no_faster_for_it():
    call = answering(2)
    call.pause(4000)
    call.voice()
    assert len(heard_in(call.new())) == 3 * DELTA * SAMPLE_BYTES


def test_the_rest_of_a_part_waits_for_the_next_one():
    call = answering()
    call.voice("One two", all_of_it=False)
    assert len(heard_in(call.new())) == DELTA * SAMPLE_BYTES
    call.voice("three four five", all_of_it=False)
    assert len(heard_in(call.new())) == 2 * DELTA * SAMPLE_BYTES


def test_a_response_is_done_when_its_last_audio_is_out():
    call = answering(text="One two three four")
    call.voice()
    call.pause(200)
    order = [kind for kind, _ in itertools.groupby(event["type"] for event in call.new())]
    assert order[-7:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert len(heard_in(call.events)) == 4 * WORD * SAMPLE_BYTES
    assert set(call.played) == {SILENCE}


def test_words_are_told_even_where_the_voice_says_nothing():
    call = answering(text="Hm hm hm hm hm")
    job = call.speech_job()
    call.server.spoken_all(job, call.now)
    call.drain()
    call.pause(200)
    done = call.last("response.done")["response"]
    assert done["output"][0]["content"][0]["transcript"] == "Hm hm hm hm hm"


def test_what_was_not_sent_of_a_cut_answer_is_not_sent():
    call = answering(1)
    call.voice()
    call.send("response.cancel")
    call.new()
    call.pause(400)
    assert call.order() == []
    ident = call.last("response.output_item.done")["item"]["id"]
    call.send("conversation.item.truncate", item_id=ident, content_index=0, audio_end_ms=775)
    assert call.fault()["message"] == "Audio content of 774ms is already shorter than 775ms"
