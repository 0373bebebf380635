"""What other people's code, files and programs rely on is what `public_api.txt` says.

A change of it is a decision: renew the file, commit it with the change, and add a line to the
changelog.

    make public-api
"""

from __future__ import annotations

import difflib
import inspect
import json
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pydantic
import typer
from site_reference import PAGES

import soundstage
from soundstage.cli import command_line as commands
from soundstage.results import event_schema
from soundstage.scenario import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SNAPSHOT = Path(__file__).with_name("public_api.txt")
RENEW = "make public-api"

OF_ACTORS = frozenset({"after", "now"})
"""What agents may use of the class that they inherit from."""


def names() -> Iterator[str]:
    """Each name that the API reference lists, with its signature, its members and its fields."""
    for _, _, listed in PAGES.values():
        for path in listed:
            module, _, name = path.rpartition(".")
            yield from described(path, getattr(import_module(module), name))


def described(path: str, value: object) -> Iterator[str]:
    if inspect.ismodule(value):
        for name, member in vars(value).items():
            if inspect.isclass(member) and member.__module__ == value.__name__ and name[0] != "_":
                yield f"class {path}.{name}({bases(member)})"
    elif inspect.isclass(value):
        yield f"class {path}({bases(value)})"
        yield from sorted(set(members(path, value)))
    else:
        yield f"def {path}{signature(value)}"


def bases(value: type) -> str:
    return ", ".join(base.__name__ for base in value.__bases__)


def members(path: str, value: type) -> Iterator[str]:
    if issubclass(value, pydantic.BaseModel):
        value.model_rebuild()  # it is built at its first use, and has no fields of its own before
    if not issubclass(value, msgspec.Struct | Exception):
        yield f"{path}{signature(value)}"
    seen = set()
    for owner in value.__mro__:
        if not owner.__module__.startswith("soundstage"):
            continue
        of_actors = owner.__module__.startswith("soundstage.kernel")
        for name in (*inspect.get_annotations(owner), *vars(owner)):
            if name[0] == "_" or name in seen or (of_actors and name not in OF_ACTORS):
                continue
            seen.add(name)
            yield from member(f"{path}.{name}", owner, name)


def member(path: str, owner: type, name: str) -> Iterator[str]:
    if name in (annotations := inspect.get_annotations(owner)):
        yield f"{path}: {annotations[name]}"
        return
    raw = getattr(vars(owner)[name], "__func__", vars(owner)[name])
    if isinstance(raw, property):
        yield f"{path} (property)"
    elif inspect.isfunction(raw) and not hasattr(raw, "__handles__"):
        yield f"{path}{signature(raw)}"


def signature(value: Any) -> str:
    try:
        found = inspect.signature(value)
    except ValueError:
        return "(...)"
    parameters = []
    for parameter in found.parameters.values():
        if parameter.default is not parameter.empty:
            # An object's representation may hold its address; that it is optional matters.
            plain = isinstance(parameter.default, str | int | float | bool | None | tuple)
            parameter = parameter.replace(  # noqa: PLW2901 - a changed copy
                default=parameter.default if plain else ...
            )
        parameters.append(parameter)
    return str(found.replace(parameters=parameters))


def toml_keys() -> Iterator[str]:
    """Each key of a scenario file."""
    schema = json_schema()
    tables = {"": schema, **schema["$defs"]}
    for table, definition in sorted(tables.items()):
        for key, value in sorted(definition.get("properties", {}).items()):
            default = json.dumps(value["default"]) if "default" in value else "-"
            needed = ", required" if key in definition.get("required", ()) else ""
            yield f"[{table}] {key} = {default} ({shape(value)}{needed})"


def shape(value: dict[str, Any]) -> str:
    if "if" in value:
        # Any value may be drawn from a choice; whether it also may be a range is its own matter.
        ranged = "" if "$ref" in value["then"] else " | range"
        return shape(value["else"]) + ranged
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if "anyOf" in value:
        return " | ".join(shape(each) for each in value["anyOf"])
    if "enum" in value:
        return " | ".join(map(json.dumps, value["enum"]))
    if "const" in value:
        return json.dumps(value["const"])
    return str(value.get("type", "any"))


def event_types() -> Iterator[str]:
    """Each type of event in a log, with its fields."""
    schema = event_schema()
    yield f"event log, version {schema['version']}"
    for definition in schema["$defs"].values():
        properties = definition.get("properties", {})
        if "enum" in properties.get("type", {}):
            [tag] = properties["type"]["enum"]
            yield f"event {tag}: {', '.join(sorted(set(properties) - {'type'}))}"


def groups() -> Iterator[str]:
    """The groups of entry points that packages extend, with what this package brings."""
    for group in sorted(entry_points().groups):
        if group.startswith("soundstage."):
            found = {entry.name for entry in entry_points(group=group)}
            yield f"entry points {group}: {', '.join(sorted(found))}"


def options() -> Iterator[str]:
    """The commands with their arguments and options."""
    for name, app in (
        ("run-scenario", commands._run_scenario_app),
        ("soundstage", commands._soundstage),
    ):
        command: Any = typer.main.get_command(app)
        yield f"command {name}: {flags(command)}"
        for sub, found in sorted(getattr(command, "commands", {}).items()):
            yield f"command {name} {sub}: {flags(found)}"


def flags(command: Any) -> str:
    return " ".join(
        "/".join(each.opts) if each.param_type_name == "option" else each.name.upper()
        for each in command.params
    )


def snapshot() -> list[str]:
    sections: tuple[tuple[str, Iterable[str]], ...] = (
        ("Names", names()),
        ("Keys of scenario files", toml_keys()),
        ("Types of event", sorted(event_types())),
        ("Entry points", groups()),
        ("Commands", options()),
    )
    return [line for title, lines in sections for line in ("", f"# {title}", "", *lines)][1:]


def test_what_others_rely_on_is_what_was_agreed() -> None:
    stored = SNAPSHOT.read_text("utf-8").splitlines()
    changed = list(difflib.unified_diff(stored, snapshot(), "agreed", "now", n=0, lineterm=""))
    assert changed == [], f"if this is meant: {RENEW}, and a line in CHANGELOG.md"


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    for name in soundstage.__all__:
        assert getattr(soundstage, name).__doc__, name
    assert {*soundstage.__all__} <= {*dir(soundstage)}


def test_every_public_name_is_in_the_reference() -> None:
    listed = {name for _, _, names in PAGES.values() for name in names}
    assert {f"soundstage.{name}" for name in soundstage.__all__} <= listed


if __name__ == "__main__":
    if sys.argv[1:] != ["--renew"]:
        sys.exit(f"usage: {RENEW}")
    SNAPSHOT.write_text("\n".join(snapshot()) + "\n", "utf-8")
