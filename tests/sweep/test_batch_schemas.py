"""The files that a batch leaves have the schemas that are published of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
from dummy_batches import batch, row

from soundstage.ledger import read_plan
from soundstage.sweep import BATCH_SCHEMAS, batch_schema, merge, write_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_of_a_batch_that_contradicts_itself_have_their_schemas(tmp_path: Path) -> None:
    parts = [
        batch(tmp_path / name, [row(0), row(1, outcome, words=name)])
        for name, outcome in (("a", "ended"), ("b", "failed"))
    ]
    out = tmp_path / "whole"
    merge(parts, out)
    plan = read_plan(out)
    assert plan is not None
    write_tables(out, plan)

    files = {
        "batch": [(out / "batch.json").read_text()],
        "ledger": (out / "ledger.jsonl").read_text().splitlines(),
        "summary": [(out / "summary.json").read_text()],
        "differences": [(out / "differences.json").read_text()],
    }

    assert set(files) == set(BATCH_SCHEMAS)
    for what, texts in files.items():
        schema = batch_schema(what)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert texts
        for text in texts:
            jsonschema.validate(json.loads(text), schema)
