"""Arguments of tools: the ones wanted against the ones given."""

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

from soundstage.config.values._table import is_table
from soundstage.config.values.words import normalize

Arguments: TypeAlias = dict[str, JsonValue]
"""A tool's arguments by name."""


def arguments_match(wanted: Mapping[str, object], given: Mapping[str, object]) -> bool:
    """Whether every argument wanted was given; further ones do not matter.

    Texts are equal when their words are, as in a phrase: what was recognised has a case,
    punctuation and figures of its own.
    """
    return all(name in given and _equal(value, given[name]) for name, value in wanted.items())


def _equal(wanted: object, given: object) -> bool:
    if isinstance(wanted, str) and isinstance(given, str):
        return wanted == given or normalize(wanted) == normalize(given)
    if is_table(wanted) and is_table(given):
        return arguments_match(wanted, given)
    # True equals 1 in Python, but not in JSON.
    return wanted == given and isinstance(wanted, bool) == isinstance(given, bool)
