"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.errors import UsageError
from soundstage.scenario._kinds import DEFAULT_KIND, installed_kinds, load_kind, settings_of
from soundstage.scenario._shipped import shipped_folder
from soundstage.scenario._tables import Root

if TYPE_CHECKING:
    from pydantic import BaseModel

_DIALECT = "http://json-schema.org/draft-07/schema#"


def json_schema() -> dict[str, Any]:
    """The schema that an editor checks and completes scenario files by.

    It knows the keys of every installed kind of agents; a kind from a file may have any.
    """
    schema = Root.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    kinds = {name: model for name in sorted(installed_kinds()) if (model := _settings(name))}
    for name, model in kinds.items():
        own = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{name}.{{model}}")
        for key, definition in own.pop("$defs", {}).items():
            definitions[f"{name}.{key}"] = definition
        definitions[f"agent.{name}"] = own
        definitions[f"defaults.{name}"] = {**own, "required": []}
    properties: dict[str, Any] = schema["properties"]
    properties["agents"]["additionalProperties"] = _agent(list(kinds))
    properties["defaults"] = {
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/defaults.{name}"} for name in kinds},
        "additionalProperties": {"type": "object"},
    }
    # A file with definitions only is included by others, and has none of the rest.
    schema["required"] = []
    return {"$schema": _DIALECT, "title": "A Soundstage scenario", **schema}


def _settings(kind: str) -> type[BaseModel] | None:
    try:
        return settings_of(load_kind(kind, shipped_folder()))
    except UsageError:
        return None


def _agent(kinds: list[str]) -> dict[str, Any]:
    """Which keys an agent has, by its kind."""
    return {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "allOf": [
            {"if": _is_kind(kind), "then": {"$ref": f"#/$defs/agent.{kind}"}} for kind in kinds
        ],
    }


def _is_kind(kind: str) -> dict[str, Any]:
    named = {"properties": {"kind": {"const": kind}}}
    return named if kind == DEFAULT_KIND else {**named, "required": ["kind"]}
