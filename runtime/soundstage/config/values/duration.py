"""Durations as people write them: a number with its unit, in a string."""

import random
import re
from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from soundstage.config.values.table import is_list
from soundstage.config.values.written_value import NUMBER, Written, plain_number
from soundstage.units import SAMPLE_RATE, Samples, seconds_of

_SAMPLES_PER_MS = SAMPLE_RATE // 1000
_SAMPLES_PER_UNIT = {"ms": _SAMPLES_PER_MS, "s": SAMPLE_RATE, "m": 60 * SAMPLE_RATE}
_DURATION = re.compile(rf"({NUMBER})(ms|s|m)")
_LONGEST = 24 * 3600 * SAMPLE_RATE


class Duration(Written, int):
    """A length of time: `"400ms"`, `"8s"` or `"2m"`, at most 24 hours.

    It is an integer count of 24 kHz samples and computes like one; `str` gives it back as it
    would be written.

    Args:
        value: the text, or a count of samples.

    Raises:
        ValueError: the text is no duration, or it is negative or longer than 24 hours.
    """

    PATTERN: ClassVar[str] = rf"^{NUMBER}(ms|s|m)$"
    ADVICE: ClassVar[str] = 'a duration is written with its unit, as "400ms", "8s" or "2m"'

    def __new__(cls, value: str | int) -> Self:
        """Read the text."""
        samples = _samples_of(value) if isinstance(value, str) else int(value)
        if not 0 <= samples <= _LONGEST:
            raise ValueError("a duration lies between 0 and 24 hours")
        return super().__new__(cls, samples)

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return seconds_of(self)

    def __str__(self) -> str:
        for unit in ("m", "s"):
            count, rest = divmod(int(self), _SAMPLES_PER_UNIT[unit])
            if count and not rest:
                return f"{count}{unit}"
        # Four decimals are finer than a sample, so that the text reads back as the same count.
        return f"{plain_number(round(int(self) / _SAMPLES_PER_MS, 4))}ms"

    def __repr__(self) -> str:
        return f"Duration({str(self)!r})"


def _samples_of(text: str) -> Samples:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}": {Duration.ADVICE}')
    return round(float(match[1]) * _SAMPLES_PER_UNIT[match[2]])


@dataclass(frozen=True)
class DurationRange:
    """A fixed time (`"400ms"`), or one drawn from a range (`["300ms", "700ms"]`).

    Attributes:
        shortest: the least it can be.
        longest: the most, equal to `shortest` where it is fixed.

    Raises:
        ValueError: `longest` is less than `shortest`.
    """

    shortest: Duration
    longest: Duration

    def __post_init__(self) -> None:
        if self.longest < self.shortest:
            raise ValueError(f"the range runs backwards: {self.longest} < {self.shortest}")

    @classmethod
    def read(cls, value: object) -> Self:
        """The range for a duration's text, or for a list of two.

        Raises:
            ValueError: it is neither.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(Duration(value), Duration(value))
        if is_list(value) and len(value) == 2:  # noqa: PLR2004 - both ends
            return cls(Duration.read(value[0]), Duration.read(value[1]))
        raise ValueError('a duration as "400ms", or a range as ["300ms", "700ms"]')

    def draw(self, stream: random.Random) -> Samples:
        """A time within the range, uniform, ends included; a fixed one draws nothing."""
        if self.shortest == self.longest:
            return int(self.shortest)
        return stream.randint(int(self.shortest), int(self.longest))

    def written(self) -> str | list[str]:
        """As it would be written in a file."""
        if self.shortest == self.longest:
            return str(self.shortest)
        return [str(self.shortest), str(self.longest)]

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.written),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        one = {"type": "string", "pattern": Duration.PATTERN}
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        return {"anyOf": [one, pair]}
