"""How often something must come: a number, or a range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pydantic_core import core_schema

from soundstage.config.values import is_list

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Times:
    """So often (`2`), or between two numbers (`[1, 3]`).

    Attributes:
        least: the least that it may be.
        most: the most.

    Raises:
        ValueError: one of them is below 0, or `most` is less than `least`.
    """

    least: int
    most: int

    def __post_init__(self) -> None:
        if self.least < 0:
            raise ValueError("nothing comes less than 0 times")
        if self.most < self.least:
            raise ValueError(f"the range runs backwards: {self.most} < {self.least}")

    @classmethod
    def read(cls, value: object) -> Self:
        """The number for what stands in a table.

        Raises:
            ValueError: it is neither a number nor a list of two.
        """
        if isinstance(value, cls):
            return value
        both = value if is_list(value) else [value, value]
        match both:
            case [int() as least, int() as most] if not any(
                isinstance(each, bool) for each in both
            ):
                return cls(least, most)
            case _:
                raise ValueError("times is a number, as 2, or a range, as [1, 3]")

    def written(self) -> int | list[int]:
        """As it would be written in a file."""
        return self.least if self.least == self.most else [self.least, self.most]

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
        one = {"type": "integer", "minimum": 0}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}
