"""JSON Schemas of the files that a batch leaves."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from soundstage.ledger import BatchPlan, Difference, Row
from soundstage.sweep.sweep_tables import Summary

_FILES: Final[dict[str, tuple[Any, str]]] = {
    "batch": (BatchPlan, "The plan of a batch of Soundstage runs (batch.json)"),
    "ledger": (Row, "A line of the ledger of a batch of Soundstage runs (ledger.jsonl)"),
    "summary": (Summary, "A batch of Soundstage runs in a few numbers (summary.json)"),
    "differences": (
        tuple[Difference, ...],
        "Runs of one unit of a batch of Soundstage runs that differ (differences.json)",
    ),
}

_NOT_FINITE: Final = frozenset({"Spread"})
"""Whose numbers are none where nothing was measured, for which JSON has null."""

BATCH_SCHEMAS: Final = tuple(_FILES)
"""What there is a schema of."""


def batch_schema(what: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of a batch.

    Args:
        what: `batch`, `ledger` (of one line), `summary` or `differences`.

    Raises:
        KeyError: there is no such file.
    """
    kind, title = _FILES[what]
    (found,), types = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    for name in _NOT_FINITE & types.keys():
        for field in types[name]["properties"].values():
            if field.get("type") == "number":
                field["type"] = ["number", "null"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **found,
        "$defs": types,
    }
