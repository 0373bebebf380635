"""What the page about the architecture says of the tree is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    [shown] = re.findall(r"```layers\n(.*?)```", PAGE, re.DOTALL)
    assert shown.splitlines() == layers


def test_each_package_is_explained() -> None:
    names = {
        path.stem if path.suffix else path.name
        for path in (ROOT / "runtime" / "soundstage").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    [table] = re.findall(r"\| package \|.*?\n\n", PAGE, re.DOTALL)
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == names - {"__init__"}


def test_each_folder_that_it_names_is_there() -> None:
    [table] = re.findall(r"\| you want to change \|.*", PAGE, re.DOTALL)
    folders = re.findall(r"`([a-z_/]+)`", table)
    assert len(folders) > 30
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_each_class_that_it_names_is_there() -> None:
    code = "".join(path.read_text() for path in (ROOT / "runtime").rglob("*.py"))
    for name in set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+|Port|Frame|Begin|Scenario|Run)`", PAGE)):
        assert re.search(rf"^(class|def) {name}\b", code, re.MULTILINE), name
