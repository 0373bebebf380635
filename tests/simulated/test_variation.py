"""What the seed decides in a scenario, on both clocks, in reports and in many runs."""

from __future__ import annotations

import json

import pytest

from soundstage import Run, run_scenario
from soundstage.errors import ScenarioError
from soundstage.scenario import describe_graph, describe_variation, load_scenario

CALL = """
[scenario]
seed = 4
[defaults.scripted]
wait = ["200ms", "900ms"]
[agents.ann]
kind = "scripted"
voice = { one_of = ["ash", "sage", "coral"] }
lines = [{ one_of = ["Hello.", "Good morning.", "Is anybody there?"] }]
line = { sends = ["cafe"] }
[agents.ben]
kind = "scripted"
voice = "verse"
lines = ["Yes, I am here."]
[rooms.hall]
members = ["ann", "ben"]
gain = { "ben<-ann" = ["-9dB", "0dB"] }
[effects.cafe]
kind = "noise"
snr = ["5dB", "25dB"]
[[cues]]
id = "cut"
after = { event = "speech_started", delay = ["2s", "3s"] }
agent = "ben"
say = { one_of = ["Go on.", "Stop."] }
[end]
turns = 3
max = "30s"
"""


def test_what_was_drawn_is_played_and_told(tmp_path):
    run = run_scenario(toml=CALL, out=tmp_path / "run")
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["drawn"] == dict(run.drawn)
    assert result["drawn"].keys() == result["varies"].keys()
    first, *_ = run.turns
    by_name = {turn.text for turn in run.turns}
    assert run.drawn["agents.ann.lines[0]"] in by_name
    assert run.drawn["cues[0].say"] in by_name
    agents = result["resolved"]["agents"]
    for name in ("ann", "ben"):
        assert agents[name]["wait"] == run.drawn[f"agents.{name}.wait"]
    assert agents["ann"]["voice"] == run.drawn["agents.ann.voice"]
    assert first.start >= 0.2


def test_the_same_can_be_played_again_by_what_was_told():
    run = run_scenario(toml=CALL, seed=11)
    again = run_scenario(toml=CALL, seed=11, set=dict(run.drawn))
    assert again.drawn == {}
    assert again.fingerprint == run.fingerprint


def test_both_clocks_draw_the_same():
    drawn = [
        load_scenario(toml=CALL, seed=3, clock=clock).drawing.drawn for clock in ("wall", "virtual")
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != load_scenario(toml=CALL, seed=5).drawing.drawn


def test_a_scenario_of_another_seed_draws_anew():
    scenario = load_scenario(toml=CALL, seed=3)
    other = scenario.with_seed(5)
    assert other.seed == 5
    assert other.drawing.drawn == load_scenario(toml=CALL, seed=5).drawing.drawn
    assert other.agents["ann"].settings != scenario.agents["ann"].settings


def test_agents_that_share_a_default_draw_each_their_own():
    waits = [
        (drawn["agents.ann.wait"], drawn["agents.ben.wait"])
        for seed in range(5)
        for drawn in [load_scenario(toml=CALL, seed=seed).drawing.drawn]
    ]
    assert any(ann != ben for ann, ben in waits)


def test_check_and_graph_show_what_varies():
    scenario = load_scenario(toml=CALL)
    lines = describe_variation(scenario)
    wait = scenario.drawing.drawn["agents.ann.wait"]
    assert f'  agents.ann.wait: "200ms" to "900ms"; here "{wait}"' in lines
    assert describe_graph(scenario).endswith("\n".join(lines))
    assert describe_variation(load_scenario("alice_bob")) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('"ash", "sage", "coral"', '"ash", "sage", 5', "agents.ann.voice: must be text in quotes"),
        ('["Hello."', '["Hello {name}."', ""),
        ('["2s", "3s"]', '["2s", "2000m"]', "cues[0].after.delay: a duration lies between"),
        ('sends = ["cafe"]', 'sends = { one_of = [["cafe"], ["caff"]] }', 'no effect "caff"'),
        ('say = { one_of = ["Go on."', 'say = { one_of = ["Go {on}."', 'nothing binds "{on}"'),
        ('voice = "verse"', 'voice = ["verse", "ash"]', '{ one_of = ["…", "…"] }'),
        ('lines = ["Yes', 'lines = [["No."], "Yes', "one of several, drawn from the seed, is"),
    ],
)
def test_a_wrong_option_is_told_whatever_the_seed(before, after, why, seed):
    wrong = CALL.replace(before, after)
    assert wrong != CALL
    if not why:
        load_scenario(toml=wrong, seed=seed)
        return
    with pytest.raises(ScenarioError) as caught:
        load_scenario(toml=wrong, seed=seed)
    [fault] = caught.value.faults
    assert why in fault


def test_a_choice_replaces_the_defaults_as_a_whole():
    text = CALL.replace("[defaults.scripted]", '[defaults.scripted]\nline = { sends = ["phone"] }')
    chosen = 'line = { one_of = [{ hears = ["phone"] }] }\nvoice = "verse"'
    scenario = load_scenario(toml=text.replace('voice = "verse"', chosen))
    assert scenario.agents["ben"].line.sends == ()
    assert scenario.agents["ben"].line.hears == ("phone",)


def test_a_run_of_an_older_folder_has_drawn_nothing(tmp_path):
    run = run_scenario(toml=CALL, out=tmp_path / "run")
    path = tmp_path / "run" / "result.json"
    result = json.loads(path.read_text())
    del result["drawn"], result["varies"]
    path.write_text(json.dumps(result))
    assert run.drawn
    assert Run.load(tmp_path / "run").drawn == {}


GUARD = """
from soundstage import Agent, Begin, Duration, handles

class Guard(Agent):
    class Settings(Agent.Settings):
        patience: Duration
        volume: float = 1.0

    @handles(Begin)
    def begin(self, _):
        self.emit("patience", seconds=self.settings.patience.seconds, volume=self.settings.volume)
"""


def test_the_keys_of_agents_of_ones_own_vary_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guard.py").write_text(GUARD)
    guard = """
    [agents.guard]
    kind = "./guard.py:Guard"
    patience = ["1s", "3s"]
    volume = [0.5, 2]
    """
    noted = [
        run.events("noted")[0].data
        for seed in range(2)
        for run in [run_scenario(toml=guard + CALL, seed=seed)]
    ]
    assert all(1 <= each["seconds"] <= 3 and 0.5 <= each["volume"] <= 2 for each in noted)
    assert noted[0] != noted[1]
