from __future__ import annotations

import copy
import pickle
from pathlib import Path

from pydantic import BaseModel, JsonValue

from soundstage.config.values import PlacedTable, folder_of

PLACED = PlacedTable({"file": "a.md", "n": 1}, {"file": Path("/team")})


class Holder(BaseModel):
    anything: JsonValue = None


def test_a_table_with_folders_is_a_table_like_all_others():
    assert PLACED == {"file": "a.md", "n": 1}
    assert Holder.model_validate({"anything": PLACED}).anything == PLACED
    assert Holder(anything=[PLACED]).model_dump_json() == '{"anything":[{"file":"a.md","n":1}]}'


def test_copies_of_a_table_know_the_same_folders():
    for made in (copy.copy(PLACED), copy.deepcopy(PLACED), pickle.loads(pickle.dumps(PLACED))):
        assert made == PLACED
        assert folder_of(made, "file") == Path("/team")
