from __future__ import annotations

import pytest

from soundstage.run.actor_system import graph_of
from soundstage.scenario import describe_graph, hears, load_scenario

PANEL = """
[agents.chair]
[agents.ada]
[agents.ben]

[rooms.panel]
members = ["chair", "ada", "ben"]
gain = { "chair<-ben" = "-6dB", "ada <- ben" = "0dB" }

[end]
turns = 4
"""


def test_the_members_of_a_room_hear_each_other_and_not_themselves(write):
    scenario = load_scenario(write(PANEL))
    assert hears(scenario) == {
        "chair": ("ada", "ben"),
        "ada": ("chair", "ben"),
        "ben": ("chair", "ada"),
    }


def test_a_room_needs_no_links_and_a_gain_has_its_direction(write):
    room = load_scenario(write(PANEL)).rooms["panel"]
    assert room.levels == {("ben", "chair"): -6, ("ben", "ada"): 0}


def test_the_mixer_works_by_links_and_rooms_alike(write):
    more = '[agents.guest]\n[[links]]\nfrom = "guest"\nto = "chair"\n'
    gains = graph_of(load_scenario(write(PANEL + more))).gains()
    assert gains.tolist() == [
        [0, 1, pytest.approx(0.501, abs=0.001), 1],
        [1, 0, 1, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
    ]


def test_links_and_rooms_are_edges_of_one_graph(write):
    more = '[agents.guest]\n[[links]]\nfrom = "guest"\nto = "chair"\n'
    scenario = load_scenario(write(PANEL + more))
    assert hears(scenario)["chair"] == ("ada", "ben", "guest")
    assert "  guest <--> chair" not in describe_graph(scenario)
    assert "  guest ---> chair" in describe_graph(scenario)


def test_two_rooms_may_share_a_member_but_no_pair(write):
    more = '[agents.aide]\n[rooms.whisper]\nmembers = ["aide", "chair"]\n'
    assert hears(load_scenario(write(PANEL + more)))["aide"] == ("chair",)
