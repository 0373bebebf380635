"""The gate for text that people read."""

from __future__ import annotations

import json
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.printable_text import printable, printable_json, printable_line

ANY_TEXT = st.text(st.characters(exclude_categories=()))
VALID_TEXT = st.text(st.characters(exclude_categories=("Cs",)))
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
RIGHT_TO_LEFT = "\u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd"


def obeyed(text: str) -> list[str]:
    """Characters that a terminal obeys, or that change how others are shown."""
    marks = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return [
        each
        for each in text
        if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(each) in marks
        or each in "\u061c\u200b\u200e\u200f\u2060\ufeff"
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2Jgone", r"\x9b2Jgone"),
        ("a\0b", r"a\x00b"),
        ("a\bb\x7f", r"a\x08b\x7f"),
        ("paid\r\nrefused\rnever", "paid refused never"),
        ("a\n\n\tb\u2028c\u2029d\x85e\vf", "a b c d e f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066a\u2069 \u200fb\u061c", r"\u2066a\u2069 \u200fb\u061c"),
        ("ze\u200bro\ufeff\xad", r"ze\u200bro\ufeff\xad"),
        ("\U000e0041", r"\U000e0041"),
        ("half \ud83d", r"half \ud83d"),
        (RIGHT_TO_LEFT, RIGHT_TO_LEFT),
        ("\U0001f469\u200d\U0001f4bb \u2764\ufe0f", "\U0001f469\u200d\U0001f4bb \u2764\ufe0f"),
        ("caf\u00e9 24,50 \u20ac", "caf\u00e9 24,50 \u20ac"),
        ("   spaces  stay ", "   spaces  stay "),
    ],
)
def test_a_character_that_is_obeyed_is_shown_by_its_number(text: str, shown: str) -> None:
    assert printable_line(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\r\nb\rc\u2028d\n", "a\nb\nc\nd\n"), ("a\tb\x1b", "a\tb\\x1b"), ("a\n\n  b", "a\n\n  b")],
)
def test_text_of_several_lines_keeps_its_lines(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_nothing_of_any_line_is_obeyed(text: str) -> None:
    line = printable_line(text)
    assert obeyed(line) == []
    assert len(line.splitlines()) <= 1
    line.encode()


@given(ANY_TEXT)
def test_of_any_text_only_tabs_and_line_ends_are_obeyed(text: str) -> None:
    assert set(obeyed(printable(text))) <= {"\n", "\t"}


@given(ANY_TEXT)
def test_what_has_passed_the_gate_passes_it_unchanged(text: str) -> None:
    assert printable_line(printable_line(text)) == printable_line(text)
    assert printable(printable(text)) == printable(text)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf"))))
def test_text_without_such_characters_stays_as_it_is(text: str) -> None:
    assert printable_line(text) == printable(text) == text


@pytest.mark.parametrize("kept", [*JOINERS, *VISIBLE_FORMATS])
def test_formats_that_scripts_need_stay(kept: str) -> None:
    assert printable_line(f"a{kept}b") == f"a{kept}b"


@given(VALID_TEXT)
def test_json_keeps_its_value_and_nothing_of_it_is_obeyed(text: str) -> None:
    line = printable_json(msgspec.json.encode({text: text}).decode())
    assert json.loads(line) == msgspec.json.decode(line) == {text: text}
    assert obeyed(line) == []
