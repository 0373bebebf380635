"""What is written is said by the voices and heard by the recogniser: figures come back."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest

from soundstage.config.values import Phrase
from soundstage.speech.stt_whisper import WhisperRecognizer
from soundstage.speech.tts_hibari import HibariSynthesizer
from soundstage.spoken_form._word_errors import _distance

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

VOICES = ("alloy", "ash", "coral", "echo")


@cache
def engines():
    return HibariSynthesizer(), WhisperRecognizer()


def heard(text, voice):
    voices, ears = engines()
    return ears.recognize(b"".join(part.pcm for part in voices.synthesize(text, voice))).text


def codes():
    """Codes, telephone numbers and accounts as people write them, in groups."""
    stream = random.Random(7)
    shapes = [
        "####",
        "#####",
        "######",
        "### ####",
        "###-###-####",
        "##### ######",
        "#### #### ####",
    ]
    for nth in range(70):
        shape = shapes[nth % len(shapes)]
        figures = "".join(str(stream.randrange(10)) if c == "#" else c for c in shape)
        yield f"0{figures[1:]}" if "-" not in shape and len(shape) < 6 else figures


def test_figures_and_whole_codes_come_back_through_sound():
    right, total, whole, count = 0, 0, 0, 0
    letters = Counter()
    phrase = Phrase("number is {n:number}")
    for code in codes():
        for voice in VOICES:
            text = heard(f"My number is {code}.", voice)
            wanted = "".join(c for c in code if c.isdigit())
            found = (phrase.match(text) or {}).get("n", "")
            total += len(wanted)
            right += max(0, len(wanted) - _distance(wanted, found))
            whole += found == wanted
            count += 1
            if found != wanted:
                letters[f"{voice}: {code} -> {text}"] += 1
    print(f"figures {right / total:.2%} of {total}, whole codes {whole / count:.2%} of {count}")
    for miss in letters:
        print(" ", miss)
    assert right / total >= 0.98
    assert whole / count >= 0.90


def test_spelled_letters_are_reported_per_letter():
    hits = Counter()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for voice in VOICES:
            text = heard(f"The code is {letter}, seven, {letter}, two.", voice)
            found = Phrase("code is {c:spelled}").match(text)
            hits[letter] += found is not None and found["c"].count(letter) == 2
    print("letters heard in both places, of 4 voices:", dict(hits))
    assert sum(hits.values()) > 0
