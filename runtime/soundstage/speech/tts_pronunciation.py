"""How words are pronounced, by grapheme-to-phoneme rules, and when each is said."""

from __future__ import annotations

import json
import re
import unicodedata
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

from hibari import tts as hibari_tts  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none
from hibari.g2p import G2P, normalize  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # likewise
from hibari.g2p.oov import OOV  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # likewise
from msgspec import Struct

from soundstage.speech.onnx_model import open_session
from soundstage.speech.tts_text import blocks
from soundstage.spoken_form import read_aloud

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.speech.tts_text import Piece

Span: TypeAlias = tuple[float, float]
"""Where something begins and ends."""

_EDGE: Final = 0
_LONGEST_WORD: Final = 40
_ENDLESS: Final = re.compile(rf"(\w{{{_LONGEST_WORD}}})\w+")
_PUNCTUATION: Final = frozenset(' ;:,.!?\u2014\u2026"()\u201c\u201d')


class SpokenWord(Struct, frozen=True):
    """A word as it is read out.

    Attributes:
        text: what the pronunciation rules made of it: figures may have become several words.
        first: its first sound, as an index of `Phonemes.symbols`.
        last: one past its last sound; equal to `first` where there is no sound in it.
    """

    text: str
    first: int
    last: int


class Phonemes(Struct, frozen=True):
    """A piece of text as the model reads it.

    Attributes:
        symbols: phonemes and punctuation as numbers, an edge mark at both ends.
        words: in order.
        aloud: how each written word of the piece was read out: `007` as `zero zero seven`; empty
            for one that was read with the word before it.
    """

    symbols: tuple[int, ...]
    words: tuple[SpokenWord, ...]
    aloud: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it to be said."""
        return all(word.first == word.last for word in self.words)


class _Token(Protocol):
    text: str
    phonemes: str | None
    whitespace: str


class Phonemizer:
    """Finds the pronunciation of English text, numbers, dates and unknown words included.

    Args:
        assets: hibari's folder of models and word lists.
    """

    def __init__(self, assets: Path) -> None:
        unknown_words = OOV(str(assets / "oov.onnx"), session=open_session(assets / "oov.onnx"))
        self._rules = cast("Any", G2P)(oov=unknown_words)
        self._symbols: dict[str, int] = json.loads((assets / "vocab.json").read_text("utf-8"))

    def sentences(self, text: str) -> Sequence[str]:
        """The sentences of a text."""
        split = cast("Any", hibari_tts).Hibari.split_sentences
        return [each for block in blocks(text) for each in cast("list[str]", split(block))]

    def read(self, piece: Piece) -> Phonemes:
        """The piece as the model reads it."""
        # Figures and signs become words here: the model's own rules drop zeros and signs.
        aloud = tuple(read_aloud([_plain_figures(word) for word in piece.words]))
        text = _ENDLESS.sub(r"\1", " ".join(filter(None, aloud)))
        if not piece.closes and text[-1].isalnum():
            text += ","
        symbols = [_EDGE]
        words: list[SpokenWord] = []
        starts_word = True
        for token in self._tokens(text):
            if starts_word:
                words.append(SpokenWord("", len(symbols), len(symbols)))
            words[-1] = self._spell(token, words[-1], symbols)
            starts_word = bool(token.whitespace)
        if symbols[-1] == self._symbols[" "]:
            symbols.pop()
        return Phonemes((*symbols, _EDGE), tuple(words), aloud)

    def _tokens(self, text: str) -> list[_Token]:
        tokens = self._rules.tokenize(cast("Any", normalize)(text))
        return cast("list[_Token]", self._rules.phonemize_tokens(tokens))

    def _spell(self, token: _Token, word: SpokenWord, symbols: list[int]) -> SpokenWord:
        """Append the token's sounds; returns its word, grown by them."""
        first, last = word.first, word.last
        for sound in (token.phonemes or "") + (" " if token.whitespace else ""):
            follows_break = symbols[-1] in {_EDGE, self._symbols[" "]}
            if sound not in self._symbols or (sound == " " and follows_break):
                continue
            symbols.append(self._symbols[sound])
            if sound not in _PUNCTUATION:
                first = first if first < last else len(symbols) - 1
                last = len(symbols)
        if first == last:
            first = last = len(symbols)
        return SpokenWord(word.text + token.text, first, last)


def _plain_figures(text: str) -> str:
    """Raised and circled figures as plain ones: hibari takes them for digits, `int` does not."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isdecimal() else letter
        for letter in text
    )


def assets_folder() -> Path:
    """Where the installed hibari keeps its models."""
    return Path(str(hibari_tts.__file__)).parent / "assets"


def spans_of_words(
    written: Sequence[str], reading: Phonemes, lengths: Sequence[float]
) -> list[Span]:
    """Where each written word begins and ends.

    A written word lasts as long as the words that it was read out as: `$5` is two. Where the
    model's own rules made other words of them, they share the time by their letters.

    Args:
        written: the words as they were written.
        reading: what the model read.
        lengths: how long each symbol of the reading lasts, in any unit.
    """
    aloud = reading.aloud or tuple(written)
    read = [word for text in aloud for word in text.split()]
    spans = iter(_spans_of_read(read, reading, lengths))
    merged: list[Span] = []
    for text in aloud:
        own = [next(spans) for _ in text.split()]
        before = merged[-1][1] if merged else 0.0
        merged.append((own[0][0], own[-1][1]) if own else (before, before))
    return merged


def _spans_of_read(read: Sequence[str], reading: Phonemes, lengths: Sequence[float]) -> list[Span]:
    starts = [0.0, *accumulate(lengths)]
    spoken = [(starts[word.first], starts[word.last]) for word in reading.words]
    texts = [word.text for word in reading.words]
    spans: list[Span] = []
    matcher = SequenceMatcher(a=list(read), b=texts, autojunk=False)
    for _, first, last, spoken_first, spoken_last in matcher.get_opcodes():
        block = spoken[spoken_first:spoken_last]
        words = read[first:last]
        if len(block) == len(words):
            spans += block
        elif words:
            before = spans[-1][1] if spans else spoken[0][0] if spoken else 0.0
            spans += _shared((block[0][0], block[-1][1]) if block else (before, before), words)
    return spans


def _shared(span: Span, words: Sequence[str]) -> list[Span]:
    """One span divided among words in proportion to their letters."""
    start, end = span
    letters = list(accumulate(len(word) for word in words))
    borders = [start, *(start + (end - start) * upto / letters[-1] for upto in letters)]
    return list(pairwise(borders))
