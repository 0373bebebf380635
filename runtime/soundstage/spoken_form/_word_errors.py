"""Words as they are compared: lower case, no punctuation, numbers spelled out."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from soundstage.spoken_form._atoms import JOIN
from soundstage.spoken_form._comparable import Comparable, atoms_of
from soundstage.spoken_form._number_names import cardinal, one_by_one, ordinal
from soundstage.spoken_form._number_words import SMALL, TENS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
_CURRENCIES: Final = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
}
_SIGNS: Final = {"%": "percent", "&": "and", "@": "at", "+": "plus", "=": "equals", "°": "degrees"}
_SPELLINGS: Final = {"mr": "mister", "dr": "doctor", "ok": "okay"}

_MARKS: Final = re.compile("[\u0300-\u036f]")
_QUOTES: Final = str.maketrans("\u2018\u2019\u02bc", "'''")
_INITIALS: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MINUS: Final = re.compile(r"(?<![\w.)])[-\u2212](?=\d)")
_MONEY: Final = re.compile(r"([$€£])(\d+)(?:\.(\d+))?(?: (thousand|million|billion)\b)?")
_CLOCK: Final = re.compile(r"\b(\d{1,2}):([0-5]\d)\b")
_ORDINAL: Final = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_DECIMAL: Final = re.compile(r"(\d+)\.(\d+)")
_WHOLE: Final = re.compile(r"\d+")
_INSIDE_A_NUMBER: Final = re.compile(rf"(?<=\d){JOIN}(?=\d)")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def normalize(text: str) -> tuple[str, ...]:
    """The words of a text in the form in which two texts are compared.

    Case, punctuation and accents are gone; figures are words as they are read out: `$24.50` is
    `twenty four dollars and fifty cents`, `7:30` is `seven thirty`, `3rd` is `third`.
    """
    decomposed = unicodedata.normalize("NFKD", text).translate(_QUOTES).lower()
    plain = unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
    plain = _INITIALS.sub(lambda found: found.group().replace(".", ""), plain)
    spelled = _spell_figures(plain)
    for sign, word in _SIGNS.items():
        spelled = spelled.replace(sign, f" {word} ")
    return tuple(_SPELLINGS.get(found[0], found[0]) for found in _WORD.finditer(spelled))


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Words to be replaced, inserted or deleted, over the words of the reference.

    Both texts are normalised first. Numbers are compared as words and as figures, `nineteen
    ninety nine` and `one nine nine nine` both being 1999, and what agrees better counts. Without
    words in the reference the rate is 0 where the hypothesis has none either, else 1.
    """
    wanted, given = normalize(reference), normalize(hypothesis)
    if not wanted:
        return 1.0 if given else 0.0
    said, heard = (_compared(text) for text in (reference, hypothesis))
    rates = [_rate(wanted, given), _rate(_in_figures(wanted), _in_figures(given))]
    return min([*rates, _rate(said, heard)] if said else rates)


def _compared(text: str) -> list[str]:
    """The words as phrases compare them: a number is one word however it was said."""
    line = Comparable(atoms_of(text), "digits").line
    return _INSIDE_A_NUMBER.sub("", line).replace(JOIN, " ").split()


def _rate(wanted: Sequence[str], given: Sequence[str]) -> float:
    return _distance(wanted, given) / len(wanted)


def _distance(wanted: Sequence[str], given: Sequence[str]) -> int:
    """Levenshtein's distance, word by word."""
    previous = list(range(len(given) + 1))
    for row, left in enumerate(wanted, start=1):
        current = [row]
        for column, right in enumerate(given, start=1):
            substituted = previous[column - 1] + (left != right)
            current.append(min(substituted, previous[column] + 1, current[-1] + 1))
        previous = current
    return previous[-1]


def _in_figures(words: Sequence[str]) -> list[str]:
    """The words with figures for each run of number words."""
    written: list[str] = []
    number = _Number()
    in_run = False
    for word in words:
        if number.grow(word):
            continue
        if number.began:
            _append_figures(written, number, in_run=in_run)
            in_run, number = True, _Number()
            if number.grow(word):
                continue
        written.append(word)
        in_run = False
    if number.began:
        _append_figures(written, number, in_run=in_run)
    return written


def _append_figures(written: list[str], number: _Number, *, in_run: bool) -> None:
    if in_run:
        written[-1] += str(number.value)
    else:
        written.append(str(number.value))


class _Number:
    """A number as it is said, word by word.

    Attributes:
        began: whether it has a word.
    """

    def __init__(self) -> None:
        self.began = False
        self._total = 0
        self._group = 0
        self._ceiling = 10**12

    @property
    def value(self) -> int:
        return self._total + self._group

    def grow(self, word: str) -> bool:
        """Take the next word; False where it cannot follow."""
        if word in SMALL:
            grown = self._add(SMALL.index(word))
        elif word in TENS:
            grown = self._add(10 * (TENS.index(word) + 2))
        else:
            grown = self._scale(next((scale for scale, name in _SCALES if name == word), 0))
        self.began = self.began or grown
        return grown

    def _add(self, part: int) -> bool:
        below = self._group % 100
        follows_tens = 0 < part < 10 and below >= 20 and not below % 10  # noqa: PLR2004
        if not follows_tens and (below or (self.began and not part) or self._is_zero):
            return False
        self._group += part
        return True

    def _scale(self, scale: int) -> bool:
        if not self._group or not 0 < scale < self._ceiling:
            return False
        if scale == 100:  # noqa: PLR2004
            if self._group >= scale:
                return False
            self._group *= scale
            return True
        self._total += self._group * scale
        self._group, self._ceiling = 0, scale
        return True

    @property
    def _is_zero(self) -> bool:
        return self.began and not self.value


def _spell_figures(text: str) -> str:
    text = _GROUPED.sub("", text)
    text = _MINUS.sub(" minus ", text)
    text = _MONEY.sub(_money, text)
    text = _CLOCK.sub(_clock, text)
    text = _ORDINAL.sub(lambda found: f" {ordinal(int(found[1]))} ", text)
    text = _DECIMAL.sub(lambda found: f" {cardinal(found[1])} point {one_by_one(found[2])} ", text)
    return _WHOLE.sub(lambda found: f" {cardinal(found[0])} ", text)


def _money(found: re.Match[str]) -> str:
    sign, whole, fraction, scale = found.groups()
    unit, part = _CURRENCIES[sign]
    cents = "" if scale or fraction is None or len(fraction) != len("50") else fraction
    amount = cardinal(whole)
    if fraction and not cents:
        amount += f" point {one_by_one(fraction)}"
    amount += f" {scale}" if scale else ""
    spelled = f"{amount} {unit if amount == 'one' else unit + 's'}"
    if cents.strip("0"):
        plural = "pence" if part == "penny" else f"{part}s"
        spelled += f" and {cardinal(cents.lstrip('0'))} {part if int(cents) == 1 else plural}"
    return f" {spelled} "


def _clock(found: re.Match[str]) -> str:
    hour, minute = found.groups()
    if minute == "00":
        return f" {cardinal(hour.lstrip('0') or '0')} "
    oh = "oh " if minute.startswith("0") else ""
    return f" {cardinal(hour.lstrip('0') or '0')} {oh}{cardinal(minute.lstrip('0'))} "
