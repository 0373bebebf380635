"""What the recogniser costs, and how many words it gets wrong.

    python benchmarks/recognition.py [--voices NAME,...] [--sentences N]

Each sentence is said by each voice, and heard plainly, over a telephone line and with noise 15 dB
below it: the shipped effects. The table has the word error rate of each, texts that repeat
themselves, and the median CPU time of a recognition. Last comes the cost of a turn of about
three seconds. A change of the recogniser is measured by running this before and after it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from soundstage.audio.effects import PRESETS, Chain, EffectGiven, Link
from soundstage.config.values import normalize, word_error_rate
from soundstage.speech.stt_log_mel import log_mel
from soundstage.speech.stt_whisper import WhisperRecognizer, has_loop
from soundstage.speech.tts_hibari import HibariSynthesizer
from soundstage.units import FRAME_BYTES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCES: Final = (
    "I just got back from Dublin, and it rained the whole week.",
    "Could you tell me what the weather is like today?",
    "Good morning, this is the railway station. What can I do for you?",
    "Thank you very much. Which platform does it leave from?",
    "I would like to book a table for four people on Friday evening.",
    "That sounds wonderful, but I am afraid I have to work late.",
    "Hello Alice. It was quiet, I worked in the garden. Where have you been?",
    "Please send the documents to the office in Berlin by Monday.",
    "Yes.",
    "No, thanks.",
    "Goodbye.",
    "Two coffees, please.",
)
LINES: Final = ("plain", "phone", "cafe_noise")
BEFORE, AFTER = 12, 13
"""Frames of silence around a turn, as a session has it recognised."""

ROUNDS: Final = 5
MOST_ERRORS: Final = 0.05


def over(line: str, pcm: bytes) -> bytes:
    """A turn as it is heard over a line."""
    pcm += bytes(-len(pcm) % FRAME_BYTES)
    frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    frames = [*[SILENCE] * BEFORE, *frames, *[SILENCE] * AFTER]
    if line == "plain":
        return b"".join(frames)
    effect, settings = PRESETS[line]
    chain = Chain([Link(line, effect(settings, EffectGiven(random.Random(1), _no_sound)))])  # noqa: S311 - no secret
    carried = (chain.carry(np.frombuffer(frame, "<i2")) for frame in frames)
    return b"".join(row.clip(-32768, 32767).astype("<i2").tobytes() for row in carried)


def _no_sound(*_: object) -> None:
    raise AssertionError("these effects read no file")


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of this process, the engine's own threads included."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def measure_line(
    line: str, turns: dict[tuple[str, str], bytes], recognizer: WhisperRecognizer
) -> bool:
    """Print one row of the table; whether it is good enough."""
    errors, words, loops, costs = 0.0, 0, 0, list[float]()
    for (text, _), pcm in turns.items():
        heard = over(line, pcm)
        start = time.process_time()
        found = recognizer.recognize(heard).text
        costs.append((time.process_time() - start) * 1000)
        count = len(normalize(text))
        errors += word_error_rate(text, found) * count
        words += count
        loops += has_loop(found) and not has_loop(text)
    cost = statistics.median(costs)
    print(f"{line:12} {errors / words:7.1%} {loops:7} {cost:11.0f}", flush=True)
    return errors / words <= MOST_ERRORS and not loops


def main() -> None:
    """Measure every line, and then the parts of one recognition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", default="alloy,echo,ash,coral")
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    options = parser.parse_args()
    synthesizer, recognizer = HibariSynthesizer(), WhisperRecognizer()
    turns = {
        (text, voice): b"".join(part.pcm for part in synthesizer.synthesize(text, voice))
        for voice in cast("str", options.voices).split(",")
        for text in SENTENCES[: options.sentences]
    }
    print(f"{len(turns)} turns\n{'line':12} {'errors':>7} {'loops':>7} {'CPU, ms':>11}")
    good = [measure_line(line, turns, recognizer) for line in LINES]
    _, turn = min(turns.items(), key=lambda each: abs(len(each[1]) - 3 * 48_000))
    heard = over("plain", turn)
    whole = statistics.median(cpu_ms(lambda: recognizer.recognize(heard)) for _ in range(ROUNDS))
    samples = np.zeros(len(heard) // 3, np.float32)
    spectrogram = statistics.median(cpu_ms(lambda: log_mel(samples)) for _ in range(ROUNDS))
    print(
        f"a turn of {len(heard) / 48_000:.1f} s: {whole:.0f} ms, its spectrogram {spectrogram:.0f}"
    )
    if not all(good):
        sys.exit(f"more than {MOST_ERRORS:.0%} of the words are wrong, or a text repeats itself")


if __name__ == "__main__":
    main()
