"""What an engine raises, or gives that is none, is the engine's fault, and says what it was."""

from __future__ import annotations

import math

import pytest

from soundstage.errors import EngineFailed
from soundstage.speech import Recognition, SpeechPart, WordTiming
from soundstage.speech.checked.checked_engines import (
    CheckedRecognizer,
    CheckedSynthesizer,
    CheckedVoiceActivityEngine,
)

PART = SpeechPart(bytes(960), (WordTiming("yes", 0, 480),), "yes")


class Odd:
    """Any engine: it gives, or raises, what it was made with."""

    name, version, fingerprint = "odd", "1", "0" * 64
    voices = ("ash",)

    def __init__(self, *given):
        self.given = given

    def _give(self):
        (one,) = self.given
        if isinstance(one, BaseException):
            raise one
        return one

    def synthesize(self, text, voice, speed=1.0):
        for one in self.given:
            if isinstance(one, BaseException):
                raise one
            yield one

    def recognize(self, pcm):
        return self._give()

    def open(self):
        return self

    def hear(self, pcm):
        return self._give()

    lag = 0
    at_start = True


def said(*given, text="yes", voice="ash", speed=1.0):
    return list(CheckedSynthesizer(Odd(*given)).synthesize(text, voice, speed))


RAISED = [LookupError("no"), ValueError("no"), SystemExit(1), GeneratorExit(), RecursionError()]


@pytest.mark.parametrize("error", RAISED, ids=repr)
def test_what_an_engine_raises_is_told_with_its_name(error):
    for attempt in (
        lambda: said(PART, error),
        lambda: CheckedRecognizer(Odd(error)).recognize(b""),
        lambda: CheckedVoiceActivityEngine(Odd(error)).open().hear(b""),
    ):
        with pytest.raises(EngineFailed, match="the engine odd raised") as caught:
            attempt()
        assert caught.value.__cause__ is error


def test_a_voice_or_a_pace_that_an_engine_lacks_is_refused_as_its_protocol_says():
    with pytest.raises(ValueError, match="no voice"):
        said(ValueError("no voice"), voice="nobody")
    with pytest.raises(ValueError, match="too fast"):
        said(ValueError("too fast"), speed=9.0)


@pytest.mark.parametrize(
    "part",
    [
        7,
        "yes",
        SpeechPart(b"odd", (), "yes"),
        SpeechPart("yes", (), "yes"),
        SpeechPart(b"", ["yes"], "yes"),
        SpeechPart(b"", ("yes",), "yes"),
    ],
)
def test_what_is_no_part_of_speech_is_refused(part):
    with pytest.raises(EngineFailed, match="the engine odd gave"):
        said(part)


@pytest.mark.parametrize("found", [None, "yes", Recognition(b"yes", 0.0, 0.0)])
def test_what_is_no_recognition_is_refused(found):
    with pytest.raises(EngineFailed, match="no recognition"):
        CheckedRecognizer(Odd(found)).recognize(b"")


@pytest.mark.parametrize("found", [None, "0.5", math.nan, math.inf, -0.1, 1.1])
def test_what_is_no_probability_is_refused(found):
    with pytest.raises(EngineFailed, match="no probability"):
        CheckedVoiceActivityEngine(Odd(found)).open().hear(b"")


def test_speech_without_an_end_is_ended():
    second = SpeechPart(bytes(48_000), (), "on")
    endless = CheckedSynthesizer(Odd(*[second] * 1000)).synthesize("yes", "ash")
    assert [next(endless) for _ in range(66)] == [second] * 66
    with pytest.raises(EngineFailed, match="more than 66 s of speech for 3 characters"):
        next(endless)


def test_what_is_right_comes_through():
    assert said(PART, PART) == [PART, PART]
    recognition = Recognition("yes", 0.1, -0.2)
    assert CheckedRecognizer(Odd(recognition)).recognize(b"") is recognition
    assert CheckedVoiceActivityEngine(Odd(0.5)).open().hear(b"") == 0.5
