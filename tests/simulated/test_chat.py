"""A language model in a simulated run: asked once, and then known."""

from __future__ import annotations

import pytest
from dummy_chat_server import DummyChatServer, words

from soundstage import run_scenario
from soundstage.errors import KeyMissing

SCENE = """
[agents.ann]
voice = "shimmer"
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "Goodbye."]
[agents.ben]
voice = "ash"
instructions = "You are Ben."
[agents.ben.local]
chat = {{ url = "{url}", model = "m", api_key = "${{SOUNDSTAGE_TEST_KEY}}" }}
[[links]]
between = ["ann", "ben"]
[end]
turns = 2
max = "20s"
"""


def test_a_run_is_the_same_to_the_byte_and_asks_no_server_the_second_time(tmp_path, monkeypatch):
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-secret")
    with DummyChatServer(words("Good to hear you. How are you?")).serving() as server:
        scene = SCENE.format(url=server.url)
        first = run_scenario(toml=scene, out=tmp_path / "first", cache=tmp_path / "cache")
        asked = len(server.requests)
        again = run_scenario(toml=scene, out=tmp_path / "again", cache=tmp_path / "cache")
        assert (asked, len(server.requests)) == (1, 1)
    assert first.said_by("ben") == "Good to hear you. How are you?"
    assert server.requests[0]["messages"][0] == {"role": "system", "content": "You are Ben."}
    assert first.fingerprint == again.fingerprint
    kept = "".join(path.read_text() for path in (tmp_path / "first").glob("*.json*"))
    assert "sk-secret" not in kept


def test_a_key_that_is_not_set_is_told_before_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("SOUNDSTAGE_TEST_KEY", raising=False)
    with pytest.raises(KeyMissing, match=r"chat.*SOUNDSTAGE_TEST_KEY, which is not set"):
        run_scenario(toml=SCENE.format(url="http://127.0.0.1:1/v1"), out=tmp_path / "run")
