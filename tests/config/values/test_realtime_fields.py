from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from soundstage.config.values import PlacedTable, SessionFields, ValidationContext


class Agent(BaseModel):
    session: SessionFields = {}


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
    table = PlacedTable({"file": name}, {"file": tmp_path})
    context = ValidationContext()
    agent = Agent.model_validate({"session": table}, context=context)
    assert agent.session == {"tracing": "auto"}
    assert context.files == [tmp_path / name]


def test_a_session_file_that_is_neither_json_nor_toml_is_refused(tmp_path):
    (tmp_path / "s.json").write_text("{")
    with pytest.raises(ValidationError, match="neither JSON nor"):
        Agent.model_validate({"session": {"file": str(tmp_path / "s.json")}})
