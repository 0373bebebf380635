"""The table `[matrix]`: key paths with several values, and the cells that they make together."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final, cast

from soundstage.config.values import is_list, is_table
from soundstage.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from soundstage.config.diagnostics import Diagnostics
    from soundstage.config.document import Document

MOST_CELLS: Final = 1000
"""Cells of a matrix at most: with ten runs of each, that is a night."""

_NOT_SET: Final = ("matrix", "verdict", "scenario.seed", "scenario.include")
"""Keys that a cell cannot set, because they are no matter of a single run."""


def read_matrix(
    written: object, document: Document, diagnostics: Diagnostics
) -> dict[str, tuple[JsonValue, ...]]:
    """The matrix as it is written; notes what is no list of values, and what no cell can set."""
    if not is_table(written):
        reason = 'is a table: write [matrix], and in it "agents.caller.voice" = ["ash", "coral"]'
        diagnostics.add(document.place_of(("matrix",)), reason)
        return {}
    matrix: dict[str, tuple[JsonValue, ...]] = {}
    for path, values in written.items():
        place = document.place_of(("matrix", path))
        if is_table(values):
            reason = f'put the whole path into quotes, as "{path}.key" = ["a", "b"]'
            diagnostics.add(place, reason)
        elif not is_list(values) or not values:
            diagnostics.add(place, f"{path} needs a list of values")
        elif path.split(".")[0] in _NOT_SET or path in _NOT_SET:
            diagnostics.add(place, f"{path} is no matter of a single run")
        elif any(values.count(each) > 1 for each in values):
            diagnostics.add(place, f"{path} has a value twice")
        else:
            matrix[path] = tuple(cast("Sequence[JsonValue]", values))
    count = 1
    for values in matrix.values():
        count *= len(values)
    if count > MOST_CELLS:
        reason = f"makes {count:,} cells, and a batch has at most {MOST_CELLS:,}"
        diagnostics.add(document.place_of(("matrix",)), reason)
        return {}
    return matrix


def cells_of(matrix: Mapping[str, Sequence[Any]]) -> tuple[dict[str, Any], ...]:
    """Every combination of the values; one without changes where there is no matrix."""
    combined = product(*matrix.values())
    return tuple(dict(zip(matrix, values, strict=True)) for values in islice(combined, MOST_CELLS))


def matrix_option(text: str) -> tuple[str, tuple[str, ...]]:
    """One `--matrix KEY=A,B,C`.

    Raises:
        UsageError: it is not of this form.
    """
    path, equals, values = text.partition("=")
    found = tuple(each.strip() for each in values.split(","))
    if not equals or not path.strip() or not all(found):
        raise UsageError(f"--matrix {text}: write KEY=A,B,C, as agents.caller.voice=ash,coral")
    if len(set(found)) < len(found):
        raise UsageError(f"--matrix {text}: a value is there twice")
    return path.strip(), found
