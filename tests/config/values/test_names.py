from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from soundstage.config.values import Name, nearest, suggestion

NAME = TypeAdapter(Name)


@pytest.mark.parametrize("name", ["a", "alice", "agent-2_b", "x" * 32, "console", "mixer"])
def test_names_that_are_files_names(name):
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Alice",
        "2nd",
        "_a",
        "a.b",
        "a b",
        "é",
        "x" * 33,
        "con",
        "nul",
        "com1",
        "lpt9",
        "mix",
        "a/b",
        "a\n",
    ],
)
def test_names_that_are_none(name):
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


def test_the_nearest_word_is_found_whatever_its_case():
    assert nearest("Voyce", ["voice", "model"]) == "voice"
    assert nearest("zzz", ["voice", "model"]) is None


def test_a_suggestion_names_the_nearest_word_or_all_of_them():
    assert suggestion("voyce", ["voice", "model"]) == 'did you mean "voice"?'
    assert suggestion("zzz", ["voice", "model"]) == "known: model, voice"
    assert suggestion("zzz", [], none="there is none") == "there is none"
    assert suggestion("zzz", [f"a{n:02}" for n in range(20)]).endswith("a11, …")
