"""What every value that is written as one string has in common."""

from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from soundstage.config.values.table import DRAWN_FROM, is_list

NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
"""A regular expression for a number without a sign, before its unit."""


class Written:
    """A value that people write as one string, and that is written back the same way.

    A subclass is constructed from its text and raises `ValueError` for a wrong one; `str` gives
    the canonical text. Anything but text, a bare number included, is refused in a table.
    """

    PATTERN: ClassVar[str]
    """A regular expression for editors; the constructor may be stricter."""

    ADVICE: ClassVar[str]
    """How it is written, with an example."""

    @classmethod
    def read(cls, value: object) -> Self:
        """The value for what stands in a table.

        Raises:
            ValueError: it is no text, or the text is wrong.
        """
        if isinstance(value, cls):
            return value
        if is_list(value):
            raise ValueError(f"{cls.ADVICE}; {DRAWN_FROM}")
        if not isinstance(value, str):
            raise ValueError(cls.ADVICE)  # noqa: TRY004 - pydantic reports a ValueError
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls.PATTERN}

    def __init__(self, value: Any) -> None:  # noqa: ARG002 - `__new__` has taken it
        super().__init__()

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)


def plain_number(number: float) -> str:
    """A number with at most six decimals, and no zeros at its end."""
    return f"{number:.6f}".rstrip("0").rstrip(".")
