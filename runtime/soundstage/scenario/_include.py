"""Reading a scenario's file and the files that it includes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from soundstage.config.values import is_list, read_text_file
from soundstage.scenario._document import Document, walk
from soundstage.scenario._faults import Place, shown_path
from soundstage.scenario._toml import BrokenTomlError, parse_toml
from soundstage.scenario._vocabulary import DEFINITIONS

if TYPE_CHECKING:
    from soundstage.scenario._faults import Faults, KeyPath

_DEEPEST_INCLUDE = 8
_DEEPEST_KEY = 32
_LARGEST = 2**63


def read_document(path: Path, faults: Faults, *, text: str | None = None) -> Document:
    """A scenario's tables, laid over those of the files it includes.

    Args:
        path: the scenario's file.
        faults: collects what is wrong.
        text: what would be in the file, where there is none.
    """
    return _read(path, (), faults, text)


def check_numbers(document: Document, faults: Faults) -> None:
    """Note every number that TOML allows and no scenario means: `nan`, `inf`, over 64 bit."""
    for path, value in walk(document.tree):
        if isinstance(value, float) and not math.isfinite(value):
            faults.add(document.place_of(path), f"{value} is no number to work with")
        elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            faults.add(document.place_of(path), "the number does not fit into 64 bits")


def _read(
    path: Path, readers: tuple[Path, ...], faults: Faults, text: str | None = None
) -> Document:
    """One file over those it includes; `readers` are the files that led here."""
    document = _parsed(path, faults, text)
    if readers:
        _check_definitions(document, faults)
    below = Document({}, document.top)
    files = [path]
    chain = (*readers, path.resolve())
    for included in _includes(document, chain, faults):
        other = _read(included, chain, faults)
        below.lay_over(other)
        files += other.files
    if readers:
        document.tree.pop("scenario", None)
    below.lay_over(document)
    below.files = list(dict.fromkeys(files))
    return below


def _parsed(path: Path, faults: Faults, text: str | None) -> Document:
    top = Place(shown_path(path), path.parent)
    document = Document({}, top)
    try:
        parsed = parse_toml(read_text_file(path) if text is None else text)
    except BrokenTomlError as error:
        faults.add(Place(top.source, top.folder, error.line, error.path), error.reason)
        return document
    except ValueError as error:
        faults.add(top, str(error))
        return document
    if not parsed.tree:
        faults.add(top, "is empty: a scenario has [agents.NAME], [[links]] and [end]")
    deep = [key for key in parsed.lines if len(key) > _DEEPEST_KEY]
    if deep:
        line = parsed.lines[deep[0]]
        faults.add(Place(top.source, top.folder, line), "values are nested too deeply")
        return document
    document.tree, document.headers = parsed.tree, parsed.headers
    document.places = {
        key: Place(top.source, top.folder, line, key) for key, line in parsed.lines.items()
    }
    return document


def _includes(document: Document, chain: tuple[Path, ...], faults: Faults) -> list[Path]:
    """The files to include; a name of the wrong type is left to the check of the table."""
    named = document.table("scenario").get("include", [])
    found: list[Path] = []
    for index, name in enumerate(named if is_list(named) else []):
        if not isinstance(name, str):
            continue
        path = document.top.folder / Path(name).expanduser()
        reason = _why_not(path, chain)
        if reason:
            faults.add(document.place_of(("scenario", "include", index)), reason)
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


def _check_definitions(document: Document, faults: Faults) -> None:
    refused: list[KeyPath] = [(key,) for key in document.tree if key not in DEFINITIONS]
    head = document.table("scenario")
    refused += [("scenario", key) for key in head if key not in ("format", "include")]
    for path in refused:
        reason = "does not belong in an included file, which holds definitions only: "
        faults.add(document.place_of(path), reason + ", ".join(sorted(DEFINITIONS)))
