"""Reading JSON whose shape nobody has checked."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

Json: TypeAlias = dict[str, Any]
"""A JSON object."""


def object_in(value: object) -> Json:
    """The value when it is a JSON object, otherwise an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def text_in(value: object) -> str:
    """The value when it is a text, otherwise an empty one."""
    return value if isinstance(value, str) else ""
