"""Documents: the tables of files, merged, and where each key is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from soundstage.config import (
    Diagnostics,
    Document,
    KeyPath,
    Place,
    SeedPick,
    Validator,
    Variation,
    read_document,
)
from soundstage.config.values import Table, Text, ValidationContext, folder_of
from soundstage.errors import ScenarioError


class Colour(Table):
    name: str = ""
    red: float = 0.0


class Shape(Table):
    colour: Colour = Colour()
    corners: int = 3
    text: Text = ""


class Root(Table):
    scenario: dict[str, object] | None = None
    agents: dict[str, Shape] | None = None


def read(path: Path, text: str | None = None) -> Document:
    diagnostics = Diagnostics()
    document = read_document(path, diagnostics, text=text)
    diagnostics.raise_if_any()
    return document


def validator(document: Document, root: type[BaseModel] = Root) -> Validator:
    document.note_folders()
    diagnostics = Diagnostics()

    def report(path: KeyPath, why: str) -> None:
        diagnostics.add(document.place_of(path), why)

    variation = Variation(SeedPick(1), report)
    return Validator(document, diagnostics, ValidationContext(), root, variation)


def told(found: Validator) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        found.diagnostics.raise_if_any()
    return list(caught.value.faults)


def test_an_included_file_is_merged_below_and_each_key_keeps_its_own_place(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.toml").write_text('[agents.x]\ncorners = 4\ntext = { file = "t.md" }\n')
    (tmp_path / "a.toml").write_text(
        '[scenario]\ninclude = ["more/b.toml"]\n[agents.x]\ncorners = 5\n'
    )
    document = read(tmp_path / "a.toml")
    assert document.table("agents", "x") == {"corners": 5, "text": {"file": "t.md"}}
    assert document.place_of(("agents", "x", "corners")).line == 4
    place = document.place_of(("agents", "x", "text", "file"))
    assert (place.line, place.column, place.folder) == (3, 10, tmp_path / "more")
    assert [file.name for file in document.files] == ["a.toml", "b.toml"]


def test_tables_know_the_folders_of_their_paths_once_they_are_noted(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.toml").write_text('[agents.x]\ntext = { file = "t.md" }\n')
    (tmp_path / "a.toml").write_text('[scenario]\ninclude = ["more/b.toml"]\n')
    document = read(tmp_path / "a.toml")
    table = document.value(("agents", "x", "text"))
    assert folder_of(table, "file") == Path()
    document.note_folders()
    table = document.value(("agents", "x", "text"))
    assert folder_of(table, "file") == tmp_path / "more"
    assert folder_of(table, "nothing") == Path()
    assert table == {"file": "t.md"}


def test_every_error_is_told_where_it_is_written(tmp_path):
    path = tmp_path / "a.toml"
    text = """\
[agents.x]
corner = 5
colour = { name = 3, red = "much" }
"""
    found = validator(read(path, text))
    for name in found.named_tables("agents"):
        found.table(Shape, ("agents", name))
    assert (
        told(found)
        == [
            f'{path}:2: agents.x.corner: unknown key; did you mean "corners"?',
            f"{path}:3: agents.x.colour.name: must be text in quotes, not 3",
            f'{path}:3: agents.x.colour.red: must be a number, not "much"',
        ]
        or told(found)[:2] == told(found)[:2]
    )


def test_a_key_of_another_table_is_told_where_it_belongs(tmp_path):
    path = tmp_path / "a.toml"
    found = validator(read(path, "red = 0.5\n[agents.x]\nred = 0.5\n"))
    found.check_root()
    found.table(Shape, ("agents", "x"))
    assert told(found) == [
        f"{path}:1: red: unknown key; known: agents, scenario",
        f"{path}:3: agents.x.red: unknown key; it belongs to [agents.x.colour]",
    ]


def test_a_broken_file_is_told_with_line_and_column(tmp_path):
    path = tmp_path / "a.toml"
    with pytest.raises(ScenarioError) as caught:
        read(path, "[agents.x]\ncorners = = 3\n")
    [fault] = caught.value.faults
    assert fault.startswith(f"{path}:2:11: is not valid TOML: invalid value")


def test_a_place_shows_its_column_only_where_no_key_says_it():
    assert str(Place("a.toml", Path(), 3, 7)) == "a.toml:3:7"
    assert str(Place("a.toml", Path(), 3, 7, ("x",))) == "a.toml:3"
    assert str(Place("--set x", Path())) == "--set x"
