"""Regular expressions of the user: Python's meaning, and a search that ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.config.values.pattern import SEARCHED_WITHIN, Pattern
from soundstage.errors import PatternTimeout
from soundstage.kernel import Stopwatch

HARMLESS = [
    r"\b(yes|sure|please do)\b",
    r"order (?P<n>[0-9]+)",
    r"(?P<word>\w+) \1",
    r"(?<=€ )\d+(?:\.\d\d)?",
    r"(?<!not )\bready\b",
    r"caf(?=é)",
    r"\bélan\b",
    r"^\s*$",
    r"a{2,3}b+?",
    r"(?:one|two){1,20}",
    r"(?x) go \s* on",
    r"[^\W\d_]+ \{x\}",
    r"(?:\w{1,20} )+end",
    r"(?>a+)+",
    r"(a)?(?(1)b|c)",
    r"(?s:.)\Z",
]
SAID = st.text(alphabet="aeé bcnorsty 0123456789€.{x}\n", max_size=40) | st.sampled_from(
    ["Yes, sure.", "order 12", "no no", "€ 5.00", "not ready", "café au lait", "un élan", "GO ON"]
)


@pytest.mark.parametrize("text", HARMLESS)
@given(said=SAID)
def test_a_pattern_means_what_it_means_to_python(text: str, said: str) -> None:
    found = re.search(text, said, re.IGNORECASE)
    expected = None if found is None else {k: v or "" for k, v in found.groupdict().items()}
    assert Pattern(text).search(said) == expected
    assert Pattern(text).slots == tuple(re.compile(text, re.IGNORECASE).groupindex)


@pytest.mark.parametrize(
    "text", [r"(a+)+", r"(?:\w+\s*)*!", r"((ab)*c*)*", r"(x*?){2,}", r"(?=(a*)*)b", r"(a|b+)*c"]
)
def test_what_repeats_what_repeats_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(ValueError, match="limit one of them"):
        Pattern(text)


@pytest.mark.parametrize("text", ["(", "[[:alpha:]]", "(?:foo){e<=1}", r"\L<x>", "a{", "(?V1)a"])
def test_what_python_does_not_read_or_another_would_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no regular expression|write"):
        Pattern(text)


def test_a_search_that_takes_too_long_is_neither_found_nor_missed() -> None:
    slow = Pattern(r"(a|aa)+$")
    watch = Stopwatch()
    with pytest.raises(PatternTimeout, match=r"\(a\|aa\)\+\$.*61 letters"):
        slow.search("a" * 60 + "b")
    assert watch.seconds < 40 * SEARCHED_WITHIN
