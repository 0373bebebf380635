from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from soundstage.config.values import Reading, SessionFields, TurnDetection


class Agent(BaseModel):
    turn_detection: TurnDetection = TurnDetection()
    session: SessionFields = {}


def test_the_silence_is_always_said_and_the_rest_only_where_it_is_written():
    assert TurnDetection().wire() == {"type": "server_vad", "silence_duration_ms": 500}
    detection = TurnDetection.model_validate(
        {
            "type": "server_vad",
            "threshold": 0.6,
            "prefix_padding": "250ms",
            "silence_duration": "1s",
            "idle_timeout": "6s",
            "create_response": True,
            "interrupt_response": False,
        }
    )
    assert detection.wire() == {
        "type": "server_vad",
        "threshold": 0.6,
        "prefix_padding_ms": 250,
        "silence_duration_ms": 1000,
        "idle_timeout_ms": 6000,
        "create_response": True,
        "interrupt_response": False,
    }


def test_semantic_detection_has_no_silence_and_none_is_null():
    semantic = TurnDetection.model_validate({"type": "semantic_vad", "eagerness": "low"})
    assert semantic.wire() == {"type": "semantic_vad", "eagerness": "low"}
    assert Agent.model_validate({"turn_detection": "none"}).turn_detection.wire() is None


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"eagerness": "low"}, "semantic_vad"),
        ({"type": "semantic_vad", "silence_duration": "1s"}, "server_vad"),
        ({"type": "none", "threshold": 0.5}, "does not go with"),
        ({"idle_timeout": "1s"}, "between 5s and 30s"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"threshold": float("nan")}, "finite number|less than or equal|greater than or equal"),
        ({"silence_duration_ms": 500}, "Extra inputs"),
        ("off", "valid dictionary"),
    ],
)
def test_a_wrong_turn_detection_is_refused(table, why):
    with pytest.raises(ValidationError, match=why):
        TurnDetection.model_validate(table)


def test_other_session_fields_are_kept_verbatim():
    fields = {"max_output_tokens": 400, "audio": {"input": {"noise_reduction": None}}, "new": [1]}
    assert Agent.model_validate({"session": fields}).session == fields


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"model": "x"}, ("model",)),
        ({"audio": {"output": {"voice": "ash"}}}, ("audio", "output", "voice")),
        ({"audio": {"input": {"turn_detection": None}}}, ("audio", "input", "turn_detection")),
        ({"temperature": 0.8}, ("temperature",)),
    ],
)
def test_a_session_field_with_a_key_of_its_own_is_refused_where_it_stands(fields, path):
    with pytest.raises(ValidationError, match="does not belong here") as caught:
        Agent.model_validate({"session": fields})
    [error] = caught.value.errors()
    assert error["loc"] == ("session", *path)


@pytest.mark.parametrize(
    ("name", "text"),
    [("s.json", json.dumps({"tracing": "auto"})), ("s.toml", 'tracing = "auto"\n')],
)
def test_session_fields_can_stand_in_a_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    table = {"file": name}
    reading = Reading(folders={id(table): tmp_path})
    agent = Agent.model_validate({"session": table}, context=reading)
    assert agent.session == {"tracing": "auto"}
    assert reading.files == [tmp_path / name]


def test_a_session_file_that_is_neither_json_nor_toml_is_refused(tmp_path):
    (tmp_path / "s.json").write_text("{")
    with pytest.raises(ValidationError, match="neither JSON nor"):
        Agent.model_validate({"session": {"file": str(tmp_path / "s.json")}})
