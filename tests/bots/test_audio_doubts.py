"""Raw audio that is not what the scenario says of it."""

import io
import wave

import numpy as np
import pytest

from soundstage.bots import BotTarget, WireFormat
from soundstage.bots.audio_doubts import doubt_about
from soundstage.bots.raw_websocket import RawDialect

FORM = WireFormat("pcm16", 16_000)
CHANCE = np.random.RandomState(7)
VOICE = np.sin(np.arange(4000) / 12) + CHANCE.normal(0, 0.05, 4000)


def pcm(samples, level=9000):
    return (samples * level).clip(-32768, 32767).astype("<i2").tobytes()


def wav():
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(16_000)
        writing.writeframes(pcm(VOICE))
    return file.getvalue()


@pytest.mark.parametrize(
    ("audio", "told"),
    [
        (wav(), "WAV file"),
        (pcm(np.repeat(VOICE, 2)), "has each sample twice"),
        (pcm(np.repeat(np.sin(np.arange(320) * np.pi * 660 / 16_000), 2)), "has each sample twice"),
        ((VOICE / 3).astype("<f4").tobytes(), "32-bit floats"),
    ],
)
def test_audio_of_another_form_is_doubted(audio, told):
    assert told in doubt_about(audio, FORM)


@pytest.mark.parametrize(
    "audio",
    [
        *(pcm(VOICE, level) for level in (3, 100, 9000, 32_000)),
        pcm(np.abs(VOICE), 12_000),
        pcm(np.sign(np.sin(np.arange(4000) / 25))),
        bytes(4000),
        b"\1\0" * 4000,
        pcm(CHANCE.normal(0, 1, 4000)),
        pcm(np.repeat(VOICE, 2))[:100],
        b"",
    ],
)
def test_audio_as_it_should_be_is_not_doubted(audio):
    assert doubt_about(audio, FORM) == ""


def test_a_call_is_warned_of_it_once():
    warned, heard = [], []

    class Line:
        warn = warned.append
        audio = heard.append

    dialect = RawDialect(BotTarget(form=FORM), Line())
    for _ in range(3):
        dialect.receive(wav())
    assert len(heard) == 3
    assert warned == [
        f"the bot's audio {doubt_about(wav(), FORM)}",
    ]
