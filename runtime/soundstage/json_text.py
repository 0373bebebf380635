"""Text and JSON that were made outside: by a model, a tool, a client, a server or a browser."""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

import msgspec

T = TypeVar("T")

DEEPEST: Final = 100
"""Levels of arrays and objects that a text may have.

Whatever walks through a value recurses: parsers, encoders, comparisons. At most 1,000 calls deep is
Python's limit, and how many are left when a value arrives depends on the caller.
"""

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class NotJson(ValueError):
    """A text is not JSON, is nested too deep, or is not of the type that was asked for."""


def read_json(text: str | bytes) -> object:
    """The value that a JSON text holds.

    Raises:
        NotJson: it is not JSON, or has more than `DEEPEST` levels.
    """
    try:
        value: object = msgspec.json.decode(text)
    except _UNREADABLE as error:
        raise NotJson(_why(error)) from None
    if is_too_deep(value):
        raise NotJson(f"it is nested more than {DEEPEST} levels deep")
    return value


def read_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object that a text holds; an empty one where it holds none."""
    try:
        value = read_json(text)
    except NotJson:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def read_json_as(text: str | bytes, kind: type[T]) -> T:
    """The value that a JSON text holds, of a type whose fields say how deep it goes.

    Raises:
        NotJson: it is not JSON, or not of this type.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except _UNREADABLE as error:
        raise NotJson(_why(error)) from None


def valid_text(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, and two halves put together.

    JSON may escape such a half, and Python's text may hold it, yet no file and no message can.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_too_deep(value: object) -> bool:
    """Whether a value of lists and dicts has more than `DEEPEST` levels."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(outer, dict | list) for outer in level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[object, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"it is nested more than {DEEPEST} levels deep"
    return str(error)
