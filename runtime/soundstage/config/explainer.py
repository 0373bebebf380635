"""Errors of pydantic, explained to the person who writes the file."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from soundstage.config.diagnostics import written_path
from soundstage.config.model_keys import choices_at, fields_of, model_at
from soundstage.config.spellings import not_here, usual_spelling
from soundstage.config.values import DRAWN_FROM, is_list, is_table, nearest, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from soundstage.config.diagnostics import Diagnostics, KeyPath
    from soundstage.config.document import Document

_MUST_BE = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "path_type": "a path, as text in quotes",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_SIZES = {
    "string_too_short": ("at least", "min_length", "characters"),
    "string_too_long": ("at most", "max_length", "characters"),
}
_SECRET = re.compile(r"key|secret|token|password|headers|query|auth", re.IGNORECASE)
_LONGEST_SHOWN = 40


class Explainer:
    """Turns pydantic's errors into diagnostics of a document.

    Args:
        document: what was validated.
        diagnostics: where they go.
        root: the model of the whole file.
    """

    def __init__(self, document: Document, diagnostics: Diagnostics, root: type[BaseModel]) -> None:
        self._document = document
        self._diagnostics = diagnostics
        self._root = root

    def report(self, error: ValidationError, model: type[BaseModel], base: KeyPath) -> None:
        """Add a diagnostic for each error of a model's validation.

        Args:
            error: what pydantic found.
            model: the model that was validated.
            base: the key path of its table.
        """
        for details in error.errors(include_url=False):
            if isinstance(details["input"], float) and not math.isfinite(details["input"]):
                # The check of all numbers has reported it already, in better words.
                continue
            found = tuple(part for part in details["loc"] if part != "[key]")
            path = self._existing(base, found)
            match details["type"]:
                case "missing":
                    last = found[-1]
                    reason = f'"{last}" is missing' if isinstance(last, str) else "is too short"
                    self._diagnostics.add(self._document.place_of(path), reason)
                case "extra_forbidden":
                    self.report_unknown(model, base, found)
                case _:
                    reason = _reason(details, path, choices_at(model, found))
                    self._diagnostics.add(self._document.place_of(path), reason)

    def report_value(self, error: ValidationError, path: KeyPath) -> None:
        """Add a diagnostic for each error of one value's validation, all at one key path."""
        for details in error.errors(include_url=False):
            self._diagnostics.add(self._document.place_of(path), _reason(details, path))

    def report_unknown(self, model: type[BaseModel], base: KeyPath, found: KeyPath) -> None:
        """Add a diagnostic for a key that its table does not have, with what was probably meant.

        Args:
            model: the model of the table at `base`.
            base: a key path.
            found: the unknown key's path from there.
        """
        path = base + found
        table = model_at(model, found[:-1])
        known = list(fields_of(table)) if table else []
        reason = not_here(path)
        inner = _table_below(table, str(found[-1]))
        if reason is None or inner:
            hint = f"it belongs to [{written_path((*path[:-1], inner))}]" if inner else None
            reason = f"unknown key; {hint or self._meant(model, base, found, known)}"
        self._diagnostics.add(self._document.place_of(path), reason)

    def _existing(self, base: KeyPath, found: KeyPath) -> KeyPath:
        """The part of an error's location that is in the file: pydantic adds names of its own."""
        path = base
        for part in found:
            holder = self._document.value(path)
            if not (
                (is_table(holder) and part in holder)
                or (is_list(holder) and isinstance(part, int) and part < len(holder))
            ):
                break
            path = (*path, part)
        return path

    def _meant(
        self, model: type[BaseModel], base: KeyPath, found: KeyPath, known: list[str]
    ) -> str:
        key = str(found[-1])
        usual = usual_spelling(key)
        if usual in known:
            return f'did you mean "{usual}"?'
        reserved = not_here((usual,)) if usual and not base and len(found) == 1 else None
        if reserved:
            return f'"{usual}", which may be meant, {reserved}'
        if key.endswith("_ms") and key[:-3] in known:
            return f'the unit stands in the value: {key[:-3]} = "500ms"'
        for end in range(len(found) - 2, -1, -1):
            above = model_at(model, found[:end])
            if above and key in fields_of(above):
                return self._move_above(base, found, end)
        near = nearest(key, known)
        if near is None:
            holder = self._table_with(key)
            if holder:
                return f"it belongs under [{holder}]"
        return suggestion(key, known)

    def _move_above(self, base: KeyPath, found: KeyPath, end: int) -> str:
        headers = self._document.headers
        owner = base + found[:end]
        name = written_path(owner)
        for deeper in range(end + 1, len(found)):
            header = headers.get(base + found[:deeper])
            if header:
                return f"it belongs to [{name}]: move it above {header}"
        return f"it belongs to [{name}]"

    def _table_with(self, key: str) -> str | None:
        """The table of the file that has this key."""
        for name in fields_of(self._root):
            table = model_at(self._root, (name,))
            if table and key in fields_of(table):
                return name
        return None


def _table_below(table: type[BaseModel] | None, key: str) -> str | None:
    for name in fields_of(table) if table else ():
        inner = model_at(table, (name,)) if table else None
        if inner and key in fields_of(inner):
            return name
    return None


def _reason(details: ErrorDetails, path: KeyPath, choices: Sequence[object] = ()) -> str:
    """What is wrong with a value, by the type of pydantic's error.

    A type that is not known here, which only a model from elsewhere can bring, keeps pydantic's
    own message.
    """
    kind = details["type"]
    context: Mapping[str, Any] = details.get("ctx", {})
    if kind in _MUST_BE:
        is_text = kind == "string_type" and is_list(details["input"])
        hint = f"; {DRAWN_FROM}" if is_text else ""
        return f"must be {_MUST_BE[kind]}, not {_shown(details['input'], path)}{hint}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]}"
    if kind in _SIZES:
        words, bound, things = _SIZES[kind]
        return f"must have {words} {context[bound]} {things}"
    if kind == "literal_error" and choices:
        return _choice(choices, details["input"], path)
    if kind in ("too_short", "too_long"):
        wanted = context.get("min_length", context.get("max_length"))
        return f"must have {wanted} items, not {context['actual_length']}"
    if "error" in context:
        return str(context["error"])
    return details["msg"][:1].lower() + details["msg"][1:]


def _choice(choices: Sequence[object], given: object, path: KeyPath) -> str:
    *most, last = [json.dumps(choice, ensure_ascii=False, default=str) for choice in choices]
    known = f"{', '.join(most)} or {last}" if most else last
    reason = f"must be {known}, not {_shown(given, path)}"
    texts = [choice for choice in choices if isinstance(choice, str)]
    near = nearest(given, texts) if isinstance(given, str) else None
    return f'{reason}; did you mean "{near}"?' if near else reason


def _shown(value: object, path: KeyPath) -> str:
    """A value as it was written, shortened, unless it may be a secret."""
    if is_table(value):
        return "a table"
    if is_list(value):
        return "a list"
    if any(_SECRET.search(str(part)) for part in path):
        return "this"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
