"""Live agents on the virtual clock, with the real engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundstage.config.values import word_error_rate
from soundstage.errors import ScenarioError
from soundstage.messages import events
from soundstage.results import Run
from soundstage.run import play
from soundstage.scenario import find_scenario, load_scenario

MIXED = """
[scenario]
name = "Live and Realtime in one room"
seed = 3

[tools.weather]
description = "The weather of a city."
parameters = { type = "object", properties = { city = { type = "string" } }, required = ["city"] }
mock = [{ returns = { sky = "rain" } }]

[agents.lina]
protocol = "live"
PROTOCOL
tools = ["weather"]

[agents.lina.local]
otherwise = "Goodbye."

[[agents.lina.local.rules]]
heard = "weather in {city}"
call = [{ tool = "weather", args = { city = "{city}" } }]

[[agents.lina.local.rules]]
tool = "weather"
say = "I expect {sky} all day long."

[agents.rudi]
opening_prompt = "Ask."

[agents.rudi.local]
lines = ["What is the weather in Paris?", "Thank you, that was all."]

[rooms.hall]
members = ["lina", "rudi"]

[end]
turns = 4
max = "60s"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "first"
    scenario = load_scenario("alice_bob_live", clock="virtual", sets=("end.turns=6",))
    play(scenario, out=folder)
    return Run.load(folder)


def test_two_live_agents_talk_to_the_end(run: Run) -> None:
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    assert {turn.agent for turn in run.turns} == {"alice", "bob"}


def test_both_are_heard_at_once_and_a_backchannel_stops_no_one(run: Run) -> None:
    spans = [(turn.start, turn.end, turn.agent) for turn in run.turns]
    over = [
        (one, other)
        for one in spans
        for other in spans
        if one[2] != other[2] and one[0] < other[0] and other[1] < one[1]
    ]
    assert over
    assert not any(turn.interrupted_by for turn in run.turns)


def test_what_was_audible_is_what_is_told_and_understood(run: Run) -> None:
    for turn in run.turns[:-1]:
        (heard,) = turn.heard_by.values()
        assert word_error_rate(turn.text, heard) <= 0.2, turn.text


def test_a_live_run_is_the_same_to_the_byte(run: Run, tmp_path: Path) -> None:
    play(
        load_scenario("alice_bob_live", clock="virtual", sets=("end.turns=6",)), out=tmp_path / "b"
    )
    for name in ("events.jsonl", "transcript.md", "audio/mix.wav"):
        assert (tmp_path / "b" / name).read_bytes() == (run.folder / name).read_bytes(), name


@pytest.mark.parametrize("delegation", ["responses", "client"])
def test_a_live_and_a_realtime_agent_share_a_room_and_a_tool_is_called(
    tmp_path: Path, delegation: str
) -> None:
    text = MIXED.replace("PROTOCOL", f'delegation = "{delegation}"')
    if delegation == "client":
        # What the tool gives is said as it is: the agent's own program would word it.
        text = text.replace('{ sky = "rain" }', '"I expect rain all day long."')
    (tmp_path / "mixed.toml").write_text(text)
    play(load_scenario(tmp_path / "mixed.toml", clock="virtual"), out=tmp_path / "run")
    run = Run.load(tmp_path / "run")
    assert run.exit_code == 0
    called = run.events(events.ToolCalled)
    assert [each.tool for each in called] == ["weather"]
    assert "Paris" in called[0].arguments
    assert any("rain all day long" in turn.text for turn in run.turns if turn.agent == "lina")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('protocol = "live"\non_drop = "reconnect"', 'goes with protocol = "realtime"'),
        ('delegation = "client"', 'goes with protocol = "live"'),
        ('protocol = "full"', "protocol"),
    ],
)
def test_a_key_of_the_other_protocol_is_refused(tmp_path: Path, lines: str, says: str) -> None:
    text = find_scenario("alice_bob").read_text()
    (tmp_path / "wrong.toml").write_text(text.replace("[agents.bob]", f"[agents.bob]\n{lines}"))
    with pytest.raises(ScenarioError, match=r"agents\.bob") as caught:
        load_scenario(tmp_path / "wrong.toml")
    assert says in str(caught.value)


def test_a_live_agent_waits_for_no_floor(tmp_path: Path) -> None:
    text = MIXED.replace("PROTOCOL", "") + '\n[rooms.hall.floor]\npolicy = "round_robin"\n'
    (tmp_path / "floor.toml").write_text(text)
    with pytest.raises(ScenarioError, match="decides itself when to speak"):
        load_scenario(tmp_path / "floor.toml")


def test_a_provider_with_ephemeral_keys_is_refused(tmp_path: Path) -> None:
    provider = '[providers.other]\nbase_url = "http://127.0.0.1:1"\nauth = "ephemeral"\n'
    text = find_scenario("alice_bob_live").read_text()
    (tmp_path / "other.toml").write_text(f"{text}\n{provider}")
    with pytest.raises(ScenarioError, match="no ephemeral keys"):
        load_scenario(tmp_path / "other.toml", provider="other")
