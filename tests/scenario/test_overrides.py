from __future__ import annotations

import pytest

from soundstage.config.values import Duration
from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario


def test_values_are_set_in_toml_or_else_as_text(write, call):
    scenario = load_scenario(
        write(call),
        sets=[
            "agents.alice.voice=coral",
            "end.turns = 7",
            'end.max="1m"',
            "agents.bob.local.think=400ms",
            'agents.bob.local.lines=["Hi.", "Bye."]',
            "record.mix=false",
            "scenario.name=A = B # C",
        ],
    )
    assert scenario.agents["alice"].voice == "coral"
    assert scenario.end.turns == 7
    assert scenario.end.max == Duration("1m")
    assert scenario.agents["bob"].settings.local.think.longest == Duration("400ms")
    assert scenario.agents["bob"].settings.local.lines == ("Hi.", "Bye.")
    assert not scenario.record.mix
    assert scenario.name == "A = B # C"


@pytest.mark.parametrize(
    "path", ["links.0.between.1", "links[0].between[1]", "links [0] . between.1"]
)
def test_items_of_lists_are_set_by_index_after_a_dot_or_in_brackets(write, call, path):
    scenario = load_scenario(write(call + "[agents.carol]\n"), sets=[f"{path}=carol"])
    assert scenario.links[0].between == ("alice", "carol")


def test_a_value_that_is_set_wins_over_defaults(write, call):
    path = write(call + '[defaults.realtime]\nmodel = "a"\n')
    scenario = load_scenario(path, sets=["defaults.realtime.model=b", "agents.bob.model=c"])
    models = [agent.settings.model for agent in scenario.agents.values()]
    assert models == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("end.turns", "--set end.turns: a value is set with PATH=VALUE"),
        ("agents.bop.voice=ash", '--set agents.bop.voice: agents has no "bop"; did you mean "bob"'),
        ("agents.bob.voyce=ash", '--set agents.bob.voyce: unknown key; did you mean "voice"'),
        ("nd.turns=3", "--set nd.turns"),
        ("end.turns=x", '--set end.turns: must be a whole number, not "x"'),
        ("end.turns=nan", "--set end.turns: nan is no number"),
        ("end.turns.x=1", "end.turns is no table, so it has no x"),
        ("links.1.to=bob", "links is a list; its indexes are 0 to 0"),
        ("links.x.to=bob", "links is a list; its indexes are 0 to 0"),
        ("links.0.between.0=bop", '--set links.0.between.0: there is no agent "bop"'),
        ("links[1].to=bob", "links is a list; its indexes are 0 to 0"),
        ("agents[0].voice=ash", "agents is a table, and has keys, not indexes"),
        ("end.turns[0]=1", "end.turns is no table, so it has no 0"),
        ("a b=1", "is not a path of keys"),
        ("=1", "is not a path of keys"),
        (".a=1", "is not a path of keys"),
        ("a.=1", "is not a path of keys"),
        ("a..b=1", "is not a path of keys"),
        ("[0].a=1", "is not a path of keys"),
        ("links[-1]=1", "is not a path of keys"),
        ("links[x]=1", "is not a path of keys"),
        ('a."\\q"=1', "is not a path of keys"),
        ("a=1\nb=2", "--set a"),
    ],
)
def test_a_wrong_set_is_told_with_what_was_given(write, call, text, fault):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(call), sets=[text])
    assert fault in str(caught.value)


def test_a_secret_that_is_set_is_not_repeated(write, call):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(call), sets=["providers.x.api_key=sk-planted", "end.turns=x"])
    assert "sk-planted" not in str(caught.value)


def test_files_that_are_set_are_relative_to_the_working_folder(write, call):
    path = write(call, bob__md="You are Bob.")
    scenario = load_scenario(path, sets=['agents.bob.instructions={ file = "bob.md" }'])
    assert scenario.agents["bob"].settings.instructions == "You are Bob."
