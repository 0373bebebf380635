"""English number words: `nineteen ninety nine` is 19 and 99, `five thousand and one` is 5001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES: Final = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
REPEATS: Final = {"double": 2, "triple": 3}

_VALUES: Final = {word: value for value, word in enumerate(SMALL)} | {
    word: 10 * value for value, word in enumerate(TENS, start=2)
}
_IRREGULAR: Final = {
    1: "first",
    2: "second",
    3: "third",
    5: "fifth",
    8: "eighth",
    9: "ninth",
    12: "twelfth",
}
ORDINALS: Final = {
    _IRREGULAR.get(value, f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"): value
    for word, value in _VALUES.items()
    if value
}
"""Ordinals of one word, and their values."""

_HUNDRED: Final = 100
_TWENTY: Final = 20
_TEN: Final = 10


class SpokenNumber(Struct, frozen=True):
    """Number words that are one number.

    Attributes:
        figures: the number in figures, with decimals where a `point` was said.
        words: how many words it took.
        is_ordinal: whether it ended as an ordinal: `twenty first`.
    """

    figures: str
    words: int
    is_ordinal: bool = False


def is_number_word(word: str) -> bool:
    """Whether a number can begin with the word."""
    return word in _VALUES or word in REPEATS


def read_number(words: Sequence[str]) -> SpokenNumber | None:
    """The longest single number at the beginning of the words, or None.

    `twenty four` is one number, `twelve thirty four` two, `nine oh five` three (`oh` is a figure
    where a number stands before or after it; the caller decides that).
    """
    repeated = _repeated(words)
    if repeated is not None:
        return repeated
    whole = _Whole()
    taken = 0
    while taken < len(words):
        word = words[taken]
        if word == "and" and whole.takes_and and whole.would_take_after_and(words[taken + 1 :]):
            taken += 1
            continue
        if not whole.take(word):
            break
        taken += 1
        if whole.is_ordinal:
            break
    if not whole.began:
        return None
    if whole.is_ordinal:
        return SpokenNumber(str(whole.value), taken, is_ordinal=True)
    decimals = _decimals(words[taken:])
    if decimals:
        figures, count = decimals
        scale = words[taken + count] if taken + count < len(words) else ""
        return _scaled(f"{whole.value}.{figures}", taken + count, scale)
    return SpokenNumber(str(whole.value), taken)


def times_scale(figures: str, scale: str) -> str:
    """Figures times a scale word: `2.5` and `million` are `2500000`.

    Raises:
        KeyError: the word is no scale.
    """
    factor = {**SCALES, "hundred": 100}[scale]
    whole, _, decimals = figures.partition(".")
    value = int(whole + decimals) * factor
    shift = 10 ** len(decimals)
    quotient, rest = divmod(value, shift)
    return str(quotient) if not rest else f"{quotient}.{str(rest).zfill(len(decimals)).rstrip('0')}"


def _scaled(figures: str, words: int, scale: str) -> SpokenNumber:
    if scale in SCALES:
        return SpokenNumber(times_scale(figures, scale), words + 1)
    return SpokenNumber(figures, words)


def _repeated(words: Sequence[str]) -> SpokenNumber | None:
    """`double four` is 44, `triple oh` is 000."""
    if len(words) < 2 or words[0] not in REPEATS:  # noqa: PLR2004 - a word and a figure
        return None
    figure = 0 if words[1] in {"oh", "o"} else _VALUES.get(words[1], _TEN)
    return SpokenNumber(str(figure) * REPEATS[words[0]], 2) if figure < _TEN else None


def _decimals(words: Sequence[str]) -> tuple[str, int] | None:
    """The figures after `point`, and how many words they took with it."""
    if not words or words[0] != "point":
        return None
    figures = ""
    count = 1
    for word in words[1:]:
        value = 0 if word == "oh" else _VALUES.get(word)
        if value is None or (value >= _TEN and figures):
            break
        figures += str(value)
        count += 1
        if value >= _TWENTY and not value % _TEN and count < len(words):
            ones = _VALUES.get(words[count], 0)
            if 0 < ones < _TEN:
                figures, count = figures[:-1] + str(ones), count + 1
        if value >= _TEN:
            break
    return (figures, count) if figures else None


class _Whole:
    """A whole number as it is said, word by word.

    Attributes:
        began: whether it has a word.
        is_ordinal: whether an ordinal has ended it.
    """

    def __init__(self) -> None:
        self.began = False
        self.is_ordinal = False
        self._total = 0
        self._group = 0
        self._ceiling = 10**15
        self._after_scale = False

    @property
    def value(self) -> int:
        return self._total + self._group

    @property
    def takes_and(self) -> bool:
        """Whether `and` can follow: after `hundred` and the scales only."""
        return self._after_scale

    def would_take_after_and(self, words: Sequence[str]) -> bool:
        """Whether what follows `and` goes on with this number: less than a hundred does."""
        if not words:
            return False
        value = _VALUES.get(words[0], ORDINALS.get(words[0], 0))
        ends_group = len(words) > 1 and words[1] == "hundred" and not self._group
        return bool(value) and (ends_group or self._fits(value))

    def take(self, word: str) -> bool:
        """Take the next word; False where it cannot follow."""
        taken = self._take(word)
        if taken:
            self.began = True
            self._after_scale = word == "hundred" or word in SCALES
        return taken

    def _take(self, word: str) -> bool:
        if word in _VALUES:
            return self._add(_VALUES[word])
        if word in ORDINALS:
            # Alone, `second` is as often a time as a place: only its figure form is a number.
            self.is_ordinal = self.began and self._add(ORDINALS[word])
            return self.is_ordinal
        large = word.removesuffix("th")
        if large != word and (large == "hundred" or large in SCALES):
            self.is_ordinal = self.began and self._take(large)
            return self.is_ordinal
        if word == "hundred":
            if not 0 < self._group < _HUNDRED or (self._group % _TEN == 0 and self._group > _TEN):
                return False
            self._group *= _HUNDRED
            return True
        scale = SCALES.get(word, 0)
        if not self._group or not 0 < scale < self._ceiling:
            return False
        self._total, self._group, self._ceiling = self._total + self._group * scale, 0, scale
        return True

    def _add(self, part: int) -> bool:
        if not self._fits(part):
            return False
        self._group += part
        return True

    def _fits(self, part: int) -> bool:
        below = self._group % _HUNDRED
        if not part:
            return not self.began
        if self.began and not self.value:
            return False
        return not below or (part < _TEN and below >= _TWENTY and not below % _TEN)
