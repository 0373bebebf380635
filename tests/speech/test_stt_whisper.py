from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from soundstage.config.values import normalize, word_error_rate
from soundstage.errors import WeightsMismatch
from soundstage.speech import identities, stt_whisper
from soundstage.speech.stt_whisper import has_loop
from soundstage.units import SAMPLE_RATE

SENTENCES = (
    "Hi Bob, it is so good to hear your voice again.",
    "I just got back from Dublin, and it rained the whole week.",
    "Could you tell me what the weather is like today?",
    "The train leaves at half past three from platform nine.",
    "I would like to book a table for four people on Friday evening.",
    "My order number is one two three four.",
    "That sounds wonderful, but I am afraid I have to work late.",
    "Please send the documents to the office in Berlin by Monday.",
    "Thank you very much for your help. Goodbye!",
    "Did you remember to water the plants while I was away?",
)
SHORT_TURNS = (
    *(
        "I will pay {price}.",
        "Yes.",
        "No, thanks.",
        "Order {n}.",
        "At {n} o'clock.",
        "Press A now, then B.",
    ),
    *(
        "{n} people, please.",
        "Bye, Alice.",
        "Is it {n}%?",
        "Okay.",
        "It costs {price}, right?",
        "Sure.",
    ),
    *("Room {n}.", "Goodbye.", "Wait."),
)
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")


def spoken(synthesizer, text, voice="alloy"):
    return b"".join(part.pcm for part in synthesizer.synthesize(text, voice))


@pytest.mark.parametrize("voice", VOICES)
def test_what_a_voice_says_is_what_is_recognised(synthesizer, recognizer, voice):
    errors = words = 0.0
    for sentence in SENTENCES:
        count = len(normalize(sentence))
        text = recognizer.recognize(spoken(synthesizer, sentence, voice)).text
        errors += word_error_rate(sentence, text) * count
        words += count
    assert errors / words <= 0.05


@pytest.mark.parametrize("voice", ["alloy", "echo"])
def test_a_single_word_is_not_repeated(synthesizer, recognizer, voice):
    for text in ("Yes.", "Hello.", "Goodbye."):
        heard = recognizer.recognize(spoken(synthesizer, text, voice)).text
        assert normalize(heard) == normalize(text)


def sounds():
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal(2 * SAMPLE_RATE)
    times = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    click = np.zeros(2 * SAMPLE_RATE)
    click[SAMPLE_RATE] = 1
    return [np.zeros(2 * SAMPLE_RATE), noise * 0.1, np.sin(2764 * times) * 0.3, click]


@pytest.mark.parametrize("sound", sounds(), ids=["silence", "noise", "tone", "click"])
def test_where_nothing_is_said_no_text_is_made_up(recognizer, sound):
    recognition = recognizer.recognize((sound * 32767).clip(-32768, 32767).astype("<i2").tobytes())
    assert recognition.text == ""
    assert recognition.no_speech > 0.6


@pytest.mark.parametrize("length", [0, 2, 100])
def test_next_to_no_sound_gives_no_text(recognizer, length):
    assert recognizer.recognize(bytes(length)).text == ""


def test_more_than_half_a_minute_is_recognised_whole(synthesizer, recognizer):
    text = " ".join(SENTENCES * 2)
    pcm = spoken(synthesizer, text, "echo")
    assert len(pcm) / 2 / SAMPLE_RATE > 45
    assert word_error_rate(text, recognizer.recognize(pcm).text) <= 0.05


def test_recognitions_in_several_threads_do_not_disturb_each_other(synthesizer, recognizer):
    pcms = [spoken(synthesizer, sentence) for sentence in SENTENCES[:4]] * 2
    alone = [recognizer.recognize(pcm) for pcm in pcms]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(recognizer.recognize, pcms)) == alone


def test_a_changed_model_is_not_used(tmp_path):
    for name in identities.WHISPER_WEIGHTS:
        (tmp_path / name).write_bytes(b"not this one")
    with pytest.raises(WeightsMismatch, match=r"model\.bin: expected SHA-256 1a5afae0"):
        stt_whisper.WhisperRecognizer(tmp_path)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(WeightsMismatch, match=r"model\.bin: .* found no such file; install"):
        stt_whisper.WhisperRecognizer(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "I will pay $ $ $",
        "My number is 07700 900123 900123 900123",
        "Press A now then B. Press A now then",
        "Yes. Yes. Yes.",
    ],
)
def test_a_text_that_ends_by_repeating_itself_is_looked_at_again(text):
    assert has_loop(text)


@pytest.mark.parametrize(
    "text", ["", "Yes.", "No, no.", "Bye bye Bob.", "I said that I said it.", "It is what it is."]
)
def test_a_text_that_goes_on_has_no_loop(text):
    assert not has_loop(text)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_300_short_turns_have_no_loop(recognizer, synthesizer):
    loops = []
    for nth in range(75):
        text = SHORT_TURNS[nth % len(SHORT_TURNS)].format(n=nth + 3, price=f"${nth + 2}.50")
        for voice in ("alloy", "ash", "coral", "echo"):
            pcm = b"".join(part.pcm for part in synthesizer.synthesize(text, voice))
            heard = recognizer.recognize(pcm).text
            if has_loop(heard) and not has_loop(text):
                loops.append((voice, text, heard))
    print(f"loops in 300 short turns: {len(loops)}")
    assert loops == []
