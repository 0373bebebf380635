"""One spoken form for what can be written in many ways: numbers, prices, times, dates, codes."""

from soundstage.spoken_form._atoms import JOIN, Atom, SlotType
from soundstage.spoken_form._comparable import (
    READINGS,
    Comparable,
    Reading,
    atoms_of,
    expression,
    line_of,
    needs_digits,
    phrase_pattern,
    same_words,
    whole,
)
from soundstage.spoken_form._read_aloud import read_aloud
from soundstage.spoken_form._typed_slots import SLOT_PATTERNS, SLOT_TYPES, value_of
from soundstage.spoken_form._word_errors import normalize, word_error_rate

__all__ = [
    "JOIN",
    "READINGS",
    "SLOT_PATTERNS",
    "SLOT_TYPES",
    "Atom",
    "Comparable",
    "Reading",
    "SlotType",
    "atoms_of",
    "expression",
    "line_of",
    "needs_digits",
    "normalize",
    "phrase_pattern",
    "read_aloud",
    "same_words",
    "value_of",
    "whole",
    "word_error_rate",
]
