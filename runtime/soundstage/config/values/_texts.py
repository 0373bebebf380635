"""Texts: written in place, or in a file of their own."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from soundstage.config.values._reading import reading_of
from soundstage.config.values._table import is_table
from soundstage.config.values._textfile import read_text_file

_IN_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string"}},
    "required": ["file"],
    "additionalProperties": False,
}


def text_in_file(table: object, info: ValidationInfo) -> tuple[Path, str] | None:
    """The file that a `{ file = … }` table names, and its text; None for anything else.

    Raises:
        ValueError: the file cannot be read.
    """
    if not is_table(table) or table.keys() != {"file"}:
        return None
    name = table["file"]
    if not isinstance(name, str):
        return None
    reading = reading_of(info.context)
    path = reading.folder_of(table) / Path(name).expanduser()
    try:
        text = read_text_file(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from None
    reading.files.append(path)
    return path, text


def _read_text(value: object, info: ValidationInfo) -> object:
    if is_table(value):
        found = text_in_file(value, info)
        if found is None:
            raise ValueError('a text is "…" or { file = "name.md" }')
        return found[1].strip()
    return value


def _read_lines(value: object, info: ValidationInfo) -> object:
    if is_table(value):
        found = text_in_file(value, info)
        if found is None:
            raise ValueError('lines are ["…", "…"] or { file = "name.txt" }, one on each line')
        return tuple(line.strip() for line in found[1].splitlines() if line.strip())
    return value


Text: TypeAlias = Annotated[
    str,
    BeforeValidator(_read_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, _IN_FILE]}),
]
"""Text in place, or `{ file = "x.md" }` relative to the file that says it, in UTF-8."""

Lines: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(_read_lines),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, _IN_FILE]}),
]
"""A list of texts, or a file with one on each line; blank lines are left out."""
