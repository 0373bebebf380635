from __future__ import annotations

import json
import sys

import pytest

from soundstage.config.values import ObjectReference
from soundstage.errors import UsageError


def test_an_object_of_a_module_is_loaded():
    reference = ObjectReference("json.decoder:JSONDecoder")
    assert reference.load() is json.decoder.JSONDecoder
    assert not reference.is_file
    assert (reference.place, reference.attribute) == ("json.decoder", "JSONDecoder")


def test_an_object_of_a_file_is_loaded_under_a_name_of_its_own(tmp_path):
    (tmp_path / "json.py").write_text("class Guard:\n    class Inner: ...\n")
    before = list(sys.path)
    reference = ObjectReference("./json.py:Guard").beside(tmp_path)
    guard = reference.load()
    assert reference.load() is guard
    assert guard.__module__.startswith("soundstage_file_json_")
    assert sys.modules["json"] is json
    assert sys.path == before
    assert ObjectReference("./json.py:Guard.Inner").beside(tmp_path).load() is guard.Inner
    assert not list(tmp_path.glob("__pycache__"))


def test_a_file_that_has_changed_is_loaded_anew(tmp_path):
    file = tmp_path / "guard.py"
    reference = ObjectReference("./guard.py:LIMIT").beside(tmp_path)
    file.write_text("LIMIT = 1\n")
    assert reference.load() == 1
    file.write_text("LIMIT = 2\n")
    assert reference.load() == 2


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "x = 1\nraise RuntimeError('no luck')\n",
            r"guard\.py:2 cannot be loaded: RuntimeError: no luck",
        ),
        ("x = 1\ndef (:\n", r"guard\.py:2 cannot be loaded: SyntaxError"),
        ("import no_such_module\n", r"guard\.py:1 cannot be loaded: ModuleNotFoundError"),
        ("import sys\nsys.exit(3)\n", r"guard\.py:2 cannot be loaded: SystemExit: 3"),
        ("class Gard: ...\n", 'has no "Guard"; did you mean "Gard"'),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where_and_why(tmp_path, source, why):
    (tmp_path / "guard.py").write_text(source)
    with pytest.raises(UsageError, match=why):
        ObjectReference("./guard.py:Guard").beside(tmp_path).load()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no_such_package.agents:Guard", "there is no module no_such_package: is it installed"),
        ("json.no_such:Guard", "there is no module json.no_such"),
        ("json:dumbs", 'json has no "dumbs"; did you mean "dumps"'),
        ("/no/such/file.py:Guard", "cannot be read"),
    ],
)
def test_an_object_that_is_not_there_is_said(text, why):
    with pytest.raises(UsageError, match=why):
        ObjectReference(text).load()


@pytest.mark.parametrize(
    "text",
    ["json", "json:", ":Guard", "guard.py:Guard", "./guard.py", "a b:C", "json:1", "./guard:X"],
)
def test_a_text_that_names_no_object_is_refused(text):
    with pytest.raises(ValueError, match=r"an object is named as|with its folder"):
        ObjectReference(text)
