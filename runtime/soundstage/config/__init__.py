"""Configuration: reading TOML files with the position of every key, and the values in them."""

from soundstage.config.diagnostics import Diagnostics, KeyPath, Place, written_path
from soundstage.config.document import Document, walk
from soundstage.config.include import (
    INLINE,
    check_numbers,
    check_variables,
    read_document,
)
from soundstage.config.matrix import cells_of, matrix_option, read_matrix
from soundstage.config.model_keys import fields_of
from soundstage.config.overrides import apply_sets, written_set
from soundstage.config.validator import Validator
from soundstage.config.variation import MOST_OPTIONS, Pick, SeedPick, Variation, faults_of_all

__all__ = [
    "INLINE",
    "MOST_OPTIONS",
    "Diagnostics",
    "Document",
    "KeyPath",
    "Pick",
    "Place",
    "SeedPick",
    "Validator",
    "Variation",
    "apply_sets",
    "cells_of",
    "check_numbers",
    "check_variables",
    "faults_of_all",
    "fields_of",
    "matrix_option",
    "read_document",
    "read_matrix",
    "walk",
    "written_path",
    "written_set",
]
