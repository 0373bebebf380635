"""A language model behind HTTP: the real thing on loopback."""

from __future__ import annotations

import json
import logging

import pytest
from dummy_chat_server import DummyChatServer, delta, words
from dummy_requests import WEATHER, ask

from soundstage.cache import Cache
from soundstage.endpoint import ChatSettings
from soundstage.endpoint.job_runner import NotWanted
from soundstage.endpoint.replies import StreamedReply
from soundstage.endpoint.replies.chat_server import ChatServer
from soundstage.endpoint.replies.language_model import CachedLanguageModel
from soundstage.errors import LanguageModelFailed
from soundstage.realtime import FunctionCall, Reply
from soundstage.secrets import Secret
from soundstage.units import samples_of_seconds

KEY = "sk-very-secret"


def llm(server: DummyChatServer, **settings) -> ChatServer:
    table = {"url": server.url, "model": "small", **settings}
    return ChatServer(ChatSettings.model_validate(table), Secret(KEY))


def refuse(_: str) -> None:
    raise NotWanted


def taken_down(streamed: StreamedReply) -> list[str | Reply]:
    pieces: list[str | Reply] = []
    reply = streamed.write(pieces.append)
    return [*pieces, reply]


def test_an_answer_is_taken_down_in_sentences():
    with DummyChatServer(words("It rains. Take a coat.")).serving() as server:
        pieces = taken_down(StreamedReply(llm(server, temperature=0.5), ask()))
    assert pieces == ["It rains.", Reply(" Take a coat.")]
    (request,) = server.requests
    assert (request["model"], request["temperature"], request["stream"]) == ("small", 0.5, True)
    assert server.keys == [f"Bearer {KEY}"]


def test_a_sentence_is_there_while_the_next_one_is_still_written():
    with DummyChatServer(words("It rains. Take a coat.")).serving() as server:
        server.holds_after = 4
        sentences: list[str] = []

        def take(sentence: str) -> None:
            sentences.append(sentence)
            server.let_go.set()  # only now the server writes the rest

        reply = StreamedReply(llm(server), ask()).write(take)
    assert (sentences, reply) == (["It rains."], Reply(" Take a coat."))


def test_a_server_that_does_not_stream_is_as_good():
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    message = {"role": "assistant", "content": "One moment.", "tool_calls": [call]}
    body = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    with DummyChatServer((200, body)).serving() as server:
        (reply,) = taken_down(StreamedReply(llm(server), ask(tools=(WEATHER,))))
    assert reply == Reply("One moment.", (FunctionCall("weather", "{}"),))


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ((429, {"error": {"message": "slow down"}}), "rate_limit_exceeded", "429: slow down"),
        ((401, {"error": {"message": f"bad key {KEY}"}}), "server_error", r"401: bad key \*\*\*"),
        ((500, b"<html>"), "server_error", "answered 500"),
        ((200, b"data: {no json\n\n"), "server_error", "no JSON"),
        ([{"error": {"message": "model is gone"}}], "server_error", "model is gone"),
    ],
)
def test_what_goes_wrong_is_told_without_the_key(answer, code, told):
    with (
        DummyChatServer(answer).serving() as server,
        pytest.raises(LanguageModelFailed, match=told) as caught,
    ):
        taken_down(StreamedReply(llm(server), ask()))
    assert caught.value.code == code
    assert KEY not in str(caught.value)


def test_a_server_that_is_not_there_fails_at_once():
    with DummyChatServer(words("Hi.")).serving() as server:
        pass
    with pytest.raises(LanguageModelFailed, match=r"127\.0\.0\.1 cannot be reached"):
        StreamedReply(llm(server), ask()).write(print)


@pytest.mark.realtime
def test_a_server_that_falls_silent_is_given_up():
    with DummyChatServer(words("It rains. Take a coat.")).serving() as server:
        server.holds_after = 1
        with pytest.raises(LanguageModelFailed, match=r"took longer than 0\.2 s"):
            StreamedReply(llm(server, timeout="200ms"), ask()).write(print)


def test_a_line_without_end_is_given_up():
    with (
        DummyChatServer((200, b"data: " + b"x" * (3 << 20))).serving() as server,
        pytest.raises(LanguageModelFailed, match="no end"),
    ):
        StreamedReply(llm(server), ask()).write(print)


def test_an_answer_that_is_not_wanted_any_more_is_broken_off():
    endless = [delta(f"Sentence {n}. ") for n in range(100_000)]
    with DummyChatServer(endless).serving() as server:
        with pytest.raises(NotWanted):
            StreamedReply(llm(server), ask()).write(refuse)
        assert server.gone.wait(10)


def test_the_same_question_is_asked_once(tmp_path):
    with DummyChatServer(words("It rains. Bye."), words("Other.")).serving() as server:
        first = taken_down(StreamedReply(CachedLanguageModel(llm(server), Cache(tmp_path)), ask()))
        again = taken_down(StreamedReply(CachedLanguageModel(llm(server), Cache(tmp_path)), ask()))
        warmer = CachedLanguageModel(llm(server, temperature=1), Cache(tmp_path))
        other = taken_down(StreamedReply(warmer, ask()))
    assert first == again == ["It rains.", Reply(" Bye.")]
    assert other == [Reply("Other.")]
    assert len(server.requests) == 2


def test_an_answer_comes_from_the_cache_at_the_times_at_which_it_was_given(tmp_path):
    with DummyChatServer(words("It rains. Take a coat.")).serving() as server:
        server.holds_after = 3
        server.holds = 0.3
        first = StreamedReply(CachedLanguageModel(llm(server), Cache(tmp_path)), ask()).written()
        again = StreamedReply(CachedLanguageModel(llm(server), Cache(tmp_path)), ask()).written()
    assert first == again
    ((text, at),) = first.pieces
    assert text == "It rains."
    assert samples_of_seconds(0.25) <= at <= first.took <= samples_of_seconds(3)


@pytest.mark.parametrize("streams", [True, False])
def test_a_thought_and_half_a_surrogate_pair_are_not_said(tmp_path, streams):
    text = "<think>Hm. Hm.</think>It rains \ud83d. Bye."
    whole = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    with DummyChatServer(words(text) if streams else whole).serving() as server:
        remembered = CachedLanguageModel(llm(server), Cache(tmp_path))
        for _ in range(2):
            assert taken_down(StreamedReply(remembered, ask())) == [
                "It rains \ufffd.",
                Reply(" Bye."),
            ]


def test_arguments_may_be_an_object():
    function = {"name": "weather", "arguments": {"city": "Rome \ud83d"}}
    message = {"content": None, "tool_calls": [{"id": "1", "function": function}]}
    whole = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    with DummyChatServer(whole).serving() as server:
        (reply,) = taken_down(StreamedReply(llm(server), ask(tools=(WEATHER,))))
    (call,) = reply.calls
    assert call.name == "weather"
    assert json.loads(call.arguments) == {"city": "Rome \ufffd"}


def test_an_answer_that_broke_off_is_not_kept(tmp_path):
    with DummyChatServer((500, b""), words("It rains.")).serving() as server:
        remembered = CachedLanguageModel(llm(server), Cache(tmp_path))
        with pytest.raises(LanguageModelFailed):
            taken_down(StreamedReply(remembered, ask()))
        assert taken_down(StreamedReply(remembered, ask())) == [Reply("It rains.")]


def test_the_key_is_in_no_log(caplog):
    with (
        caplog.at_level(logging.DEBUG),
        DummyChatServer((401, {"error": KEY})).serving() as server,
        pytest.raises(LanguageModelFailed),
    ):
        StreamedReply(llm(server), ask()).write(print)
    assert KEY not in caplog.text


def test_an_answer_that_breaks_off_between_two_chunks_is_none() -> None:
    whole = words("Here I am.")
    cut = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in whole[:-1])
    with (
        DummyChatServer(cut).serving() as server,
        pytest.raises(LanguageModelFailed, match="broke off in the middle"),
    ):
        taken_down(StreamedReply(llm(server), ask()))
