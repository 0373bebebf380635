from __future__ import annotations

import sys
from pathlib import Path

import pytest

from soundstage.config.values import ObjectReference
from soundstage.errors import UsageError


@pytest.fixture(autouse=True)
def _forgotten():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def shop(folder: Path, price: int, body: str = "import prices\nPRICE = prices.PRICE\n") -> object:
    folder.mkdir()
    (folder / "prices.py").write_text(f"PRICE = {price}\n")
    (folder / "tools.py").write_text(body)
    return ObjectReference("./tools.py:PRICE").beside(folder).load()


def test_a_file_imports_the_modules_beside_it_and_the_path_stays(tmp_path):
    before = list(sys.path)
    assert shop(tmp_path / "a", 1) == 1
    assert sys.path == before


def test_two_folders_have_modules_of_the_same_name(tmp_path):
    assert shop(tmp_path / "a", 1) == 1
    assert shop(tmp_path / "b", 2) == 2


def test_a_module_beside_it_takes_no_name_from_an_installed_one(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "colorsys.py").write_text("raise RuntimeError\n")
    (folder / "tools.py").write_text("import colorsys\nPRICE = colorsys.rgb_to_hsv\n")
    assert callable(ObjectReference("./tools.py:PRICE").beside(folder).load())


def test_a_function_may_import_the_module_when_it_is_called(tmp_path):
    body = "def PRICE():\n    import prices\n    return prices.PRICE\n"
    found = shop(tmp_path / "a", 7, body)
    assert callable(found)
    assert found() == 7


def test_a_module_that_is_nowhere_is_still_an_error(tmp_path):
    with pytest.raises(UsageError, match=r"tools\.py:1 cannot be loaded.*nosuch"):
        shop(tmp_path / "a", 1, "import nosuch_module\n")
