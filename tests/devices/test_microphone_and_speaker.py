"""The same promises on the double and, where there is one, on a real card with a loop in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from dummy_card import DummyCard

from soundstage.audio import as_array
from soundstage.devices import Microphone, PortAudioCard, Speaker
from soundstage.errors import DeviceMissing
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.devices import Card

TONE = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE))


def frames() -> list[bytes]:
    pcm = TONE.astype("<i2").tobytes()
    size = FRAME_SAMPLES * 2
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]


class LoopCard(DummyCard):
    """Records what it plays."""

    def turn(self, samples: int) -> None:
        before = len(self.air)
        super().turn(samples)
        self.said += self.air[before:]


def has_a_loop() -> bool:
    """Whether the default microphone hears the default speaker: a null sink and its monitor."""
    if shutil.which("pactl") is None:
        return False
    asked = subprocess.run(
        ["pactl", "info"], capture_output=True, text=True, timeout=5, check=False, env=os.environ
    )
    return any(
        line.startswith("Default Source:") and line.endswith(".monitor")
        for line in asked.stdout.splitlines()
    )


async def through(card: Card, turn: Callable[[], None] | None) -> np.ndarray:
    """The tone, played and recorded at the same time."""
    speaker, microphone = Speaker(card, choice=True), Microphone(card, choice=True)
    heard: list[bytes] = []
    try:
        clock, waiting = AsyncClock(), iter(frames())
        ticks = clock.ticks()
        for number in range(200):
            if turn is None:
                await anext(ticks)
            else:
                turn()
            frame = next(waiting, bytes(FRAME_SAMPLES * 2)) if number > 10 else bytes(960)
            speaker.play(frame)
            heard.append(microphone.take())
    finally:
        speaker.close()
        microphone.close()
    return as_array(b"".join(heard)).astype(np.float64)


def pitch_of(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum.argmax() * SAMPLE_RATE / len(sound))


@pytest.mark.parametrize("rate", [SAMPLE_RATE, 48_000, 44_100])
def test_a_tone_comes_back_at_its_pitch_and_level_from_the_double(rate: int) -> None:
    card = LoopCard(rate)
    check_tone(asyncio.run(through(card, lambda: card.turn(rate // 50))))


@pytest.mark.realtime
@pytest.mark.skipif(not has_a_loop(), reason="no PulseAudio null sink whose monitor is recorded")
def test_a_tone_comes_back_at_its_pitch_and_level_from_a_real_card() -> None:
    # ALSA's PulseAudio device now and then opens a stream that never calls, and a busy machine
    # leaves gaps: one time of five it must come through whole.
    for _ in range(4):
        with contextlib.suppress(AssertionError, IndexError):
            check_tone(asyncio.run(through(PortAudioCard(), None)))
            return
    check_tone(asyncio.run(through(PortAudioCard(), None)))


def check_tone(sound: np.ndarray) -> None:
    loud = np.flatnonzero(np.abs(sound) > 500)
    middle = sound[loud[0] + 4800 : loud[0] + 4800 + SAMPLE_RATE]
    assert abs(pitch_of(middle) - 440) < 2
    assert 0.7 < np.abs(middle).max() / 8000 < 1.1


def test_a_device_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(DeviceMissing):
        Microphone(DummyCard(), "no such thing")


def test_a_real_device_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(DeviceMissing):
        Microphone(PortAudioCard(), "no such thing at all")


def test_without_portaudio_it_is_said_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr("soundstage.devices.portaudio.import_module", missing)
    with pytest.raises(DeviceMissing, match="apt install libportaudio2"):
        PortAudioCard().devices()
