from __future__ import annotations

import os

import pytest
from pydantic import BaseModel, ValidationError

from soundstage.config.values import (
    TEXT_LIMIT,
    Lines,
    PlacedTable,
    Text,
    ValidationContext,
    read_text_file,
)


class Agent(BaseModel):
    instructions: Text | None = None
    lines: Lines = ()


def test_a_text_stands_in_place_or_in_a_file_beside_the_one_that_says_it(tmp_path):
    (tmp_path / "persona.md").write_text("\ufeffBe brief.\n\n", encoding="utf-8")
    table = PlacedTable({"file": "persona.md"}, {"file": tmp_path})
    context = ValidationContext()
    assert (
        Agent.model_validate({"instructions": table}, context=context).instructions == "Be brief."
    )
    assert Agent.model_validate({"instructions": "Be kind."}).instructions == "Be kind."
    assert context.files == [tmp_path / "persona.md"]


def test_lines_stand_in_a_list_or_one_by_one_in_a_file(tmp_path):
    (tmp_path / "lines.txt").write_text("Hello.\n\n  Goodbye.  \n")
    table = {"file": str(tmp_path / "lines.txt")}
    assert Agent.model_validate({"lines": table}).lines == ("Hello.", "Goodbye.")
    assert Agent.model_validate({"lines": ["Hello."]}).lines == ("Hello.",)


@pytest.mark.parametrize("key", ["instructions", "lines"])
@pytest.mark.parametrize(
    "value", [{"file": "no_such_file"}, {"file": 5}, {"path": "x"}, {"file": "x", "and": 1}, {}]
)
def test_a_table_that_names_no_file_is_refused(key, value):
    with pytest.raises(ValidationError):
        Agent.model_validate({key: value})


def test_each_way_in_which_a_file_can_be_wrong_is_said(tmp_path):
    (tmp_path / "latin").write_bytes(b"ok\ncaf\xe9\n")
    (tmp_path / "utf16").write_bytes("caf\u00e9".encode("utf-16"))
    (tmp_path / "large").write_bytes(b"x" * (TEXT_LIMIT + 1))
    os.mkfifo(tmp_path / "pipe")
    for name, why in {
        "latin": "not UTF-8, from line 2 on: save it",
        "utf16": "looks like UTF-16",
        "large": "larger than 1 MiB",
        "pipe": "not a regular file",
        ".": "is a folder",
        "absent": "does not exist",
    }.items():
        with pytest.raises(ValueError, match=why):
            read_text_file(tmp_path / name)


def test_a_file_of_exactly_the_limit_is_read(tmp_path):
    (tmp_path / "full").write_bytes(b"x" * TEXT_LIMIT)
    assert len(read_text_file(tmp_path / "full")) == TEXT_LIMIT
