"""Sessions in which something thinks: an echo, a language model, a model in a file."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from dummy_caller import Line
from dummy_chat_server import DummyChatServer, delta, words
from dummy_mind import DummyMind
from dummy_requests import WEATHER, ask

from soundstage.endpoint import CallPlan, ChatSettings, Craft, LocalSettings, ScriptedResponder
from soundstage.endpoint._dictation import Dictation
from soundstage.endpoint._gguf import GgufMind, _load
from soundstage.endpoint._mind import MindFailed
from soundstage.endpoint._minds import mind_for, responder_for
from soundstage.errors import EngineMissing, RunInvalid
from soundstage.realtime import FunctionCall, Reply
from soundstage.seeds import Seeds

CHAT = {"url": "http://127.0.0.1:1/v1", "model": "m"}


def line(mind: DummyMind, *heard: str, at_once: bool = True, **local: Any) -> Line:
    settings = LocalSettings.model_validate({"chat": CHAT, **local})
    return Line({}, heard=heard, at_once=at_once, responder=ScriptedResponder(settings, mind))


def test_an_echo_says_what_it_heard():
    call = Line({"echo": True, "lines": ["Say something."]}, heard=("Hello echo.",))
    call.prompt()
    call.tick(count=20)
    call.speak()
    call.tick(count=20)
    assert call.said() == ["Say something.", "Hello echo."]


def test_rules_and_lines_go_before_the_model_and_otherwise_after_it():
    mind = DummyMind(["I think so."])
    local = {"rules": [{"heard": "time", "say": "Noon."}], "lines": ["One."], "otherwise": "Hm."}
    call = line(mind, "What time is it?", "Well?", "Really?", **local)
    for _ in range(3):
        call.speak()
        call.tick(count=20)
    assert call.said() == ["Noon.", "One.", "I think so."]
    assert [item.said for item in mind.asked[0].conversation][-1] == "Really?"


def test_a_model_is_heard_while_it_still_thinks():
    mind = DummyMind(["It rains. ", "Take ", "a coat."])
    call = line(mind, at_once=False)
    call.prompt()
    call.workshop.do_next()
    call.workshop.do_next()
    assert call.last("response.output_audio_transcript.delta")
    assert Craft.SYNTHESISE in call.workshop.waiting
    assert Craft.CHAT in call.workshop.waiting
    assert not call.responses()
    while call.workshop.waiting:
        call.workshop.do_next()
    call.tick(count=30)
    assert call.said() == ["It rains. Take a coat."]


def test_a_model_calls_the_tools_of_the_session():
    mind = DummyMind(["Let me see.", Reply(None, (FunctionCall("weather", '{"city": "Rome"}'),))])
    call = line(mind)
    call.send("session.update", session={"type": "realtime", "tools": [WEATHER]})
    call.prompt()
    call.tick(count=20)
    output = call.responses()[0]["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]
    assert output[1]["arguments"] == '{"city": "Rome"}'
    assert mind.asked[0].tools[0]["name"] == "weather"


def test_a_model_that_fails_fails_the_response_and_the_next_one_works():
    mind = DummyMind([MindFailed("it is busy", "rate_limit_exceeded")], ["Fine."])
    call = line(mind)
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
    mind = DummyMind(["It rains. ", "Take ", "a coat."])
    call = line(mind, at_once=False)
    call.prompt()
    call.workshop.do_next()
    call.workshop.do_next()
    call.send("response.cancel")
    assert mind.closed == 1
    assert call.workshop.waiting == []


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
    with pytest.raises(RunInvalid, match="SOUNDSTAGE_TEST_KEY, which is not set"):
        mind_for(settings, None)
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-1")
    with DummyChatServer(words("Hi.")).serving() as server:
        moved = settings.model_copy(update={"url": server.url})
        mind = mind_for(moved, None)
        assert mind is not None
        Dictation(mind, ask()).next_piece()
    assert server.keys == ["Bearer sk-1"]


class DummyLlama(types.ModuleType):
    """What `xllamacpp` has of it that is used, with an answer of its own."""

    __version__ = "1"

    def __init__(self, chunks: list[Any]) -> None:
        super().__init__("xllamacpp")
        self.chunks = chunks
        self.requests: list[Any] = []
        self.taken = 0

    def CommonParams(self) -> Any:  # noqa: N802 - the library's name
        named = types.SimpleNamespace
        return named(model=named(path=""), cpuparams=named(n_threads=0))

    def Server(self, parameters: Any) -> DummyLlama:  # noqa: N802 - likewise
        self.parameters = parameters
        return self

    def handle_chat_completions(self, body: Any, take: Any) -> None:
        self.requests.append(body)
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            self.taken += 1
            if take(chunk):
                return


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Makes a mind of a file, with a double in place of llama.cpp."""

    def make(*chunks: Any) -> tuple[GgufMind, DummyLlama]:
        path = tmp_path / "small.gguf"
        path.write_bytes(b"GGUF" * 100)
        llama = DummyLlama(list(chunks))
        monkeypatch.setitem(sys.modules, "xllamacpp", llama)
        return GgufMind(ChatSettings.model_validate({"gguf": str(path)})), llama

    _load.cache_clear()
    yield make
    _load.cache_clear()


def test_a_model_in_a_file_answers_piece_by_piece(model):
    mind, llama = model(*words("It rains. Bye."))
    dictation = Dictation(mind, ask())
    assert dictation.next_piece() == "It rains."
    assert dictation.next_piece() == Reply(" Bye.")
    assert llama.parameters.model.path.endswith("small.gguf")
    assert llama.requests[0]["max_tokens"] == 512


def test_a_model_in_a_file_is_stopped_when_its_answer_is_not_wanted(model):
    mind, llama = model(*[delta(f"Sentence {n}. ") for n in range(100_000)])
    dictation = Dictation(mind, ask())
    dictation.next_piece()
    dictation.close()
    assert llama.taken < 100_000


def test_a_model_in_a_file_that_fails_says_so(model):
    mind, _ = model(ValueError("the context is full"))
    with pytest.raises(MindFailed, match=r"small\.gguf failed: the context is full"):
        Dictation(mind, ask()).next_piece()


def test_a_model_in_a_file_is_known_by_what_is_in_it(model):
    mind, _ = model()
    assert mind.key(ask()) == mind.key(ask())
    assert mind.key(ask()) != mind.key(ask(heard="", instructions="Other."))


def test_without_the_library_a_model_in_a_file_cannot_be_had(tmp_path, monkeypatch):
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    settings = ChatSettings.model_validate({"gguf": str(tmp_path / "small.gguf")})
    with pytest.raises(EngineMissing, match=r"soundstage\[gguf\]"):
        mind_for(settings, None)
