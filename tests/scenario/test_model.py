"""Who hears whom, as a scenario's links and rooms have it."""

from __future__ import annotations

import pytest

from soundstage.scenario import hears, load_scenario
from soundstage.scenario.model import Scenario

ROOM = "".join(f'[agents.a{n}]\nvoice = "ash"\n' for n in range(12)) + (
    f"[rooms.room]\nmembers = {[f'a{n}' for n in range(12)]}\n[end]\nmax = '1s'\n"
)


def test_in_a_room_each_member_hears_all_others_in_the_order_of_declaration() -> None:
    scenario = load_scenario(toml=ROOM, clock="virtual")
    heard = hears(scenario)

    assert list(heard) == list(scenario.agents)
    for name, speakers in heard.items():
        assert speakers == tuple(other for other in scenario.agents if other != name)


def test_the_edges_are_gathered_once_however_many_members_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = load_scenario(toml=ROOM, clock="virtual")
    gathered = []
    edges = Scenario.edges.fget
    assert edges is not None
    monkeypatch.setattr(Scenario, "edges", property(lambda self: gathered.append(1) or edges(self)))
    hears(scenario)

    assert len(gathered) == 1
