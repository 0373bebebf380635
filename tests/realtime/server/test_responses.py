"""Answers that come piece by piece, as a language model writes them."""

from __future__ import annotations

from dummy_call import WORD, DummyCall

from soundstage.realtime import Compose, FunctionCall, Pacing, Reply, Speak
from soundstage.units import samples_of_ms


def begun(**given) -> DummyCall:
    call = DummyCall(**given)
    call.pass_frames(1)
    call.send("response.create")
    call.new()
    return call


def compose_on(call: DummyCall, text: str) -> None:
    call.server.composing(call.job(Compose).job, text, call.now)
    call.drain()


def test_the_first_sentence_is_spoken_while_the_next_one_is_written():
    call = begun()
    compose_on(call, "It rains.")
    assert call.job(Speak).text == "It rains."
    call.voice()
    call.pass_frames(5)
    assert call.last("output_audio_buffer.started")
    assert not call.all("response.done")
    compose_on(call, " Take a coat.")
    assert call.job(Speak).text == "Take a coat."
    call.compose(" Bye.")
    call.voice()
    assert call.job(Speak).text == "Bye."
    call.voice()
    call.pass_frames(60)
    done = call.last("response.done")["response"]
    assert done["status"] == "completed"
    assert done["output"][0]["content"][0]["transcript"] == "It rains. Take a coat. Bye."
    assert len([1 for frame in call.played if any(frame)]) == samples_of_ms(200) * 6 // 480


def test_the_words_of_later_sentences_are_timed_from_the_start_of_the_answer():
    call = begun()
    compose_on(call, "One two.")
    call.voice()
    compose_on(call, " Three four.")
    job = call.job(Speak)
    words = [("Three", 0, WORD), ("four", WORD, 2 * WORD)]
    call.server.spoken(job.job, b"\1\1" * WORD * 2, words, job.text, call.now)
    call.server.spoken_all(job.job, call.now)
    call.compose(None)
    call.pass_frames(30)
    call.send("output_audio_buffer.clear")
    ident = call.last("conversation.item.truncated")["item_id"]
    assert call.item(ident)["content"][0]["transcript"] == "One two. Three"


def test_a_streamed_text_is_told_as_it_comes_with_its_spaces_and_line_ends():
    call = begun(session={"type": "realtime", "output_modalities": ["text"]})
    for piece in ("Li", "sts:\n", "  - one", "\n", "  - two "):
        compose_on(call, piece)
    call.compose(None)
    assert call.last("response.output_text.done")["text"] == "Lists:\n  - one\n  - two"
    assert call.last("response.done")["response"]["status"] == "completed"


def test_tools_are_called_after_what_is_said():
    call = begun()
    compose_on(call, "One moment.")
    call.compose(None, FunctionCall("look", "{}"))
    call.voice()
    call.pass_frames(1)
    output = call.last("response.done")["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]


def test_a_mind_that_fails_half_way_fails_the_response_and_keeps_what_was_said():
    call = begun()
    compose_on(call, "It rains.")
    call.voice()
    call.pass_frames(5)
    job = call.job(Compose).job
    call.server.failed(job, "The chat server is gone.", call.now, "rate_limit_exceeded")
    call.drain()
    done = call.last("response.done")["response"]
    assert done["status"] == "failed"
    assert done["status_details"]["error"] == {
        "type": "invalid_request_error",
        "code": "rate_limit_exceeded",
        "message": "The chat server is gone.",
    }
    assert done["output"][0]["status"] == "incomplete"


def test_a_reply_that_is_filtered_ends_incomplete():
    call = begun()
    call.server.composed(
        call.job(Compose).job, Reply("I would", unfinished="content_filter"), call.now
    )
    call.drain()
    call.voice()
    call.pass_frames(1)
    done = call.last("response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"] == {"type": "incomplete", "reason": "content_filter"}
    assert done["output"][0]["status"] == "incomplete"


def test_arguments_that_are_cut_end_the_response_incomplete():
    call = begun()
    cut = (FunctionCall("look", '{"at": "the'),)
    call.server.composed(
        call.job(Compose).job, Reply(None, cut, unfinished="max_output_tokens"), call.now
    )
    call.drain()
    done = call.last("response.done")["response"]
    assert done["status_details"]["reason"] == "max_output_tokens"
    assert done["output"][0]["status"] == "incomplete"
    assert done["output"][0]["arguments"] == '{"at": "the'


def test_words_are_told_at_the_rate_that_is_asked_for():
    call = begun(
        session={"type": "realtime", "output_modalities": ["text"]}, pacing=Pacing(words=10)
    )
    call.compose("One two three four five")
    assert len(call.all("response.output_text.delta")) == 3
    call.pass_frames(5)
    assert len(call.all("response.output_text.delta")) == 4
    assert not call.all("response.done")
    call.pass_frames(5)
    assert call.last("response.done")["response"]["status"] == "completed"
