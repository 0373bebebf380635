"""A persona in a simulated run: its model is asked once, and what it did can be expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from dummy_chat_server import DummyChatServer, delta, words

from soundstage import run_scenario
from soundstage.errors import KeyMissing, ScenarioError
from soundstage.scenario import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

SCENE = """
[scenario]
under_test = ["shop"]
[agents.shop]
voice = "shimmer"
opening_prompt = "Greet."
[agents.shop.local]
lines = ["What is the number of your order?", "A new cup comes tomorrow."]
[agents.kim]
kind = "persona"
voice = "ash"
goal = "Get a new cup."
facts = {{ order = {{ text = "The order is 4711.", said = "4711" }}, colour = "The cup is blue." }}
chat = {{ url = "{url}", model = "m", api_key = "${{SOUNDSTAGE_TEST_KEY}}" }}
[[links]]
between = ["shop", "kim"]
[end]
when = [{{ agent = "kim", event = "satisfied" }}]
max = "40s"
[[expect]]
id = "asks-for-the-order"
order = [
  {{ agent = "shop", said = "number of your order" }},
  {{ agent = "kim", event = "revealed", args = {{ fact = "order" }} }},
]
[[expect]]
id = "colour"
never = {{ agent = "kim", event = "revealed", args = {{ fact = "colour" }} }}
"""
TOLD = '{"satisfied": true, "reason": "a cup comes"}'
ENDS = {"tool_calls": [{"index": 0, "function": {"name": "end_call", "arguments": TOLD}}]}
CALL: list[Any] = [
    words("It is 4711."),
    [delta("Thank you. Goodbye."), delta(**ENDS), delta(finish="tool_calls")],
]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUNDSTAGE_TEST_KEY", "sk-secret")


def test_a_second_run_asks_no_model_and_gives_the_same_bytes(tmp_path: Path) -> None:
    with DummyChatServer(*CALL).serving() as server:
        scene = SCENE.format(url=server.url)
        first = run_scenario(toml=scene, out=tmp_path / "first", cache=tmp_path / "cache")
        assert len(server.requests) == 2
    again = run_scenario(toml=scene, out=tmp_path / "again", cache=tmp_path / "cache")
    assert first.fingerprint == again.fingerprint
    assert (again.outcome, again.reason) == ("ended", "when[0]")
    assert again.said_by("kim") == "It is 4711. Thank you. Goodbye."
    assert {each.id: each.status for each in again.expectations} == {
        "asks-for-the-order": "passed",
        "colour": "passed",
        "unanswered": "passed",
    }
    result = json.loads((again.folder / "result.json").read_text())
    assert (result["chat_latency"], result["deterministic"]) == ({"kim": "none"}, False)
    kept = "".join(path.read_text() for path in again.folder.glob("*.json*"))
    assert "sk-secret" not in kept
    transcript = (again.folder / "transcript.md").read_text()
    assert transcript.count("words made by the model m") == 2
    assert {turn.agent: turn.made_by for turn in again.turns} == {"shop": "", "kim": "m"}
    assert "words made by the model m" in (again.folder / "report.html").read_text()


def test_a_fact_that_is_said_unasked_is_seen(tmp_path: Path) -> None:
    blue = words("It is 4711. The cup is blue.")
    with DummyChatServer(blue, CALL[1]).serving() as server:
        scene = SCENE.format(url=server.url)
        run = run_scenario(toml=scene, out=tmp_path / "run", cache=tmp_path / "cache", check=False)
    assert {each.id: each.status for each in run.expectations}["colour"] == "failed"
    assert run.reason == "expect:colour"


def test_a_model_that_refuses_makes_the_run_invalid(tmp_path: Path) -> None:
    with DummyChatServer((429, {"error": {"message": "slow down"}})).serving() as server:
        scene = SCENE.format(url=server.url)
        run = run_scenario(toml=scene, out=tmp_path / "run", cache=tmp_path / "cache", check=False)
    assert (run.outcome, run.reason, run.exit_code) == ("invalid", "chat:429", 3)


def test_a_key_that_is_not_set_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOUNDSTAGE_TEST_KEY")
    with pytest.raises(KeyMissing, match=r"chat of kim.*SOUNDSTAGE_TEST_KEY, which is not set"):
        run_scenario(toml=SCENE.format(url="http://127.0.0.1:1/v1"), out=tmp_path / "run")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('goal = "Get a new cup."', "", "goal"),
        ('"satisfied" }}', '"satisfed" }}', 'there is no event "satisfed"'),
        ('model = "m"', 'model = "m", sees = true', "a persona is shown no images"),
        ('colour = "The cup is blue."', "colour = 7", "facts.colour"),
    ],
)
def test_what_is_wrong_with_a_persona_is_told_with_its_place(old: str, new: str, told: str) -> None:
    scene = SCENE.replace(old, new).format(url="http://127.0.0.1:1/v1")
    with pytest.raises(ScenarioError) as error:
        load_scenario(toml=scene)
    assert told in str(error.value)
