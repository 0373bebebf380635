"""What decides the runs of a batch beside cell and seed: by its digest a batch is continued."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from soundstage.config.values import FreshLoader, PlacedTable, is_list, is_table
from soundstage.errors import InfrastructureError
from soundstage.installed import version_of
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soundstage.scenario import Scenario

_ELSEWHERE: Final = frozenset({"verdict", "matrix"})
"""Tables that decide no run: what is made of all runs, and the cells, which stand in each row."""

_SECRET: Final = frozenset({"api_key", "headers", "query", "env", "base_url", "url"})
"""Keys whose values may hold a secret: only the variables in them are kept."""

_NOT_READ: Final = frozenset({"keeps"})
"""Keys that name a file which runs write."""

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")


def identity_of(scenario: Scenario, provider: str | None) -> dict[str, Any]:
    """What decides a run of a scenario beside cell and seed, as `BatchPlan.identity` has it.

    Code of the user counts by the files that the scenario names and those beside them that they
    import; an installed package by the file of the class that is named.

    Args:
        scenario: as it was read, without a cell.
        provider: the service for agents that name none.
    """
    return {
        "tables": _tables(scenario),
        "files": dict(sorted(_files(scenario))),
        "options": {"clock": scenario.clock, "provider": provider or "local"},
        "versions": {"soundstage": version_of("soundstage"), **_engines(scenario)},
    }


def _tables(scenario: Scenario) -> dict[str, object]:
    """The scenario's tables, without what decides no run."""
    tables = {
        key: table for key, table in scenario.drawing.undrawn.items() if key not in _ELSEWHERE
    }
    head = tables.get("scenario")
    tables["scenario"] = {
        key: value for key, value in (head if is_table(head) else {}).items() if key != "seed"
    }
    expected = tables.get("expect")
    if is_list(expected):
        tables["expect"] = [_without_why(each) for each in expected]
    return {key: _plain(table) for key, table in tables.items()}


def _without_why(table: object) -> object:
    if not is_table(table):
        return table
    return {key: value for key, value in table.items() if key != "why"}


def _plain(value: object, *, secret: bool = False) -> object:
    """A value that JSON can hold, secrets masked."""
    if is_table(value):
        return {key: _plain(each, secret=secret or key in _SECRET) for key, each in value.items()}
    if is_list(value):
        return [_plain(each, secret=secret) for each in value]
    if isinstance(value, str) and secret:
        return "".join(_VARIABLE.findall(value)) or "***"
    return value if isinstance(value, str | int | float | bool) else str(value)


def _files(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Each file that the tables name or that was loaded as code, and its checksum."""
    home = scenario.file.absolute().parent
    for path in {*_named_files(scenario.drawing.undrawn, home), *_loaded_code(home)}:
        yield _name(path, home), _checksum(path)


def _named_files(value: object, folder: Path) -> Iterator[Path]:
    if is_table(value):
        folders: Mapping[str, Path] = value.folders if isinstance(value, PlacedTable) else {}
        for key, each in value.items():
            if key not in _NOT_READ:
                yield from _named_files(each, folders.get(key, folder))
    elif is_list(value):
        for each in value:
            yield from _named_files(each, folder)
    elif isinstance(value, str) and value.isprintable():
        # "./agent.py:Agent" names a file, too.
        for name in {value, value.rpartition(":")[0]} - {""}:
            path = folder / name
            if path.suffix not in {"", ".toml"} and _is_file(path):
                yield path.resolve()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that no path can be
        return False


def _loaded_code(home: Path) -> Iterator[Path]:
    """The files of modules that were loaded from beside the scenario."""
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        file = getattr(module, "__file__", None)
        if file and spec is not None and isinstance(spec.loader, FreshLoader):
            path = Path(file).resolve()
            if path.is_relative_to(home.resolve()):
                yield path


def _name(path: Path, home: Path) -> str:
    """A file as it is called on any machine: from the scenario's folder, or by its name alone."""
    home = home.resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.name


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _engines(scenario: Scenario) -> dict[str, str]:
    speech = scenario.speech
    try:
        return Engines(speech.synthesizer, speech.recognizer, speech.vad).versions()
    except InfrastructureError as error:
        return {"engines": str(error)}
