from __future__ import annotations

import copy
import pickle

import msgspec
import pytest
from pydantic import BaseModel, ValidationError
from rich.pretty import pretty_repr

from soundstage.secrets import MASK, Secret, mask

KEY = "sk-planted-0123456789abcdef"


class Table(BaseModel):
    api_key: Secret


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret(KEY)
    shown = f"{secret} {secret!r} {[secret]} {pretty_repr(secret)}"
    assert KEY not in shown
    assert secret.reveal() == KEY


def test_a_secret_cannot_be_written_down() -> None:
    with pytest.raises(TypeError, match="never written down"):
        pickle.dumps(Secret(KEY))
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret(KEY))
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(KEY))


def test_secrets_compare_by_what_they_hold() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_table_takes_a_secret_as_text_and_tells_its_mask() -> None:
    table = Table.model_validate({"api_key": KEY})
    assert table.api_key.reveal() == KEY
    assert Table(api_key=Secret(KEY)) == table
    assert table.model_dump_json() == f'{{"api_key":"{MASK}"}}'
    assert KEY not in f"{table} {table!r}"
    assert Table.model_json_schema()["properties"]["api_key"]["format"] == "password"
    with pytest.raises(ValidationError, match="should be a valid string"):
        Table.model_validate({"api_key": 7})


def test_secrets_are_masked_in_a_text_and_short_words_are_left() -> None:
    text = f"bad key {KEY}-longer, {KEY}, version 1"
    masked = mask(text, [Secret(KEY), Secret(f"{KEY}-longer"), "1", None, ""])
    assert masked == f"bad key {MASK}, {MASK}, version 1"
