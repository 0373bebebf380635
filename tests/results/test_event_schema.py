from __future__ import annotations

import json
from typing import get_args

from soundstage.messages.events import EVENT_SCHEMA_VERSION, Event
from soundstage.results import KnownEvent, event_schema


def test_the_schema_names_its_version():
    assert event_schema()["version"] == EVENT_SCHEMA_VERSION


def test_every_type_of_event_there_is_is_in_the_schema():
    schema = event_schema()
    known = {kind.__name__ for kind in get_args(KnownEvent)}
    ours = {k for k in Event.__subclasses__() if k.__module__.startswith("soundstage.messages")}
    assert known == {kind.__name__ for kind in ours}
    lines = {entry["$ref"].rpartition("/")[2] for entry in schema["anyOf"]}
    assert known | {"UnknownEvent"} == lines
    assert lines | {"Cause", "Owner"} == schema["$defs"].keys()


def test_a_type_has_its_word_its_fields_and_what_they_mean():
    left = event_schema()["$defs"]["Left"]
    assert left["properties"]["type"] == {"enum": ["left"]}
    assert left["properties"]["pts"] == {"type": "integer"}
    assert sorted(left["required"]) == ["pts", "reason", "type"]
    assert "hang_up" in left["description"]


def test_types_and_fields_of_later_versions_are_allowed():
    schema = event_schema()
    later = schema["$defs"]["UnknownEvent"]["properties"]["type"]
    assert "left" in later["not"]["enum"]
    assert not any(entry.get("additionalProperties") is False for entry in schema["$defs"].values())


def test_the_schema_is_json():
    schema = event_schema()
    assert json.loads(json.dumps(schema)) == schema
