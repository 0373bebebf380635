"""Variables of the environment in a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def variables_in(text: str) -> tuple[str, ...]:
    """The environment variables that a text names as `${NAME}`, in order."""
    return tuple(_VARIABLE.findall(text))


def expand(text: str, environment: Mapping[str, str]) -> str:
    """The text with each `${NAME}` replaced; the caller has made sure that they are all set.

    Raises:
        KeyError: a variable is not set.
    """
    return _VARIABLE.sub(lambda match: environment[match[1]], text)
