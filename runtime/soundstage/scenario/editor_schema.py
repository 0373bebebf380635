"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from soundstage.config import MOST_OPTIONS
from soundstage.config.values import CHOICE, Duration, Level, Ratio, is_list, is_table
from soundstage.errors import UsageError
from soundstage.scenario.kinds import (
    DEFAULT_KIND,
    installed_effects,
    installed_kinds,
    load_effect,
    load_kind,
)
from soundstage.scenario.providers import OPENAI
from soundstage.scenario.shipped_scenarios import shipped_folder
from soundstage.scenario.tables import OpenAiTable, Root

if TYPE_CHECKING:
    from pydantic import BaseModel

_UNITS = {Duration.PATTERN, Level.PATTERN, Ratio.PATTERN}
_ONE_OF = {
    "type": "object",
    "description": "One of several values, drawn from the seed before the run.",
    "properties": {
        CHOICE: {
            "type": "array",
            "description": "the values, each drawn equally often.",
            "minItems": 1,
            "maxItems": MOST_OPTIONS,
        }
    },
    "required": [CHOICE],
    "additionalProperties": False,
}
_FIXED = {
    *("ScenarioTable", "ProviderTable", "OpenAiTable"),
    *("Expectation", "ExpectedMoment", "Conditions", "Until"),
}
"""The tables in which nothing varies."""

_DIALECT = "http://json-schema.org/draft-07/schema#"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """The schema that an editor checks and completes scenario files by.

    It knows the keys of every installed kind of agents; a kind from a file may have any.
    """
    schema = _schema_of(Root, "")
    definitions: dict[str, Any] = schema["$defs"]
    kinds = {name: model for name in sorted(installed_kinds()) if (model := _settings(name))}
    for name, model in kinds.items():
        own = _schema_of(model, f"{name}.")
        definitions |= {f"{name}.{key}": value for key, value in own.pop("$defs", {}).items()}
        definitions[f"agent.{name}"] = own
        definitions[f"defaults.{name}"] = {**own, "required": []}
    properties: dict[str, Any] = schema["properties"]
    # Built in, so that it needs no address, and little of it can be changed.
    definitions["OpenAiTable"] = _schema_of(OpenAiTable, "")
    properties["providers"]["properties"] = {OPENAI: {"$ref": "#/$defs/OpenAiTable"}}
    properties["agents"] = _named(_agent(list(kinds)))
    effects = {
        name: load_effect(name, shipped_folder()).Settings for name in sorted(installed_effects())
    }
    for name, settings in effects.items():
        own = _schema_of(settings, f"{name}.")
        definitions |= {f"{name}.{key}": value for key, value in own.pop("$defs", {}).items()}
        definitions[f"effect.{name}"] = own
    properties["effects"] = _named(_effect(list(effects)))
    properties["defaults"] = {
        **_named({"type": "object"}),
        "properties": {name: {"$ref": f"#/$defs/defaults.{name}"} for name in kinds},
    }
    for name in definitions.keys() - _FIXED:
        definitions[name] = _let_vary(definitions[name])
    definitions["OneOf"] = _ONE_OF
    # A file with definitions only is included by others, and has none of the rest.
    schema.pop("required")
    return {"$schema": _DIALECT, **schema, "title": "A Soundstage scenario"}


def _let_vary(table: dict[str, Any]) -> dict[str, Any]:
    """The schema of a table whose values may be drawn from the seed."""
    properties = table.get("properties")
    if not is_table(properties):
        return table
    return {**table, "properties": {key: _varying(key, properties[key]) for key in properties}}


def _varying(key: str, value: object) -> object:
    if key == "kind" or not is_table(value):
        return value
    about: dict[str, object] = {}
    about |= {name: value[name] for name in ("description", "default") if name in value}
    one = {name: item for name, item in value.items() if name not in about}
    return {**about, **_or_drawn(_with_ranges(_with_items(one)))}


def _with_items(one: dict[str, Any]) -> dict[str, Any]:
    """A list or a table of values, of which each may be drawn."""
    for name in ("items", "additionalProperties"):
        inner = one.get(name)
        if is_table(inner):
            one = {**one, name: _or_drawn(_with_ranges(inner))}
    forms = one.get("anyOf")
    if is_list(forms):
        one = {**one, "anyOf": [_with_items(form) for form in forms if is_table(form)]}
    return one


def _with_ranges(one: dict[str, Any]) -> dict[str, Any]:
    if one.get("type") not in {"number", "integer"} and one.get("pattern") not in _UNITS:
        return one
    ends = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
    # With `if`, an editor says what is wrong with a value, and not that no form of it fits.
    return {"if": {"type": "array"}, "then": ends, "else": one}


def _or_drawn(one: dict[str, Any]) -> dict[str, Any]:
    drawn = {"type": "object", "required": [CHOICE]}
    return {"if": drawn, "then": {"$ref": "#/$defs/OneOf"}, "else": one}


def _settings(kind: str) -> type[BaseModel] | None:
    try:
        return load_kind(kind, shipped_folder()).Settings
    except UsageError:
        return None


def _named(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": one}


def _agent(kinds: list[str]) -> dict[str, Any]:
    """Which keys an agent has, by its kind."""
    return {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "allOf": [
            {"if": _is_kind(kind), "then": {"$ref": f"#/$defs/agent.{kind}"}} for kind in kinds
        ],
    }


def _effect(kinds: list[str]) -> dict[str, Any]:
    """Which keys an effect has, by its kind."""
    return {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}},
                "then": {"$ref": f"#/$defs/effect.{kind}"},
            }
            for kind in kinds
        ],
    }


def _is_kind(kind: str) -> dict[str, Any]:
    named = {"properties": {"kind": {"const": kind}}}
    return named if kind == DEFAULT_KIND else {**named, "required": ["kind"]}


def _schema_of(model: type[BaseModel], prefix: str) -> dict[str, Any]:
    """A model's schema in the words of its docstrings; `prefix` keeps definitions apart."""
    template = f"#/$defs/{prefix}{{model}}"
    written = _tidy(model.model_json_schema(by_alias=True, ref_template=template))
    if not is_table(written):
        return {}
    for base in model.__mro__[1:]:
        _explain(written, inspect.getdoc(base) or "")
    return written


def _tidy(value: object) -> object:
    """A schema without what pydantic adds for itself: titles, and null, which TOML has not."""
    if is_list(value):
        return [_tidy(item) for item in value]
    if not is_table(value):
        return value
    choices = value.get("anyOf")
    if is_list(choices) and {"type": "null"} in choices:
        value = {key: item for key, item in value.items() if key != "anyOf"}
        rest = [choice for choice in choices if choice != {"type": "null"}]
        value |= rest[0] if len(rest) == 1 and is_table(rest[0]) else {"anyOf": rest}
    tidy = {key: _tidy(item) for key, item in value.items() if not _is_clutter(key, item)}
    return _described(tidy) if "properties" in tidy else tidy


def _is_clutter(key: str, item: object) -> bool:
    if key == "default":
        return item is None or is_table(item)
    return key == "gt" or (key == "title" and isinstance(item, str))


def _described(table: dict[str, object]) -> dict[str, object]:
    """A table's schema, its keys explained by the `Attributes` of the model's docstring."""
    text = inspect.cleandoc(str(table.get("description", "")))
    _explain(table, text)
    first = " ".join(text.split("\n\n")[0].split())
    return {**table, "description": first} if first else table


def _explain(table: dict[str, object], docstring: str) -> None:
    """Give each key that has none the words of a docstring."""
    properties = table.get("properties")
    for name, words in _ATTRIBUTE.findall(docstring):
        field = properties.get(name) if is_table(properties) else None
        if is_table(field) and "$ref" not in field:
            field.setdefault("description", " ".join(words.split()))
