"""Further fields of a Realtime session, in the protocol's own words."""

import json
import tomllib
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, JsonValue, ValidationInfo, WithJsonSchema

from soundstage.config.values.files import text_in_file
from soundstage.config.values.table import fault_within, is_table

_OWN_KEYS = {
    ("type",): "it is always a realtime session",
    ("model",): "write it as the agent's own key, model",
    ("instructions",): "write it as the agent's own key, instructions",
    ("tools",): "write it as the agent's own key, tools",
    ("audio", "output", "voice"): "write it as the agent's own key, voice",
    ("audio", "input", "turn_detection"): "write it as the agent's own key, turn_detection",
    ("voice",): "write it as the agent's own key, voice",
    ("turn_detection",): "write it as the agent's own key, turn_detection",
    ("modalities",): "it is called output_modalities",
    ("temperature",): "Realtime sessions have none any more",
    ("speed",): "it is called audio.output.speed",
    ("input_audio_format",): "it is called audio.input.format",
    ("output_audio_format",): "it is called audio.output.format",
    ("input_audio_transcription",): "it is called audio.input.transcription",
    ("input_audio_noise_reduction",): "it is called audio.input.noise_reduction",
    ("max_response_output_tokens",): "it is called max_output_tokens",
}


def _read_session(value: object, info: ValidationInfo) -> object:
    fields = value
    found = text_in_file(value, info)
    if found is not None:
        path, text = found
        try:
            fields = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is neither JSON nor, as .toml, TOML: {error}") from None
    wrong = [(key, why) for key, why in _OWN_KEYS.items() if _holds(fields, key)]
    if wrong:
        raise fault_within([(key, f"does not belong here: {why}") for key, why in wrong])
    return fields


def _holds(value: object, key: tuple[str, ...]) -> bool:
    for part in key:
        if not is_table(value) or part not in value:
            return False
        value = value[part]
    return True


SessionFields: TypeAlias = Annotated[
    dict[str, JsonValue],
    BeforeValidator(_read_session),
    WithJsonSchema(
        {"type": "object", "description": "other session fields, in the protocol's own words"}
    ),
]
"""Realtime session fields verbatim; what has a key of its own in the agent is refused."""
