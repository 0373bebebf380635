"""What a language model is asked."""

from __future__ import annotations

from typing import Any

from soundstage.realtime import Compose, Item, Part

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "How it is outside.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def said(role: str, text: str) -> Item:
    part = Part(type="input_text" if role != "assistant" else "output_text", text=text)
    return Item(id=f"item_{text[:4]}", type="message", role=role, content=[part])


def call(call_id: str, name: str = "weather", arguments: str = '{"city": "Rome"}') -> Item:
    return Item(
        id=f"i_{call_id}", type="function_call", call_id=call_id, name=name, arguments=arguments
    )


def output(call_id: str, text: str = "{}") -> Item:
    return Item(id=f"o_{call_id}", type="function_call_output", call_id=call_id, output=text)


def ask(*items: Item, **given: Any) -> Compose:
    fields = {"instructions": "Be brief.", "tools": (), "heard": "Hello", **given}
    conversation = items or (said("user", "Hello"),)
    return Compose(job="job_1", response="resp_1", conversation=conversation, **fields)
