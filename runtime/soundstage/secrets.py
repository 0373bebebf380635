"""Secrets: texts that no log, report or traceback shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

MASK: Final = "********"

_USER_INFO: Final = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*@", re.IGNORECASE)
"""RFC 3986, 3.2.1: what stands between the scheme and the host."""

SHORTEST: Final = 8
"""Letters of the shortest secret that is masked in a text.

Anything shorter is an ordinary word; masking those would garble every text.
"""


class Secret:
    """A text that shows itself only where it is asked to by name.

    Its repr and str are a mask, and it can be neither pickled nor encoded, so that logs, reports
    and tracebacks with local variables cannot hold it. In a pydantic model it is written as a
    text, and its JSON is the mask.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written down: pass the Secret itself")

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        # Loaded here: a program that calls an endpoint has no use for pydantic.
        from pydantic_core import core_schema  # noqa: PLC0415

        text = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
            serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "writeOnly": True, "format": "password"}


def mask(text: str, secrets: Iterable[Secret | str | None]) -> str:
    """The text with every one of these secrets masked, except for those that are too short."""
    values = (each.reveal() if isinstance(each, Secret) else each or "" for each in secrets)
    # The longest first: one secret may begin with another.
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST:
            text = text.replace(value, MASK)
    return text


def has_user_info(url: str) -> bool:
    """Whether a user name or a password stands in a URL, which reports show as it is."""
    return _USER_INFO.match(url) is not None
