"""A function call that a client insists on where no rule makes one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from soundstage.config.values import is_list, is_table
from soundstage.realtime import FunctionCall

if TYPE_CHECKING:
    from soundstage.realtime import Compose

_PLAIN: Final[dict[str, Any]] = {
    "string": "",
    "number": 0,
    "integer": 0,
    "boolean": False,
    "array": [],
    "null": None,
}
_DEEPEST: Final = 8


def forced_call(request: Compose) -> FunctionCall | None:
    """A call of the first function that may be called; None where none must be.

    Its arguments are those that its schema demands, each the plainest value of its type.
    """
    if request.tool_choice != "required" or not request.tools:
        return None
    tool = request.tools[0]
    return FunctionCall(str(tool.get("name")), json.dumps(_plainest(tool.get("parameters"), 0)))


def _plainest(schema: object, depth: int) -> object:
    if not is_table(schema) or depth > _DEEPEST:
        return {}
    if is_list(choices := schema.get("enum")) and choices:
        return choices[0]
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    kind = schema.get("type")
    if is_list(kind):
        kind = kind[0] if kind else None
    if isinstance(kind, str) and kind in _PLAIN:
        return _PLAIN[kind]
    properties, required = schema.get("properties"), schema.get("required")
    if not is_table(properties) or not is_list(required):
        return {}
    return {str(name): _plainest(properties.get(str(name)), depth + 1) for name in required}
