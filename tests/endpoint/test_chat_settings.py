from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage.config.values import PlacedTable
from soundstage.endpoint import ChatSettings, LocalSettings


def chat(**table) -> ChatSettings:
    return ChatSettings.model_validate(table)


@pytest.mark.parametrize(
    "url", ["http://a:1/v1", "http://a:1/v1/", "http://a:1/v1/chat/completions"]
)
def test_an_address_may_have_its_last_words_or_not(url):
    assert chat(url=url, model="m").address == "http://a:1/v1/chat/completions"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "exactly one of url"),
        ({"url": "http://a", "gguf": "x.gguf"}, "exactly one of url"),
        ({"url": "http://a"}, "url needs model"),
        ({"url": "a.shop", "model": "m"}, "must begin with https"),
        ({"gguf": "nothing.gguf"}, "is no file"),
        ({"gguf": "x.gguf", "model": "m"}, "go with url"),
        ({"gguf": "x.gguf", "sees": True}, "sees goes with url"),
        ({"url": "http://a", "model": "m", "temperature": 3}, "less than or equal to 2"),
    ],
)
def test_a_table_that_cannot_work_is_refused(table, told):
    with pytest.raises(ValidationError, match=told):
        chat(**table)


def test_a_model_file_is_found_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    table = PlacedTable({"gguf": "small.gguf"}, {"gguf": tmp_path})
    found = ChatSettings.model_validate(table)
    assert found.gguf == tmp_path / "small.gguf"


def test_a_key_is_shown_to_nobody_and_names_its_variables():
    settings = chat(url="http://a", model="m", api_key="x-${CHAT_KEY}")
    assert settings.variables == ("CHAT_KEY",)
    assert "CHAT_KEY" not in repr(settings)


def test_echo_and_chat_are_two_language_models():
    with pytest.raises(ValidationError, match="one of them is enough"):
        LocalSettings.model_validate({"echo": True, "chat": {"url": "http://a", "model": "m"}})
