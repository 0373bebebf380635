"""What a docstring says of a function and of each of its arguments."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_SECTION: Final = re.compile(r"^(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Note):$")
_ARGUMENT: Final = re.compile(r"^\*{0,2}(\w+)(?: ?\([^)]*\))?: ?(.*)$")


def read_docstring(function: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """The text before the first section, and the description of each argument (Google style)."""
    lines = (inspect.getdoc(function) or "").splitlines()
    heads = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    description = "\n".join(lines[: heads[0] if heads else None]).strip()
    return description, _arguments(lines, heads)


def _arguments(lines: list[str], heads: list[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for head, end in pairwise((*heads, len(lines))):
        if not lines[head].startswith(("Args", "Arg", "Param")):
            continue
        name = ""
        body = [line for line in lines[head + 1 : end] if line.strip()]
        margin = min((len(line) - len(line.lstrip()) for line in body), default=0)
        for line in body:
            started = _ARGUMENT.match(line[margin:])
            if started is not None:
                name = started[1]
                found[name] = started[2].strip()
            elif name:
                found[name] = f"{found[name]} {line.strip()}".strip()
    return found
