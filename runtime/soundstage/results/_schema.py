"""The event log's schema, for people who read it with other programs."""

from __future__ import annotations

from typing import Any

import msgspec

from soundstage.messages.events import EVENT_SCHEMA_VERSION
from soundstage.results._vocabulary import KnownEvent


def event_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of `events.jsonl`.

    Its `version` is `EVENT_SCHEMA_VERSION`. A reader has to accept types and fields that are not
    in it: those do not raise the version.
    """
    (known,), types = msgspec.json.schema_components((KnownEvent,), ref_template="#/$defs/{name}")
    tags = sorted(known["discriminator"]["mapping"])
    types["UnknownEvent"] = {
        "title": "UnknownEvent",
        "description": "An event of a later version.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "not": {"enum": tags}},
            "pts": {"type": "integer"},
            "agent": {"type": "string"},
        },
        "required": ["type", "pts"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a Soundstage event log",
        "version": EVENT_SCHEMA_VERSION,
        "anyOf": [*known["anyOf"], {"$ref": "#/$defs/UnknownEvent"}],
        "$defs": types,
    }
