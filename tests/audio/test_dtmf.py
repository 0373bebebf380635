"""Keys of telephones: made, sent over bad lines, and found again; and not found in other sound."""

from __future__ import annotations

import random
import re
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from soundstage.audio import (
    KEYS,
    DtmfDetector,
    FrameCutter,
    KeyTones,
    to_float,
    to_pcm,
    tone_of,
    tones_of,
)
from soundstage.audio.dtmf_tones import HIGH_GROUP, KEYPAD, LOW_GROUP, PAUSE, TONE
from soundstage.audio.effects import Effect, EffectGiven, Loss, Noise, Telephone
from soundstage.speech import Engines
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, SILENCE
from soundstage.webrtc.opus import OpusDecoder, OpusEncoder

MS = SAMPLE_RATE // 1000
LINES = {
    "clean": [],
    "phone": [(Telephone, {"kind": "telephone"})],
    "noise": [(Noise, {"kind": "noise", "source": "pink", "snr": "15dB"})],
    "loss": [(Loss, {"kind": "loss", "rate": "5%"})],
}


def line(name: str, seed: int) -> list[Effect]:
    def no_file(*_: object) -> object:
        raise AssertionError("no line here opens a file")

    return [
        kind(
            kind.Settings.model_validate(table),
            EffectGiven(random.Random(f"{seed}{name}"), no_file),
        )
        for kind, table in LINES[name]
    ]


def found(pcm: bytes, effects: list[Effect] | None = None) -> list[tuple[str, int]]:
    """Key and millisecond of each press that is found."""
    detector, cutter = DtmfDetector(), FrameCutter()
    presses = []
    for place, frame in enumerate([*cutter.push(pcm), *cutter.flush(), *[SILENCE] * 10]):
        sound = to_float(frame)
        for effect in effects or ():
            sound = effect.apply(sound)
        sent = to_pcm(sound) if effects else frame
        presses += detector.push(place * FRAME_SAMPLES, sent)
    return [(press.key, round(press.pts / MS)) for press in presses]


def keys(pcm: bytes, effects: list[Effect] | None = None) -> str:
    return "".join(key for key, _ in found(pcm, effects))


def both(
    low: float, high: float, ms: int, low_level: float = 0.2, high_level: float = 0.2
) -> bytes:
    turns = 2 * np.pi * np.arange(ms * MS) / SAMPLE_RATE
    return to_pcm(
        (low_level * np.sin(low * turns) + high_level * np.sin(high * turns)).astype(np.float32)
    )


def quiet(ms: int) -> bytes:
    return bytes(2 * ms * MS)


def detected(name: str, seed: int) -> int:
    """How many of the sixteen keys are found, each once and where it was pressed."""
    order = sorted(KEYS)
    random.Random(seed).shuffle(order)
    lead = random.Random(seed).randrange(20, 500)
    presses = found(quiet(lead) + tones_of("".join(order)), line(name, seed))
    step = (TONE + PAUSE) // MS
    right = 0
    for place, key in enumerate(order):
        start = lead + place * step
        # A telephone line is 15 ms late.
        near = [each for each, at in presses if start - 20 <= at < start + step - 20]
        right += near == [key]
    return right


def test_every_key_sounds_as_its_two_tones():
    for row, low in zip(KEYPAD, LOW_GROUP, strict=True):
        for key, high in zip(row, HIGH_GROUP, strict=True):
            sound = to_float(tone_of(key, SAMPLE_RATE))
            spectrum = np.abs(np.fft.rfft(sound))
            loudest = sorted(np.argsort(spectrum)[-2:].tolist())
            assert loudest == [low, high]
            twist = 20 * np.log10(spectrum[high] / spectrum[low])
            assert twist == pytest.approx(2, abs=0.1)
            assert np.abs(sound).max() < 0.65


def test_what_is_no_key_makes_no_tone():
    for wrong in ("E", "", "12"):
        with pytest.raises(KeyError):
            tone_of(wrong)


def test_pressed_keys_sound_one_after_the_other_and_are_found_again():
    tones = KeyTones()
    tones.press("55#")
    tones.press("0")
    frames = []
    while (frame := tones.take()) is not None:
        frames.append(frame)
    assert len(frames) == 4 * (TONE + PAUSE) // FRAME_SAMPLES
    assert keys(b"".join(frames)) == "55#0"


@pytest.mark.parametrize("name", LINES)
def test_keys_are_found_on_every_line(name: str):
    assert sum(detected(name, seed) for seed in range(2)) == 2 * len(KEYS)


@pytest.mark.prove
@pytest.mark.parametrize("name", LINES)
def test_of_sixteen_keys_and_twenty_seeds_99_percent_are_found(name: str):
    right = sum(detected(name, seed) for seed in range(20))
    assert right / (20 * len(KEYS)) >= 0.99


def test_keys_are_found_after_opus():
    encoder, decoder, cutter = OpusEncoder(), OpusDecoder(), FrameCutter()
    pressed = "".join(sorted(KEYS))
    sent = [*cutter.push(tones_of(pressed)), *cutter.flush()]
    heard = [pcm for frame in sent for pcm in decoder.decode(encoder.encode(frame))]
    assert keys(b"".join(heard)) == pressed


@pytest.mark.parametrize("key", "1590*#AD")
def test_a_tone_of_40_ms_is_taken_and_one_of_23_ms_is_not(key: str):
    for begin in range(30, 40):  # wherever the windows lie
        assert keys(quiet(begin) + tone_of(key, 40 * MS) + quiet(60)) == key
        assert keys(quiet(begin) + tone_of(key, 23 * MS) + quiet(60)) == ""


def test_a_pause_of_40_ms_parts_two_keys_and_a_gap_of_20_ms_parts_none():
    tone = tone_of("5", 60 * MS)
    for begin in range(10):  # wherever the windows lie
        assert keys(quiet(begin) + tone + quiet(40) + tone) == "55"
        assert keys(quiet(begin) + tone + quiet(20) + tone) == "5"


@pytest.mark.parametrize("off", [-1.5, 1.5])
def test_tones_a_little_beside_their_place_are_taken(off: float):
    factor = 1 + off / 100
    for low in LOW_GROUP:
        for high in HIGH_GROUP:
            assert len(keys(both(low * factor, high * factor, 100))) == 1


@pytest.mark.parametrize("off", [-3.5, 3.5])
def test_tones_far_beside_their_place_are_not(off: float):
    factor = 1 + off / 100
    for low, high in zip(LOW_GROUP, HIGH_GROUP, strict=True):
        assert keys(both(low * factor, high * factor, 100)) == ""


def test_twist_is_taken_within_its_limits():
    assert keys(both(770, 1336, 100, 0.2, 0.2 * 10 ** (4 / 20))) == "5"
    assert keys(both(770, 1336, 100, 0.2, 0.2 * 10 ** (-8 / 20))) == "5"
    assert keys(both(770, 1336, 100, 0.2, 0.2 * 10 ** (9 / 20))) == ""
    assert keys(both(770, 1336, 100, 0.2, 0.2 * 10 ** (-12 / 20))) == ""


def test_one_tone_alone_and_a_third_tone_beside_make_no_key():
    assert keys(both(770, 1336, 100, 0.2, 0.0)) == ""
    third = to_float(both(1209, 2000, 100, 0.2, 0.2))
    assert keys(to_pcm(to_float(both(770, 1336, 100)) + third)) == ""


# What is no key: speech and music.

TEXTS = (
    "Good morning, this is the kettle shop. What is the number of your order?",
    "Four one five, five five two, six seven one oh. Press one for sales, or nine to go back.",
    "Ooh, you do not say so! Really? Who would have thought of that, hmm.",
    "The next train to London leaves at half past nine from platform three.",
)


def music(seed: int, seconds: int) -> bytes:
    """Chords and a melody of instruments with few or many partials, and some pure tones."""
    stream = np.random.Generator(np.random.PCG64(seed))
    sound = np.zeros(seconds * SAMPLE_RATE, np.float32)
    for partials in (1, 2, 4, 8):
        place = 0
        while place < len(sound):
            length = int(stream.integers(SAMPLE_RATE // 10, SAMPLE_RATE))
            turns = 2 * np.pi * np.arange(min(length, len(sound) - place)) / SAMPLE_RATE
            for note in stream.integers(45, 96, int(stream.integers(1, 4))):
                pitch = 440 * 2 ** ((note - 69) / 12)
                decay = np.exp(-turns * stream.uniform(0.05, 0.6))
                for partial in range(1, partials + 1):
                    wave = np.sin(partial * pitch * turns) * decay
                    sound[place : place + len(turns)] += (0.04 / partial * wave).astype(np.float32)
            place += length
    return to_pcm(sound)


def speech(text: str, voice: str) -> bytes:
    synthesizer = Engines().synthesizer
    return b"".join(part.pcm for part in synthesizer.synthesize(text, voice))


def test_a_little_speech_and_music_has_no_keys():
    assert keys(speech(TEXTS[1], "coral") + speech(TEXTS[2], "ash")) == ""
    assert keys(music(1, 30)) == ""


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_sixty_minutes_of_music_have_no_keys():
    assert [(seed, hit) for seed in range(60) if (hit := keys(music(seed, 60)))] == []


DOCS: Final = Path(__file__).parents[2] / "docs"
MARKUP: Final = re.compile(
    r"```.*?```|^[|#].*?$|^\s*[-*] |\[([^]]*)\]\([^)]*\)|[`*]", re.DOTALL | re.MULTILINE
)


def sentences() -> list[str]:
    """Some thousand sentences that people have written: those of the documentation."""
    pages = (MARKUP.sub(r"\1", page.read_text("utf-8")) for page in sorted(DOCS.glob("*.md")))
    found = [each for page in pages for each in re.split(r"(?<=[.?!:])\s+", " ".join(page.split()))]
    return [each for each in found if 4 <= len(each.split()) <= 40]


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_sixty_minutes_of_speech_have_no_keys():
    """Each sentence once, by another voice and at another pace, clean and over a telephone."""
    synthesizer = Engines().synthesizer
    stream = random.Random(1)
    texts = sentences()
    stream.shuffle(texts)
    seconds, spoken, hits = 0.0, 0, []
    phone = line("phone", 1)
    for text, voice in zip(texts, cycle(synthesizer.voices), strict=False):
        pace = stream.uniform(0.7, 1.5)
        parts = synthesizer.synthesize(text, voice, pace)
        pcm = to_pcm(to_float(b"".join(part.pcm for part in parts)) * stream.uniform(0.3, 1.0))
        seconds += len(pcm) / 2 / SAMPLE_RATE
        spoken += 1
        hits += [(voice, pace, text, hit) for hit in (keys(pcm), keys(pcm, phone)) if hit]
        if seconds >= 3600:
            break
    print(f"{seconds / 60:.1f} minutes, {spoken} sentences, {len(synthesizer.voices)} voices")
    assert seconds >= 3600
    assert hits == []
