"""Every program in `examples/` is run against the local endpoint, with real speech."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import wave
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soundstage.endpoint import CallPlan, EndpointServer, load_behaviour
from soundstage.kernel import Portal
from soundstage.seeds import Seeds
from soundstage.speech import Engines
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.realtime

EXAMPLES = Path(__file__).parents[2] / "examples"
ANSWERS = load_behaviour(EXAMPLES / "endpoint.toml").default.local
WITHIN = samples_of_seconds(30)


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines()


@pytest.fixture(scope="module")
def url(engines: Engines) -> Iterator[str]:
    seeds = Seeds(1)
    portal = Portal()
    server = EndpointServer(
        lambda names: CallPlan(local=ANSWERS, stream=partial(seeds.stream, "stranger")),
        engines=engines,
    )
    yield portal.run(server.start, within=WITHIN)
    portal.run(server.close, within=WITHIN)
    portal.close()


@pytest.fixture
def run(url: str) -> Callable[..., str]:
    def run(program: str, *arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, EXAMPLES / program, *arguments],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            env={**os.environ, "REALTIME_URL": url},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_first_words(run: Callable[..., str]) -> None:
    assert run("first_words.py").startswith("Hello there, it is good to hear you")


def test_first_words_take_less_than_fifteen_lines() -> None:
    module = ast.parse((EXAMPLES / "first_words.py").read_text())
    [main] = [node for node in module.body if isinstance(node, ast.AsyncFunctionDef)]
    assert main.end_lineno is not None
    assert main.end_lineno - main.lineno + 1 < 15


def test_a_question_is_said_and_its_answer_kept(
    run: Callable[..., str], engines: Engines, tmp_path: Path
) -> None:
    question, answer = tmp_path / "question.wav", tmp_path / "answer.wav"
    with wave.open(str(question), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        for part in engines.synthesizer.synthesize("Hello, what is your name?", "ash"):
            file.writeframes(part.pcm)
    printed = run("speak_and_listen.py", question, answer)
    assert printed.splitlines() == ["ME Hello, what is your name?", "AI My name is Shimmer."]
    with wave.open(str(answer)) as file:
        heard = engines.recognizer.recognize(file.readframes(file.getnframes())).text
    assert "my name is" in heard.lower()


def test_functions_are_called(run: Callable[..., str]) -> None:
    assert run("functions.py").splitlines() == [
        'calls get_weather({"location": "Dublin"})',
        "It is raining, 7 degrees.",
    ]


def test_settings_are_changed(run: Callable[..., str]) -> None:
    assert run("session_settings.py").splitlines() == [
        "instructions: Answer in one sentence.",
        "voice: shimmer",
        "eagerness: high",
        "refused: session.max_output_tokens",
    ]


def test_a_reply_is_cancelled(run: Callable[..., str]) -> None:
    assert run("cancel_a_reply.py").splitlines() == ["cut", "hung up: True"]


def test_an_ephemeral_key_is_made_and_used(run: Callable[..., str]) -> None:
    assert run("ephemeral_key.py").splitlines() == [
        "a key, shown as ********",
        "opened gpt-realtime-2.1",
    ]


def test_a_dropped_call_is_followed_by_another(run: Callable[..., str]) -> None:
    assert run("reconnect.py").splitlines()[-1] == "dropped and up again: True"


def test_every_program_is_listed_and_tested() -> None:
    listed = (EXAMPLES / "README.md").read_text()
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    for path in EXAMPLES.glob("*.py"):
        assert f"`{path.name}`" in listed
        assert path.stem in tests


def test_a_program_with_arguments_says_which():
    program = [sys.executable, str(EXAMPLES / "speak_and_listen.py")]
    helped = subprocess.run(
        [*program, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert helped.returncode == 0, helped.stderr
    assert "question" in helped.stdout
    wrong = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert wrong.returncode == 2
    assert "the following arguments are required: question, answer" in wrong.stderr
