"""The schema that editors read lies beside the shipped scenarios."""

from __future__ import annotations

import json

from soundstage.scenario import json_schema
from soundstage.scenario.shipped_scenarios import shipped_folder


def test_the_published_schema_is_the_present_one() -> None:
    published = json.loads((shipped_folder() / "scenario.schema.json").read_text())
    assert published == json.loads(json.dumps(json_schema())), (
        "write it anew: soundstage schema scenario"
    )
