"""A language model in a simulated run: asked once, and then known."""

from __future__ import annotations

import json

import pytest
from dummy_chat_server import DummyChatServer, words

from soundstage import Run, run_scenario
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


def gap_before(run: Run, agent: str) -> float:
    """Seconds from the end of what was asked to the agent's first word."""
    asked, answered = run.turns[:2]
    assert answered.agent == agent
    return answered.start - asked.end


def test_a_model_takes_as_long_as_when_it_gave_the_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-secret")
    gaps, kept = [], []
    for seconds in (0.0, 0.8):
        with DummyChatServer(words("Good to hear you.")).serving() as server:
            server.holds_after, server.holds = 0, seconds
            scene, cache = SCENE.format(url=server.url), tmp_path / "cache"
            for time in ("first", "again"):
                run = run_scenario(toml=scene, out=tmp_path / f"{time}{seconds}", cache=cache)
                gaps.append(gap_before(run, "ben"))
                kept.append(json.loads((run.folder / "result.json").read_text()))
    quick, quick_again, slow, slow_again = gaps
    assert (quick, slow) == (quick_again, slow_again)
    assert 0.6 <= slow - quick <= 2.5
    assert {each["chat_latency"]["ben"] for each in kept} == {"measured"}
    assert not any(each["deterministic"] for each in kept)


def test_how_long_a_model_takes_can_be_declared(tmp_path, monkeypatch):
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-secret")
    gaps = []
    with DummyChatServer(words("Good to hear you.")).serving() as server:
        for latency in ("0ms", "1500ms"):
            run = run_scenario(
                toml=SCENE.format(url=server.url),
                set={"agents.ben.local.chat.latency": latency},
                out=tmp_path / latency,
                cache=tmp_path / "cache",
            )
            gaps.append(gap_before(run, "ben"))
    assert gaps[1] - gaps[0] == pytest.approx(1.5, abs=0.03)
    result = json.loads((run.folder / "result.json").read_text())
    assert result["chat_latency"] == {"ben": "declared"}


def test_text_that_no_file_can_hold_and_thoughts_do_no_harm(tmp_path, monkeypatch):
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-secret")
    with DummyChatServer(words("<think>Who is it?</think>Good \ud83d day.")).serving() as server:
        run = run_scenario(
            toml=SCENE.format(url=server.url), out=tmp_path / "run", cache=tmp_path / "cache"
        )
    assert run.said_by("ben") == "Good \ufffd day."


def test_a_key_that_is_not_set_is_told_before_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("SOUNDSTAGE_TEST_KEY", raising=False)
    with pytest.raises(KeyMissing, match=r"chat.*SOUNDSTAGE_TEST_KEY, which is not set"):
        run_scenario(toml=SCENE.format(url="http://127.0.0.1:1/v1"), out=tmp_path / "run")
