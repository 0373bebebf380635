"""The fields of sessions and responses against the classes of the official SDK, both ways."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from msgspec.structs import fields
from openai.types import realtime as sdk
from pydantic import BaseModel

from soundstage.errors import ClientFault
from soundstage.realtime.protocol import session_fields as ours
from soundstage.realtime.protocol.json_reading import read, without_nulls


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The classes that a field of the SDK's may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def held(model: type[BaseModel], field: str, kind: str = "") -> type[BaseModel]:
    """The class that a field holds: of several, the one whose `type` is `kind`."""
    found = models_in(model.model_fields[field].annotation)
    if not kind:
        [only] = found
        return only
    [only] = [one for one in found if kind in literals(one.model_fields["type"].annotation)]
    return only


def literals(annotation: Any) -> set[Any]:
    parts = get_args(annotation)
    return {value for part in parts for value in (literals(part) or {part})}


SESSION = sdk.RealtimeSessionCreateRequest
INPUT, OUTPUT = sdk.RealtimeAudioConfigInput, sdk.RealtimeAudioConfigOutput
WRITTEN = sdk.RealtimeTranscriptionSessionCreateRequest
WRITTEN_AUDIO = held(WRITTEN, "audio")
RESPONSE = sdk.RealtimeResponseCreateParams
RESPONSE_AUDIO = held(RESPONSE, "audio")

PAIRS = [
    (ours.SessionFields, SESSION),
    (ours.AudioFields, held(SESSION, "audio")),
    (ours.InputFields, INPUT),
    (ours.OutputFields, OUTPUT),
    (ours.Pcm, held(INPUT, "format", "audio/pcm")),
    (ours.MuLaw, held(INPUT, "format", "audio/pcmu")),
    (ours.ALaw, held(INPUT, "format", "audio/pcma")),
    (ours.Transcription, held(INPUT, "transcription")),
    (ours.NoiseReduction, held(INPUT, "noise_reduction")),
    (ours.ServerVad, held(INPUT, "turn_detection", "server_vad")),
    (ours.SemanticVad, held(INPUT, "turn_detection", "semantic_vad")),
    (ours.VoiceId, held(OUTPUT, "voice")),
    (ours.FunctionTool, held(SESSION, "tools", "function")),
    (ours.FunctionChoice, held(SESSION, "tool_choice", "function")),
    (ours.Tracing, held(SESSION, "tracing")),
    (ours.RetentionRatio, held(SESSION, "truncation", "retention_ratio")),
    (ours.Reasoning, held(SESSION, "reasoning")),
    (ours.TranscriptionFields, WRITTEN),
    (ours.TranscriptionAudio, WRITTEN_AUDIO),
    (ours.InputFields, held(WRITTEN_AUDIO, "input")),
    (ours.ResponseFields, RESPONSE),
    (ours.ResponseAudioFields, RESPONSE_AUDIO),
    (ours.ResponseOutputFields, held(RESPONSE_AUDIO, "output")),
]


@pytest.mark.parametrize(
    ("own", "theirs"), PAIRS, ids=[f"{a.__name__}-{b.__name__}" for a, b in PAIRS]
)
def test_a_table_has_the_fields_that_the_sdk_has(own: Any, theirs: type[BaseModel]) -> None:
    tag = {"type"} if own.__struct_config__.tag else set()
    names = {field.encode_name for field in fields(own)} | tag
    known = {field.alias or name for name, field in theirs.model_fields.items()}
    assert names == known


def test_no_table_of_ours_is_left_out() -> None:
    tables = {
        table
        for table in vars(ours).values()
        if isinstance(table, type) and issubclass(table, ours._Fields) and table is not ours._Fields
    }
    assert tables == {own for own, _ in PAIRS}


SMALLEST = {
    ours.FunctionTool: {"name": "wave"},
    ours.FunctionChoice: {"name": "wave"},
    ours.VoiceId: {"id": "voice_1"},
    ours.RetentionRatio: {"retention_ratio": 0.5},
}
OPTIONAL = [
    (own, name)
    for own, theirs in PAIRS
    for name, field in theirs.model_fields.items()
    if name not in {"type", *SMALLEST.get(own, {})} and type(None) in get_args(field.annotation)
]


@pytest.mark.parametrize(
    ("own", "name"), OPTIONAL, ids=[f"{own.__name__}-{name}" for own, name in OPTIONAL]
)
def test_a_null_leaves_out_what_the_sdk_types_optional_but_in_turn_detection(own, name) -> None:
    value = {**SMALLEST.get(own, {}), name: None}
    if own in ours.NULL_IS_WRONG and name != "idle_timeout_ms":
        with pytest.raises(ClientFault) as caught:
            read(without_nulls(value, own, but=ours.NULL_IS_WRONG), own)
        assert (caught.value.code, caught.value.param) == ("invalid_type", name)
    else:
        left_out = read(SMALLEST.get(own, {}), own)
        found = read(without_nulls(value, own, but=ours.NULL_IS_WRONG), own)
        assert getattr(found, name) in (getattr(left_out, name), None)
