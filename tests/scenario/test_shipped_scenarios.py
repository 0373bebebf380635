from __future__ import annotations

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import (
    find_scenario,
    list_scenarios,
    load_scenario,
    shipped_scenarios,
)


@pytest.fixture
def shipped(tmp_path, monkeypatch, call):
    folder = tmp_path / "shipped"
    folder.mkdir()
    head = '[scenario]\nname = "Two talk"\ndescription = "A call."\n'
    (folder / "two_talk.toml").write_text(head + call)
    (folder / "broken.toml").write_text("[")
    monkeypatch.setattr(shipped_scenarios, "shipped_folder", lambda: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_shipped_scenarios_are_found_by_name(shipped):
    assert find_scenario("two_talk") == shipped / "two_talk.toml"
    assert load_scenario("two_talk").name == "Two talk"
    assert find_scenario("two_talk.toml") == shipped / "two_talk.toml"


def test_they_are_listed_even_if_one_is_broken(shipped):
    broken, two = list_scenarios()
    assert (broken.name, broken.title, broken.description) == ("broken", "broken", "")
    assert (two.name, two.title, two.description) == ("two_talk", "Two talk", "A call.")


def test_a_name_that_nobody_knows_gets_the_nearest(shipped, tmp_path):
    with pytest.raises(ScenarioError, match='no scenario "two_tlk"; did you mean "two_talk"'):
        find_scenario("two_tlk")
    (tmp_path / "mine.toml").touch()
    with pytest.raises(ScenarioError, match=r'did you mean "mine\.toml"'):
        find_scenario("mine")


def test_a_path_is_a_path(shipped, tmp_path):
    (tmp_path / "plain").touch()
    assert str(find_scenario("plain")) == "plain"
    assert str(find_scenario("x/two_talk")) == "x/two_talk"
    assert str(find_scenario("mine.toml")) == "mine.toml"
    (tmp_path / "two_talk.toml").touch()
    assert str(find_scenario("two_talk.toml")) == "two_talk.toml"


def test_a_name_with_a_tilde_that_is_no_home_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~tilde.toml").write_text("")
    assert find_scenario("~tilde.toml").is_file()
