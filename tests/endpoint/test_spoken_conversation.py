"""Words go in as sound and come out as sound: the real engines, with time moved by hand."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from dummy_executor import DummyExecutorAtOnce, DummyTimers

from soundstage.audio import FrameCutter
from soundstage.config.values import word_error_rate
from soundstage.endpoint import CallPlan, EndpointSession, LocalSettings, ScriptedResponder
from soundstage.seeds import Seeds
from soundstage.speech import Engines
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from typing import Any

WEATHER = {
    "rules": [
        {
            "heard": "weather in {city}",
            "say": "In {city} it is raining. Take an umbrella with you.",
        },
        {"heard": "{number:number} days", "say": "Then take {number} umbrellas."},
    ],
    "lines": ["Good morning. Which city are you asking about?"],
}
SESSION = {
    "type": "realtime",
    "audio": {
        "input": {
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            "transcription": {"model": "whisper-1"},
        },
        "output": {"voice": "shimmer"},
    },
}


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines()


class Line:
    """A caller who speaks with one voice and writes down what the session says."""

    def __init__(self, engines: Engines) -> None:
        settings = LocalSettings.model_validate(WEATHER)
        self.engines = engines
        self.timers = DummyTimers()
        self.events: list[dict[str, Any]] = []
        self.now = 0
        self.session = EndpointSession(
            CallPlan(local=settings, stream=partial(Seeds(1).stream, "bob")),
            responder=ScriptedResponder(settings),
            engines=engines,
            host=DummyExecutorAtOnce(self.timers).host,
            send=lambda event: self.events.append(json.loads(event)),
            session=SESSION,
        )
        self.session.open()

    def ask(self, text: str) -> str:
        """Say something; the words of the answer, as another recogniser hears them."""
        cutter = FrameCutter()
        frames = []
        for part in self.engines.synthesizer.synthesize(text, "ash"):
            frames += cutter.push(part.pcm)
        self._exchange([*frames, *cutter.flush()])
        return self.engines.recognizer.recognize(self.listen()).text

    def listen(self) -> bytes:
        """Be silent until the session has said what it has to say."""
        answers = self._count("output_audio_buffer.stopped")
        heard = b""
        for _ in range(1000):
            heard += self._exchange([SILENCE])
            if self._count("output_audio_buffer.stopped") > answers:
                return heard
        raise AssertionError("the session says nothing")

    def _count(self, kind: str) -> int:
        return sum(event["type"] == kind for event in self.events)

    def transcripts(self) -> list[str]:
        kind = "conversation.item.input_audio_transcription.completed"
        return [event["transcript"] for event in self.events if event["type"] == kind]

    def _exchange(self, frames: list[bytes]) -> bytes:
        played = b""
        for frame in frames:
            self.timers.move_to(self.now)
            self.session.on_frame(frame)
            played += self.session.on_tick(self.now)
            self.now += FRAME_SAMPLES
        return played


def test_what_is_asked_in_speech_is_answered_in_speech(engines: Engines) -> None:
    line = Line(engines)
    asked = ["Hello, is anybody there?", "What is the weather in Dublin?", "I stay for three days."]
    answers = [line.ask(text) for text in asked]
    said = [
        "Good morning. Which city are you asking about?",
        "In Dublin it is raining. Take an umbrella with you.",
        "Then take 3 umbrellas.",
    ]
    assert word_error_rate(" ".join(asked), " ".join(line.transcripts())) <= 0.05
    assert word_error_rate(" ".join(said), " ".join(answers)) <= 0.05


def test_the_same_conversation_is_the_same_to_the_byte(engines: Engines) -> None:
    first, again = Line(engines), Line(engines)
    heard = [line.ask("What is the weather in Oslo?") for line in (first, again)]
    assert heard[0] == heard[1]
    assert first.events == again.events
