"""Keys that are reserved, and the right key for words that people often write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundstage.config.diagnostics import KeyPath

DEFINITIONS = ("agents", "tools", "effects", "providers", "speech", "defaults", "scenario")
"""The tables that an included file may have; of `scenario` only `include` and `format`."""

_RESERVED = {
    ("faults",),
    ("personas",),
    ("budget",),
    ("scenario", "now"),
    ("scenario", "tags"),
    ("scenario", "vars"),
    ("agents", "*", "persona"),
}

_SPELLINGS = {
    "agent": "agents",
    "link": "links",
    "tool": "tools",
    "provider": "providers",
    "default": "defaults",
    "room": "rooms",
    "effect": "effects",
    "cue": "cues",
    "expectation": "expect",
    "expectations": "expect",
    "expects": "expect",
    "assert": "expect",
    "fault": "faults",
    "persona": "personas",
    "recording": "record",
    "greeting": "opening_prompt",
    "prompt": "opening_prompt",
    "system_prompt": "instructions",
    "instruction": "instructions",
    "type": "kind",
    "vad": "turn_detection",
    "rule": "rules",
    "line": "lines",
    "say": "lines",
    "fallback": "otherwise",
    "delay": "think",
    "functions": "tools",
    "function": "python",
    "mocks": "mock",
    "url": "base_url",
    "key": "api_key",
    "stt": "recognizer",
    "asr": "recognizer",
    "tts": "synthesizer",
    "stop": "end",
    "title": "name",
    "max_turns": "turns",
    "timeout": "max",
    "max_duration": "max",
    "members": "between",
    "source": "from",
    "target": "to",
}
"""Words that people write, in the singular or from another tool, and the key that is meant."""


_NAMED = ("agents", "tools", "providers", "defaults", "rooms", "effects")


def not_here(path: KeyPath) -> str | None:
    """Why a key path that the format knows cannot be used, or None if it is simply unknown."""
    general = tuple(
        "*" if isinstance(part, int) or (at == 1 and path[0] in _NAMED) else part
        for at, part in enumerate(path)
    )
    if general in _RESERVED:
        return "is reserved for a later version"
    return None


def usual_spelling(key: str) -> str | None:
    """The right key for a word that people write instead of it."""
    return _SPELLINGS.get(key)
