"""Sessions of many servers, one a file, and a reader of them that shares no code with the decoder.

The first line of a file says what it shows, what its shapes are taken from (`source`), and what is
in it: the words of each response that is done, the calls for the client, what the user said, and
which fields and events are not those of the protocol. Each other line is an event as it comes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FILES = sorted((Path(__file__).parent / "sessions").glob("*.jsonl"))
TODAY = {"text": "output_text", "audio": "output_audio"} | {
    "audio_transcript": "output_audio_transcript"
}


def name_of(event: Json) -> str:
    """The type of an event, by its name of today."""
    kind = str(event["type"]).split(".")
    if kind[0] == "response" and kind[-1] in {"delta", "done"} and len(kind) == 3:
        kind[1] = TODAY.get(kind[1], kind[1])
    # The beta has one event for an item that was added, and none for one that is done.
    return ".".join(kind).replace("conversation.item.created", "conversation.item.added")


class Recorded:
    """One file."""

    def __init__(self, path: Path) -> None:
        note, *lines = path.read_text(encoding="utf-8").splitlines()
        self.note: Json = json.loads(note)
        self.lines = lines
        self.events: list[Json] = [json.loads(line) for line in lines]

    @property
    def names(self) -> list[str]:
        return [name_of(event) for event in self.events]

    @property
    def said(self) -> list[str]:
        """The words of each response that is done, by its deltas or what stands for them."""
        parts: dict[str, dict[tuple[str, int], str]] = {}
        found: list[str] = []
        for event in self.events:
            name = name_of(event)
            if name == "response.done":
                words = parts.get(event["response"]["id"], {})
                found.append(" ".join(text for text in words.values() if text))
            elif name.startswith("response.output_") and ("text" in name or "transcript" in name):
                told = parts.setdefault(event["response_id"], {})
                place = event["item_id"], event.get("content_index", 0)
                if "delta" in event:
                    told[place] = told.get(place, "") + event["delta"]
                else:
                    told.setdefault(place, event.get("text") or event["transcript"])
        return found

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """Name and arguments of each function that the client is asked for, once each."""
        names: dict[str, str] = {}
        found: dict[str, tuple[str, Any]] = {}
        for event in self.events:
            items = [event["item"]] if "item" in event else event.get("response", {}).get("output")
            for item in items or []:
                if item["type"] == "function_call":
                    names.setdefault(item["call_id"], item["name"])
                    if item.get("arguments") and item["call_id"] not in found:
                        found[item["call_id"]] = (item["name"], _object(item["arguments"]))
            if event["type"] == "response.function_call_arguments.done":
                call = event["call_id"]
                name = event.get("name") or names[call]
                found.setdefault(call, (name, _object(event["arguments"])))
        return list(found.values())

    @property
    def heard(self) -> list[str]:
        """What the user said, by turns."""
        kind = "conversation.item.input_audio_transcription.completed"
        return [
            event["transcript"]
            for event in self.events
            if event["type"] == kind and event.get("status") != "in_progress"
        ]


def _object(arguments: Any) -> Any:
    return json.loads(arguments) if isinstance(arguments, str) else arguments
