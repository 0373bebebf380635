"""A session's configuration: its defaults on the wire, and what an update may change."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from soundstage.realtime._codec import ClientFault
from soundstage.realtime._turn_detector import LONGEST_WAIT_MS, TurnSettings
from soundstage.units import samples_of_ms

LASTS_SECONDS: Final = 3600

_PCM: Final = {"type": "audio/pcm", "rate": 24000}
_DETECTION: Final = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC: Final = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_KNOWN: Final = {
    "": {
        "type", "model", "output_modalities", "instructions", "audio", "tools", "tool_choice",
        "parallel_tool_calls", "max_output_tokens", "truncation", "tracing", "prompt", "reasoning",
        "include",
    },
    "audio": {"input", "output"},
    "audio.input": {"format", "transcription", "noise_reduction", "turn_detection"},
    "audio.output": {"format", "voice", "speed"},
}  # fmt: skip
_RANGES: Final = {
    "threshold": (0, 1),
    "prefix_padding_ms": (0, 10_000),
    "silence_duration_ms": (0, 10_000),
    "idle_timeout_ms": (5000, 30_000),
}


class SessionConfig:
    """The session as `session.created` and `session.updated` report it.

    Args:
        ident: the session's id.
        model: its model, fixed for good.
        expires_at: UNIX seconds, or 0 where nobody knows the date.
    """

    def __init__(self, ident: str, model: str, expires_at: int = 0) -> None:
        self.fields: dict[str, Any] = {
            "type": "realtime",
            "object": "realtime.session",
            "id": ident,
            "model": model,
            "output_modalities": ["audio"],
            "instructions": "",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "prompt": None,
            "expires_at": expires_at,
            "audio": {
                "input": {
                    "format": dict(_PCM),
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": dict(_DETECTION),
                },
                "output": {"format": dict(_PCM), "voice": "alloy", "speed": 1.0},
            },
            "include": None,
            "truncation": "auto",
        }

    def update(self, changes: dict[str, Any], *, has_spoken: bool = False) -> None:
        """Change what is given; all of it or, with an error, nothing.

        Raises:
            ClientFault: a field is unknown, wrong, or may not be changed any more.
        """
        _check_known(changes)
        new = deepcopy(self.fields)
        for key, value in changes.items():
            if key == "audio":
                for side, given in value.items():
                    new["audio"][side].update(deepcopy(given))
            elif key != "model":
                new[key] = deepcopy(value)
        detection = (changes.get("audio", {}).get("input") or {}).get("turn_detection")
        if isinstance(detection, dict):
            new["audio"]["input"]["turn_detection"] = _detection(detection)
        _check_values(new)
        if has_spoken and new["audio"]["output"]["voice"] != self.voice:
            raise ClientFault(
                "cannot_update_voice",
                "Cannot update a conversation's voice if assistant audio is present.",
                param="session.audio.output.voice",
            )
        self.fields = new

    @property
    def voice(self) -> str:
        """The voice's name, or the id of a custom one."""
        voice = self.fields["audio"]["output"]["voice"]
        return str(voice.get("id")) if isinstance(voice, dict) else str(voice)

    @property
    def speed(self) -> float:
        """Factor on the pace of speech."""
        return float(self.fields["audio"]["output"]["speed"])

    @property
    def transcribes(self) -> bool:
        """Whether what the caller says is written down for the client."""
        return self.fields["audio"]["input"]["transcription"] is not None

    @property
    def turns(self) -> TurnSettings | None:
        """How turns are detected; None where the client says when they end."""
        detection = self.fields["audio"]["input"]["turn_detection"]
        if detection is None:
            return None
        semantic = detection["type"] == "semantic_vad"
        idle = detection.get("idle_timeout_ms")
        longest = LONGEST_WAIT_MS[detection.get("eagerness", "auto")]
        silence = longest if semantic else detection["silence_duration_ms"]
        return TurnSettings(
            threshold=detection.get("threshold", 0.5),
            prefix=samples_of_ms(detection.get("prefix_padding_ms", 300)),
            silence=samples_of_ms(silence),
            semantic=semantic,
            create_response=detection["create_response"],
            interrupt_response=detection["interrupt_response"],
            idle=None if idle is None else samples_of_ms(idle),
        )


def _check_known(changes: dict[str, Any]) -> None:
    _check_keys("", changes)
    if changes.get("type", "realtime") != "realtime":
        raise ClientFault(
            "invalid_value", "Only sessions of type 'realtime' are offered.", param="session.type"
        )
    audio = changes.get("audio", {})
    _check_table("audio", audio)
    for side in audio:
        _check_table(f"audio.{side}", audio[side])


def _check_table(path: str, value: object) -> None:
    if not isinstance(value, dict):
        raise ClientFault(
            "invalid_type", f"Invalid type for 'session.{path}'.", param=f"session.{path}"
        )
    _check_keys(path, value)


def _check_keys(path: str, given: dict[str, Any]) -> None:
    for key in given:
        if key not in _KNOWN[path]:
            param = ".".join(part for part in ("session", path, key) if part)
            raise ClientFault("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def _detection(given: dict[str, Any]) -> dict[str, Any]:
    defaults = _SEMANTIC if given.get("type") == "semantic_vad" else _DETECTION
    for key in given:
        if key not in defaults:
            param = f"session.audio.input.turn_detection.{key}"
            raise ClientFault("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)
    return {**defaults, **given}


def _check_values(fields: dict[str, Any]) -> None:
    detection = fields["audio"]["input"]["turn_detection"]
    for key, (least, most) in _RANGES.items():
        value = (detection or {}).get(key)
        right = isinstance(value, int | float) and least <= value <= most
        if value is not None and not right:
            raise _invalid(f"audio.input.turn_detection.{key}", f"{least} to {most}")
    if detection is not None and detection.get("eagerness", "auto") not in LONGEST_WAIT_MS:
        raise _invalid("audio.input.turn_detection.eagerness", ", ".join(LONGEST_WAIT_MS))
    if fields["output_modalities"] not in (["audio"], ["text"]):
        raise _invalid("output_modalities", "['audio'] or ['text']")
    if not isinstance(fields["instructions"], str):
        raise _invalid("instructions", "a string")
    speed = fields["audio"]["output"]["speed"]
    if not isinstance(speed, int | float) or not 0.25 <= speed <= 1.5:  # noqa: PLR2004 - the API's limits
        raise _invalid("audio.output.speed", "0.25 to 1.5")
    _check_tools(fields["tools"])


def _check_tools(tools: object) -> None:
    if not isinstance(tools, list):
        raise _invalid("tools", "a list of tools")
    for number, tool in enumerate(tools):
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind != "function" or not isinstance(tool.get("name"), str):
            raise _invalid(f"tools[{number}]", "a function with a name: no other kind is offered")


def _invalid(path: str, allowed: str) -> ClientFault:
    return ClientFault(
        "invalid_value",
        f"Invalid value for 'session.{path}': it must be {allowed}.",
        param=f"session.{path}",
    )
