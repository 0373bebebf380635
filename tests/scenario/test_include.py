from __future__ import annotations

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario


def faults_of(path, **options):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, **options)
    return list(caught.value.faults)


def test_a_file_is_laid_over_those_it_includes(write, call):
    path = write(
        '[scenario]\ninclude = ["team.toml", "more.toml"]\n[agents.bob.local]\nlines = ["Mine."]\n'
        + call.replace('[agents.bob]\nvoice = "ash"\n', ""),
        team__toml='[agents.bob]\nvoice = "coral"\n[agents.bob.local]\n'
        'lines = ["Theirs.", "Too."]\notherwise = "Sorry?"\n',
        more__toml='[agents.bob]\nvoice = "sage"\n',
    )
    scenario = load_scenario(path)
    bob = scenario.agents["bob"].settings
    assert bob.voice == "sage"
    assert bob.local.lines == ("Mine.",)
    assert bob.local.otherwise == "Sorry?"
    assert [file.name for file in scenario.source_files] == ["call.toml", "team.toml", "more.toml"]


def test_a_file_that_is_included_may_include_others_relative_to_itself(write, call, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "bob.toml").write_text(
        '[scenario]\ninclude = ["../voices.toml"]\n'
        '[agents.bob]\ninstructions = { file = "bob.md" }\n'
    )
    (tmp_path / "team" / "bob.md").write_text("You are Bob.\n")
    path = write(
        '[scenario]\ninclude = ["team/bob.toml"]\n' + call,
        voices__toml='[agents.bob]\nmodel = "m"\n',
    )
    scenario = load_scenario(path)
    assert scenario.agents["bob"].settings.instructions == "You are Bob."
    assert scenario.agents["bob"].settings.model == "m"
    assert scenario.source_files[-1] == tmp_path / "team" / "bob.md"


def test_a_fault_in_an_included_file_is_told_there(write, call):
    path = write(
        '[scenario]\ninclude = ["team.toml"]\n' + call, team__toml='\n[agents.bob]\nvoyce = "ash"\n'
    )
    [fault] = faults_of(path)
    assert fault.startswith('team.toml:3: agents.bob.voyce: unknown key; did you mean "voice"')


def test_an_included_file_holds_definitions_only(write, call):
    path = write(
        '[scenario]\ninclude = ["team.toml"]\n' + call,
        team__toml='[scenario]\nname = "Team"\nformat = 1\n[end]\nturns = 2\n',
    )
    end, name = sorted(faults_of(path), key=lambda fault: "name" in fault)
    assert end.startswith("team.toml:4: end: does not belong in an included file")
    assert name.startswith("team.toml:2: scenario.name: does not belong in an included file")


def test_files_that_include_each_other_are_told_the_circle(write, call):
    path = write(
        '[scenario]\ninclude = ["a.toml"]\n' + call,
        a__toml='[scenario]\ninclude = ["b.toml"]\n',
        b__toml='[scenario]\ninclude = ["a.toml"]\n',
    )
    [fault] = faults_of(path)
    circle = "a.toml -> b.toml -> a.toml"
    assert fault == f"b.toml:2: scenario.include[0]: the files include each other: {circle}"


def test_a_file_may_be_included_twice_when_it_is_no_circle(write, call):
    path = write(
        '[scenario]\ninclude = ["a.toml", "b.toml"]\n' + call,
        a__toml='[scenario]\ninclude = ["c.toml"]\n',
        b__toml='[scenario]\ninclude = ["c.toml"]\n',
        c__toml='[agents.bob]\nmodel = "m"\n',
    )
    scenario = load_scenario(path)
    assert scenario.agents["bob"].settings.model == "m"
    assert len(scenario.source_files) == 4


def test_a_chain_of_includes_ends_somewhere(write, call):
    chain = {f"f{n}__toml": f'[scenario]\ninclude = ["f{n + 1}.toml"]\n' for n in range(12)}
    [fault] = faults_of(write('[scenario]\ninclude = ["f0.toml"]\n' + call, **chain))
    assert "more than 8 deep" in fault


def test_a_broken_include_is_told_with_its_line(write, call):
    path = write('[scenario]\ninclude = ["a.toml", "."]\n' + call, a__toml="\nx = \n")
    broken, folder = faults_of(path)
    assert broken.startswith("a.toml:2:5: is not valid TOML")
    assert folder.endswith("is a folder, not a file")


def test_every_path_is_relative_to_the_file_that_says_it(write, call, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.gguf").write_bytes(b"GGUF")
    (tmp_path / "models" / "chat.toml").write_text(
        '[agents.bob.local]\nchat = { gguf = "small.gguf" }\n'
    )
    path = write('[scenario]\ninclude = ["models/chat.toml"]\n' + call)
    chat = load_scenario(path).agents["bob"].settings.local.chat
    assert chat.gguf == tmp_path / "models" / "small.gguf"
