"""Reading a scenario's file and the files that it includes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundstage.config.diagnostics import Place, shown_path
from soundstage.config.document import Document, walk
from soundstage.config.spellings import DEFINITIONS
from soundstage.config.toml import BrokenTomlError, parse_toml
from soundstage.config.values import is_list, path_of, read_text_file, variables_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.config.diagnostics import Diagnostics, KeyPath

INLINE: Final = "inline.toml"
"""What a text that is in no file is called in diagnostics."""

_DEEPEST_INCLUDE = 8
_DEEPEST_KEY = 32
_LARGEST = 2**63


def read_document(path: Path, diagnostics: Diagnostics, *, text: str | None = None) -> Document:
    """A scenario's tables, merged with those of the files that it includes; its own win.

    Args:
        path: the scenario's file.
        diagnostics: collects what is wrong.
        text: the content, if it is not to be read from the file.
    """
    return _read(path, (), diagnostics, text)


def check_numbers(document: Document, diagnostics: Diagnostics) -> None:
    """Add an error for each number that TOML allows and no key takes: `nan`, `inf`, 65 bits."""
    for path, value in walk(document.tree):
        if isinstance(value, float) and not math.isfinite(value):
            diagnostics.add(document.place_of(path), f"{value} is no number to work with")
        elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            diagnostics.add(document.place_of(path), "the number does not fit into 64 bits")


def check_variables(
    document: Document, diagnostics: Diagnostics, may_hold: Callable[[KeyPath], bool]
) -> None:
    """Warn about `${NAME}` where it is not replaced.

    Args:
        document: the tables.
        diagnostics: gets the warnings.
        may_hold: whether variables are replaced in the text of a key.
    """
    for path, value in walk(document.tree):
        if isinstance(value, str) and not may_hold(path):
            for variable in variables_in(value):
                reason = (
                    f"${{{variable}}} stays as it is: variables are for providers, chat.api_key "
                    "and mcp.env only"
                )
                diagnostics.warn(document.place_of(path), reason)


def _read(
    path: Path, readers: tuple[Path, ...], diagnostics: Diagnostics, text: str | None = None
) -> Document:
    """One file over those it includes; `readers` are the files that led here."""
    document = _parsed(path, diagnostics, text)
    if readers:
        _check_definitions(document, diagnostics)
    below = Document({}, document.top)
    files = [path]
    chain = (*readers, path.resolve())
    for included in _includes(document, chain, diagnostics):
        other = _read(included, chain, diagnostics)
        below.lay_over(other)
        files += other.files
    if readers:
        document.tree.pop("scenario", None)
    below.lay_over(document)
    below.files = list(dict.fromkeys(files))
    return below


def _parsed(path: Path, diagnostics: Diagnostics, text: str | None) -> Document:
    top = Place(shown_path(path), path.parent)
    document = Document({}, top)
    try:
        parsed = parse_toml(read_text_file(path) if text is None else text)
    except BrokenTomlError as error:
        diagnostics.add(Place(top.source, top.folder, *error.position, error.path), error.reason)
        return document
    except ValueError as error:
        diagnostics.add(top, str(error))
        return document
    if not parsed.tree:
        diagnostics.add(top, "is empty: a scenario has [agents.NAME], [[links]] and [end]")
    deep = [key for key in parsed.positions if len(key) > _DEEPEST_KEY]
    if deep:
        where = parsed.positions[deep[0]]
        diagnostics.add(Place(top.source, top.folder, *where), "values are nested too deeply")
        return document
    document.tree, document.headers = parsed.tree, dict(parsed.headers)
    document.places = {
        key: Place(top.source, top.folder, *where, key) for key, where in parsed.positions.items()
    }
    return document


def _includes(document: Document, chain: tuple[Path, ...], diagnostics: Diagnostics) -> list[Path]:
    """The files to include; a name of the wrong type is left to the check of the table."""
    named = document.table("scenario").get("include", [])
    found: list[Path] = []
    for index, name in enumerate(named if is_list(named) else []):
        if not isinstance(name, str):
            continue
        path = document.top.folder / path_of(name)
        reason = _why_not(path, chain)
        if reason:
            diagnostics.add(document.place_of(("scenario", "include", index)), reason)
        else:
            found.append(path)
    return found


def _why_not(path: Path, chain: tuple[Path, ...]) -> str | None:
    if path.resolve() in chain:
        circle = [*chain[chain.index(path.resolve()) :], path.resolve()]
        return "the files include each other: " + " -> ".join(file.name for file in circle)
    if len(chain) > _DEEPEST_INCLUDE:
        return f"files include each other more than {_DEEPEST_INCLUDE} deep"
    if not path.exists():
        return f"there is no file {shown_path(path)}"
    return None


def _check_definitions(document: Document, diagnostics: Diagnostics) -> None:
    refused: list[KeyPath] = [(key,) for key in document.tree if key not in DEFINITIONS]
    head = document.table("scenario")
    refused += [("scenario", key) for key in head if key not in ("format", "include")]
    for path in refused:
        reason = "does not belong in an included file, which holds definitions only: "
        diagnostics.add(document.place_of(path), reason + ", ".join(sorted(DEFINITIONS)))
