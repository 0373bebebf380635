"""Levels and ratios as people write them: a number with its unit, in a string."""

import re
from typing import ClassVar, Self

from soundstage.config.values.written_value import NUMBER, Written, plain_number

_LEVEL = re.compile(rf"([+-]?{NUMBER})dB")
_LOUDEST_DB = 60.0
_SOFTEST_DB = -120.0
_RATIO = re.compile(rf"({NUMBER})%")


class Level(Written, float):
    """A change of loudness in decibels: `"-6dB"`, from -120 to 60.

    Raises:
        ValueError: the text is no level, or it is out of range.
    """

    PATTERN: ClassVar[str] = rf"^[+-]?{NUMBER}dB$"
    ADVICE: ClassVar[str] = 'a level is written in decibels, as "-6dB"'

    def __new__(cls, value: str) -> Self:
        """Read the text."""
        match = _LEVEL.fullmatch(value)
        if match is None:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        if not _SOFTEST_DB <= float(match[1]) <= _LOUDEST_DB:
            raise ValueError(f'"{value}": a level lies between -120dB and 60dB')
        return super().__new__(cls, float(match[1]))

    @property
    def gain(self) -> float:
        """The factor by which samples are multiplied."""
        return float(10.0 ** (self / 20.0))

    def __str__(self) -> str:
        return f"{plain_number(float(self))}dB"

    def __repr__(self) -> str:
        return f"Level({str(self)!r})"


class Ratio(Written, float):
    """A share of the whole, from 0 to 1: `"3%"` is 0.03.

    Raises:
        ValueError: the text is no ratio, or more than 100 %.
    """

    PATTERN: ClassVar[str] = rf"^{NUMBER}%$"
    ADVICE: ClassVar[str] = 'a ratio is written in percent, as "3%"'

    def __new__(cls, value: str) -> Self:
        """Read the text."""
        match = _RATIO.fullmatch(value)
        if match is None:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        percent = float(match[1])
        if percent > 100:  # noqa: PLR2004 - per cent
            raise ValueError(f'"{value}": a ratio is at most 100%')
        return super().__new__(cls, percent / 100)

    def __str__(self) -> str:
        return f"{plain_number(round(float(self) * 100, 6))}%"

    def __repr__(self) -> str:
        return f"Ratio({str(self)!r})"
