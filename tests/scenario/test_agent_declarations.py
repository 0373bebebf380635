from __future__ import annotations

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

GUARD = """\
from dummy_kinds import DummyGuard

class Guard(DummyGuard):
    pass
"""


def faults_of(path, **options):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, **options)
    return list(caught.value.faults)


def test_defaults_are_merged_under_the_agents_of_their_kind(write, call):
    path = write(
        call.replace('voice = "ash"\n', 'voice = "ash"\nlocal.think = "1s"\n')
        + """
[defaults.realtime]
model = "m"
[defaults.realtime.local]
lines = ["Hello."]
think = "2s"
"""
    )
    scenario = load_scenario(path)
    alice, bob = (agent.settings for agent in scenario.agents.values())
    assert (alice.model, bob.model) == ("m", "m")
    assert (str(alice.local.think.longest), str(bob.local.think.longest)) == ("2s", "1s")
    assert alice.local.lines == bob.local.lines == ("Hello.",)


def test_a_fault_in_defaults_is_told_once_and_there(write, call):
    [fault] = faults_of(write(call + '[defaults.realtime.local]\nthink = "soon"\n'))
    assert fault.startswith('call.toml:14: defaults.realtime.local.think: "soon"')


def test_texts_of_defaults_are_relative_to_the_file_that_says_them(write, call, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "all.toml").write_text(
        '[defaults.realtime]\ninstructions = { file = "all.md" }\n'
    )
    (tmp_path / "team" / "all.md").write_text("Be brief.")
    scenario = load_scenario(write('[scenario]\ninclude = ["team/all.toml"]\n' + call))
    assert [a.settings.instructions for a in scenario.agents.values()] == ["Be brief."] * 2


def test_a_kind_of_ones_own_stands_beside_the_file_that_names_it(write, call):
    path = write(
        call + '[agents.guard]\nkind = "./guard.py:Guard"\nwords = ["damn"]\nmute_for = "5s"\n'
        '[defaults."./guard.py:Guard"]\nvoice = "sage"\n',
        guard__py=GUARD,
    )
    guard = load_scenario(path).agents["guard"]
    assert guard.kind == "./guard.py:Guard"
    assert guard.agent_class.__name__ == "Guard"
    assert guard.settings.words == frozenset({"damn"})
    assert guard.settings.voice == "sage"
    assert guard.provider is None


def test_the_keys_of_a_kind_of_ones_own_are_checked_by_its_settings(write, call):
    path = write(
        call + '[agents.guard]\nkind = "./guard.py:Guard"\nword = ["damn"]\n', guard__py=GUARD
    )
    missing, unknown = faults_of(path)
    assert missing == 'call.toml:13: agents.guard: "words" is missing'
    assert unknown == 'call.toml:15: agents.guard.word: unknown key; did you mean "words"?'


def test_settings_that_raise_are_told_in_a_line(write, call):
    source = (
        "from pydantic import model_validator\nfrom dummy_kinds import DummyAgent\n"
        "class Odd(DummyAgent):\n"
        "    class Settings(DummyAgent.Settings):\n"
        "        @model_validator(mode='after')\n"
        "        def check(self):\n"
        "            raise KeyError('lost')\n"
    )
    [fault] = faults_of(write(call + '[agents.odd]\nkind = "./odd.py:Odd"\n', odd__py=source))
    assert fault == "call.toml:13: agents.odd: its check raised KeyError: 'lost'"


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("dummy_kinds:NoAgent", "is no agent: it must be a class derived from soundstage.Agent"),
        ("dummy_kinds:NoTable", "must be a class derived from Agent.Settings"),
        ("dummy_kinds:OneClock", 'must be a set of some of these words: "virtual", "wall"'),
        ("dummy_kinds:NoCues", 'a set of some of these words: "ask", "keys", "play", "say"'),
        ("dummy_kinds:Deaf", "raised SystemExit: enough"),
        ("dummy_kinds:Undecided", "must say True or False, not 'perhaps'"),
        ("dummy_kinds:pay", "is no agent"),
        ("dummy_kinds:DumyGuard", 'did you mean "DummyGuard"'),
        ("./broken.py:Guard", "broken.py:2 cannot be loaded: NameError"),
        ("websocket", "reserved for a later version"),
        ("guard", 'there is no kind "guard"; known: realtime, or your own'),
    ],
)
def test_a_kind_that_cannot_be_had_is_told_with_its_line(write, call, kind, why):
    path = write(call + f'[agents.guard]\nkind = "{kind}"\n', broken__py="\nx = y\n")
    [fault] = faults_of(path)
    assert fault.startswith("call.toml:14: agents.guard.kind: ")
    assert why in fault


def test_agents_without_a_voice_get_free_ones_the_same_every_time(write, call):
    path = write(call.replace('voice = "ash"\n', "") + "[agents.carol]\n[agents.dave]\n")
    voices = [agent.voice for agent in load_scenario(path).agents.values()]
    assert voices == ["shimmer", "marin", "cedar", "ash"]
    assert voices == [agent.voice for agent in load_scenario(path).agents.values()]


def test_agents_that_name_nobody_follow_the_command_line(write, call, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    path = write(call.replace('voice = "ash"', 'provider = "local"'))
    asked = load_scenario(path, provider="openai").agents
    assert [agent.provider for agent in asked.values()] == ["openai", "local"]
    assert [agent.provider for agent in load_scenario(path).agents.values()] == ["local", "local"]


def test_defaults_that_no_agent_takes_up_are_checked_all_the_same(write, call):
    path = write(
        call + '[defaults."./guard.py:Guard"]\nkind = "x"\n[defaults."dummy_kinds:DummyGuard"]\n'
        "word = []\n[defaults.robot]\n",
        guard__py=GUARD,
    )
    kind, word, robot = faults_of(path)
    assert kind.startswith('call.toml:14: defaults."./guard.py:Guard".kind: does not belong here')
    assert word.startswith('call.toml:16: defaults."dummy_kinds:DummyGuard".word: unknown key')
    assert 'call.toml:17: defaults.robot: there is no kind "robot"' in robot
