"""The service that a client calls."""

from __future__ import annotations

import pytest

from soundstage.client.service import OPENAI, Target
from soundstage.client.session_settings import session_body
from soundstage.errors import KeyMissing


def test_the_key_comes_from_the_environment_for_openai_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " sk-planted ")
    key = Target().provider().api_key
    assert key is not None
    assert key.reveal() == "sk-planted"
    assert Target(base_url="https://elsewhere.example/v1").provider().api_key is None
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    with pytest.raises(KeyMissing):
        Target(base_url=OPENAI).provider()


def test_a_service_on_this_machine_needs_no_key() -> None:
    key = Target(base_url="http://localhost:1/v1").provider().api_key
    assert key is not None
    assert key.reveal() == "local"


def test_no_key_is_shown() -> None:
    provider = Target(
        base_url="https://elsewhere.example/v1", api_key="sk-planted", headers={"X": "planted-too"}
    ).provider()
    assert "planted" not in repr(provider)


def test_the_protocols_own_words_win() -> None:
    body = session_body(
        {"audio": {"output": {"voice": "ash"}, "input": {}}, "instructions": "Mine."},
        "m",
        "shimmer",
        "Yours.",
        [{"name": "f"}],
    )
    assert body == {
        "type": "realtime",
        "model": "m",
        "instructions": "Mine.",
        "tools": [{"name": "f"}],
        "audio": {"output": {"voice": "ash"}, "input": {}},
    }
