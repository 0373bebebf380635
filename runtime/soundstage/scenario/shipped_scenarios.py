"""Finding scenarios: by their files, or by the names of the shipped ones."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from soundstage.config.values import is_table, path_of, read_text_file, suggestion
from soundstage.errors import ScenarioError

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Listed:
    """A shipped scenario.

    Attributes:
        name: what it is run by, its file's stem.
        title: a few words.
        description: a sentence, or empty.
        path: its file.
    """

    name: str
    title: str
    description: str
    path: Path


def list_scenarios() -> tuple[Listed, ...]:
    """The shipped scenarios, by name."""
    return tuple(_listed(path) for path in sorted(shipped_folder().glob("*.toml")))


def shipped_folder() -> Path:
    """The folder of the shipped scenarios: in the wheel, or in the repository."""
    packaged = _PACKAGE / "scenarios"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "scenarios"


def find_scenario(path_or_name: str | Path) -> Path:
    """The file of a scenario.

    Args:
        path_or_name: a file, or the name of a shipped scenario, which may end in `.toml` where
            there is no such file here.

    Raises:
        ScenarioError: there is neither.
    """
    path = path_of(path_or_name)
    if isinstance(path_or_name, Path) or len(path.parts) > 1:
        return path
    shipped = {found.stem: found for found in shipped_folder().glob("*.toml")}
    if path.suffix == ".toml":
        return path if path.exists() else shipped.get(path.stem, path)
    if path.name in shipped:
        return shipped[path.name]
    if path.exists():
        return path
    here = [found.name for found in Path().glob("*.toml")]
    hint = suggestion(path.name, [*shipped, *here], none="and none is shipped")
    raise ScenarioError([f'there is no scenario "{path_or_name}"; {hint}'])


def _listed(path: Path) -> Listed:
    try:
        head: object = tomllib.loads(read_text_file(path)).get("scenario")
    except ValueError:
        # A broken file is listed all the same: running it says what is wrong with it.
        head = None
    said = head if is_table(head) else {}
    title, description = said.get("name", path.stem), said.get("description", "")
    return Listed(path.stem, str(title), str(description), path)
