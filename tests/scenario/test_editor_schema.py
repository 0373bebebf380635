"""The JSON Schema for editors: it takes what the loader takes, and complains like it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from soundstage.scenario import json_schema, list_scenarios

WRONG = Path(__file__).parent / "wrong"


def complaints(schema, value, root, path=""):
    """What a validator of the part of draft 7 that the schema uses finds wrong."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from complaints(root["$defs"][name], value, root, path)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: not one of {schema['enum']}"
    if "if" in schema:
        branch = "else" if list(complaints(schema["if"], value, root)) else "then"
        yield from complaints(schema.get(branch, {}), value, root, path)
    types = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    types |= {"array": list, "object": dict}
    if "type" in schema and not isinstance(value, types[schema["type"]]):
        yield f"{path}: no {schema['type']}"
        return
    if "anyOf" in schema and all(
        list(complaints(choice, value, root, path)) for choice in schema["anyOf"]
    ):
        yield f"{path}: none of the choices"
    for part in schema.get("allOf", ()):
        if "if" not in part or not list(complaints(part["if"], value, root, path)):
            yield from complaints(part.get("then", part), value, root, path)
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{path}: does not match"
    if isinstance(value, int | float) and not value >= schema.get("minimum", value):
        yield f"{path}: too small"
    if isinstance(value, list):
        yield from list_complaints(schema, value, root, path)
    if isinstance(value, dict):
        yield from table_complaints(schema, value, root, path)


def list_complaints(schema, value, root, path):
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{path}: wrong length"
    for index, item in enumerate(value):
        yield from complaints(schema.get("items", {}), item, root, f"{path}[{index}]")


def table_complaints(schema, value, root, path):
    properties = schema.get("properties", {})
    yield from (f"{path}.{key}: missing" for key in schema.get("required", ()) if key not in value)
    for key, item in value.items():
        inner = properties.get(key, schema.get("additionalProperties", {}))
        if inner is False:
            yield f"{path}.{key}: unknown"
        else:
            yield from complaints(inner, item, root, f"{path}.{key}")


GOOD = """
[scenario]
format = 1
seed = 7
include = ["support.toml"]
[providers.azure]
base_url = "https://shop.openai.azure.com/openai/v1"
auth = "ephemeral"
[defaults.realtime]
turn_detection = { type = "server_vad", silence_duration = "500ms" }
[agents.support]
voice = "marin"
line = { sends = ["phone", "hum"], hears = ["phone"] }
instructions = { file = "support.md" }
turn_detection = "none"
[agents.support.local]
think = ["300ms", "700ms"]
rules = [{ heard = { pattern = "yes" }, call = [{ tool = "refund", args = { n = "{n}" } }] }]
lines = ["Hello."]
[agents.supervisor]
kind = "./supervisor.py:Supervisor"
words = ["lawyer"]
[[links]]
from = "support"
to = "supervisor"
effects = ["hum"]
[rooms.office]
members = ["support", "supervisor"]
gain = { "support<-supervisor" = "-6dB" }
[effects.hum]
kind = "noise"
source = "pink"
snr = "12dB"
[effects.own]
kind = "./own.py:Own"
anything = 1
[tools.refund]
mock = [{ when = { n = 1 }, returns = { id = "R 77" } }]
[end]
when = [{ agent = "support", said = "goodbye", delay = "1.5s" }]
max = "3m"
[record]
tracks = ["said", "heard"]
"""


def test_a_good_scenario_passes(call):
    schema = json_schema()
    assert list(complaints(schema, tomllib.loads(GOOD), schema)) == []
    assert list(complaints(schema, tomllib.loads(call), schema)) == []


def test_values_that_vary_pass():
    schema = json_schema()
    text = """
    [agents.bob]
    kind = "scripted"
    voice = { one_of = ["ash", "sage"] }
    wait = ["200ms", "800ms"]
    lines = ["Hello.", { one_of = ["Yes.", "No."] }]
    line = { one_of = [{ sends = ["phone"] }, {}] }
    [rooms.hall]
    members = ["alice", "bob"]
    gain = { "alice<-bob" = ["-6dB", "0dB"] }
    [effects.cafe]
    kind = "noise"
    snr = ["0dB", "20dB"]
    [[cues]]
    after = { silence = ["1s", "2s"], nth = [1, 3] }
    agent = "bob"
    say = { one_of = ["Go on.", "Stop."] }
    [end]
    turns = 3
    """
    assert list(complaints(schema, tomllib.loads(text), schema)) == []


@pytest.mark.parametrize("listed", list_scenarios(), ids=lambda listed: listed.name)
def test_every_shipped_scenario_passes(listed):
    schema = json_schema()
    assert list(complaints(schema, tomllib.loads(listed.path.read_text()), schema)) == []


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("unknown_key", ".agents.bob.voyce: unknown"),
        ("unknown_table", ".ends: unknown"),
        ("wrong_type", ".end.turns: no integer"),
        ("bad_duration", ".end.max: does not match"),
        ("bare_duration", ".end.silence: no string"),
        ("link_of_three", ".links[0].between: wrong length"),
        ("later_format", ".scenario.format: not 1"),
        ("unknown_policy", ".agents.bob.on_fault: not one of ['leave', 'restart', 'end']"),
        ("missing_key", ".providers.azure.base_url: missing"),
        ("wrong_defaults", ".defaults.realtime.modle: unknown"),
        ("effect_with_a_wrong_key", ".effects.line.rat: unknown"),
        ("effect_without_a_kind", ".effects.line.kind: missing"),
        ("gain_without_unit", ".rooms.hall.gain.alice<-bob: no string"),
        ("room_of_one", ".rooms.hall.members: wrong length"),
        ("key_after_a_sub_table", ".agents.alice.local.tools: unknown"),
        ("range_of_three", ".end.max: wrong length"),
        ("choice_that_stands_not_alone", ".agents.bob.voice.weight: unknown"),
        ("seed_that_varies", ".scenario.seed: no integer"),
        ("kind_that_varies", ".agents.bob.kind: no string"),
    ],
)
def test_an_editor_complains_where_the_loader_does(name, complaint):
    schema = json_schema()
    value = tomllib.loads((WRONG / f"{name}.toml").read_text())
    assert complaint in list(complaints(schema, value, schema))


def test_keys_are_explained_and_null_is_not_offered():
    schema = json_schema()
    agent = schema["$defs"]["agent.realtime"]["properties"]
    assert agent["model"]["description"] == "the model's name."
    assert agent["voice"]["description"] == "an OpenAI voice name."
    assert "null" not in str(schema)
    assert "Attributes:" not in str(schema)
