"""Sessions in which something thinks: an echo, a language model, a model in a file."""

from __future__ import annotations

from typing import Any

import pytest
from dummy_caller import Line
from dummy_chat_server import DummyChatServer, words
from dummy_language_model import DummyLanguageModel
from dummy_requests import WEATHER, ask

from soundstage.endpoint import CallPlan, ChatSettings, LocalSettings, ScriptedResponder
from soundstage.endpoint.replies import StreamedReply
from soundstage.endpoint.replies.responders import language_model_for, responder_for
from soundstage.errors import InfrastructureError, LanguageModelFailed
from soundstage.kernel import JobKind
from soundstage.realtime import FunctionCall, Reply
from soundstage.seeds import Seeds

CHAT = {"url": "http://127.0.0.1:1/v1", "model": "m"}


def line(llm: DummyLanguageModel, *heard: str, at_once: bool = True, **local: Any) -> Line:
    settings = LocalSettings.model_validate({"chat": CHAT, **local})
    return Line({}, heard=heard, at_once=at_once, responder=ScriptedResponder(settings, llm))


def test_an_echo_says_what_it_heard():
    call = Line({"echo": True, "lines": ["Say something."]}, heard=("Hello echo.",))
    call.prompt()
    call.tick(count=20)
    call.speak()
    call.tick(count=20)
    assert call.said() == ["Say something.", "Hello echo."]


def test_rules_and_lines_go_before_the_model_and_otherwise_after_it():
    llm = DummyLanguageModel(["I think so."])
    local = {"rules": [{"heard": "time", "say": "Noon."}], "lines": ["One."], "otherwise": "Hm."}
    call = line(llm, "What time is it?", "Well?", "Really?", **local)
    for _ in range(3):
        call.speak()
        call.tick(count=20)
    assert call.said() == ["Noon.", "One.", "I think so."]
    assert [item.said for item in llm.asked[0].conversation][-1] == "Really?"


def test_a_model_is_heard_while_it_still_thinks():
    def look() -> None:
        assert call.last("response.output_audio_transcript.delta")
        assert call.executor.waiting == [JobKind.SYNTHESISE]
        assert not call.responses()

    llm = DummyLanguageModel(["It rains. ", "Take ", look, "a coat."])
    call = line(llm, at_once=False)
    call.prompt()
    assert call.executor.waiting == [JobKind.COMPOSE]
    call.executor.do_next()
    assert call.executor.waiting == [JobKind.CHAT]
    while call.executor.waiting:
        call.executor.do_next()
    call.tick(count=30)
    assert call.said() == ["It rains. Take a coat."]


def test_a_model_calls_the_tools_of_the_session():
    llm = DummyLanguageModel(
        ["Let me see.", Reply(None, (FunctionCall("weather", '{"city": "Rome"}'),))]
    )
    call = line(llm)
    call.send("session.update", session={"type": "realtime", "tools": [WEATHER]})
    call.prompt()
    call.tick(count=20)
    output = call.responses()[0]["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]
    assert output[1]["arguments"] == '{"city": "Rome"}'
    assert llm.asked[0].tools[0]["name"] == "weather"


def test_a_model_that_fails_fails_the_response_and_the_next_one_works():
    llm = DummyLanguageModel(
        [LanguageModelFailed("it is busy", code="rate_limit_exceeded")], ["Fine."]
    )
    call = line(llm)
    call.prompt()
    call.prompt()
    call.tick(count=20)
    failed, done = call.responses()
    assert failed["status_details"]["error"] == {
        "type": "invalid_request_error",
        "code": "rate_limit_exceeded",
        "message": "it is busy",
    }
    assert done["status"] == "completed"


def test_a_model_is_told_when_its_answer_is_not_wanted_any_more():
    def cancel() -> None:
        call.send("response.cancel")

    endless = [f"Sentence {number}. " for number in range(100)]
    llm = DummyLanguageModel(["It rains. ", "Take a coat.", cancel, *endless])
    call = line(llm, at_once=False)
    call.prompt()
    call.executor.do_next()
    call.executor.do_next()
    assert llm.closed == 1
    assert llm.written < 10
    assert call.executor.waiting == []
    assert [response["status"] for response in call.responses()] == ["cancelled"]


def test_a_conversation_with_a_server_goes_over_real_http():
    with DummyChatServer(words("It rains. Take a coat."), words("Bye.")).serving() as server:
        table = {"chat": {"url": server.url, "model": "m"}, "lines": ["Hello!"]}
        plan = CallPlan(local=LocalSettings.model_validate(table), stream=Seeds(1).stream)
        call = Line({}, heard=("How is it?", "Thanks."), responder=responder_for(plan, None))
        call.prompt()
        call.tick(count=20)
        for _ in range(2):
            call.speak()
            call.tick(count=40)
    assert call.said() == ["Hello!", "It rains. Take a coat.", "Bye."]
    told = [message["content"] for message in server.requests[1]["messages"]][-3:]
    assert told == ["How is it?", "It rains. Take a coat.", "Thanks."]


def test_a_key_comes_from_the_environment(monkeypatch):
    settings = ChatSettings.model_validate({**CHAT, "api_key": "${SOUNDSTAGE_TEST_KEY}"})
    with pytest.raises(InfrastructureError, match="SOUNDSTAGE_TEST_KEY, which is not set"):
        language_model_for(settings, None)
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-1")
    with DummyChatServer(words("Hi.")).serving() as server:
        moved = settings.model_copy(update={"url": server.url})
        llm = language_model_for(moved, None)
        assert llm is not None
        StreamedReply(llm, ask()).write(print)
    assert server.keys == ["Bearer sk-1"]
