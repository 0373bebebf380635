"""A language model in a file, with a double in place of llama.cpp."""

from __future__ import annotations

import sys
import threading
import types
from typing import Any

import pytest
from dummy_chat_server import delta, words
from dummy_requests import ask

from soundstage.endpoint import ChatSettings
from soundstage.endpoint.job_runner import NotWanted
from soundstage.endpoint.replies import StreamedReply
from soundstage.endpoint.replies.gguf import GgufModel, _loaded
from soundstage.endpoint.replies.responders import language_model_for
from soundstage.errors import EngineMissing, LanguageModelFailed
from soundstage.realtime import Reply


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
    """Makes a language model of a file, with a double in place of llama.cpp."""

    def make(*chunks: Any) -> tuple[GgufModel, DummyLlama]:
        path = tmp_path / "small.gguf"
        path.write_bytes(b"GGUF" * 100)
        llama = DummyLlama(list(chunks))
        monkeypatch.setitem(sys.modules, "xllamacpp", llama)
        return GgufModel(ChatSettings.model_validate({"gguf": str(path)})), llama

    _loaded.cache_clear()
    yield make
    _loaded.cache_clear()


def test_a_model_in_a_file_answers_piece_by_piece(model):
    llm, llama = model(*words("It rains. Bye."))
    sentences: list[str] = []
    assert StreamedReply(llm, ask()).write(sentences.append) == Reply(" Bye.")
    assert sentences == ["It rains."]
    assert llama.parameters.model.path.endswith("small.gguf")
    assert llama.requests[0]["max_tokens"] == 512


def test_a_model_in_a_file_is_stopped_when_its_answer_is_not_wanted(model):
    llm, llama = model(*[delta(f"Sentence {n}. ") for n in range(100_000)])

    def refuse(_: str) -> None:
        raise NotWanted

    with pytest.raises(NotWanted):
        StreamedReply(llm, ask()).write(refuse)
    assert llama.taken < 100


def test_a_model_in_a_file_that_writes_for_too_long_is_stopped(model, monkeypatch):
    llm, llama = model(*[delta(f"Sentence {n}. ") for n in range(1000)])
    monkeypatch.setattr(llm, "_within", -1)
    with pytest.raises(LanguageModelFailed, match="took longer than"):
        StreamedReply(llm, ask()).write(print)
    assert llama.taken == 1


def test_two_answers_that_begin_at_once_load_the_model_once(model):
    llm, llama = model(*words("It rains."))
    loaded, both = [], threading.Barrier(2)
    serve = llama.Server

    def slowly(parameters):
        loaded.append(parameters)
        threading.Event().wait(0.05)
        return serve(parameters)

    llama.Server = slowly

    def answer():
        both.wait(5)
        StreamedReply(llm, ask()).write(print)

    threads = [threading.Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 1


def test_a_model_in_a_file_that_fails_says_so(model):
    llm, _ = model(ValueError("the context is full"))
    with pytest.raises(LanguageModelFailed, match=r"small\.gguf failed: the context is full"):
        StreamedReply(llm, ask()).write(print)


def test_a_model_in_a_file_is_known_by_what_is_in_it(model):
    llm, _ = model()
    assert llm.key(ask()) == llm.key(ask())
    assert llm.key(ask()) != llm.key(ask(heard="", instructions="Other."))


def test_without_the_library_a_model_in_a_file_cannot_be_had(tmp_path, monkeypatch):
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    settings = ChatSettings.model_validate({"gguf": str(tmp_path / "small.gguf")})
    with pytest.raises(EngineMissing, match=r"soundstage\[gguf\]"):
        language_model_for(settings, None)
