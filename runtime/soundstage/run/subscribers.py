"""Those who act on what happens in a run: the controllers of floors, and the caller of cues."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soundstage.floor import FloorController
from soundstage.kernel import Policy
from soundstage.run.cue_caller import CueCaller, House
from soundstage.scenario._cues import outside_at_first
from soundstage.scenario._model import hears
from soundstage.tools import GIVE_FLOOR, GiveFloorTool, ReadyTool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.kernel import Address, Kernel
    from soundstage.scenario._model import Scenario
    from soundstage.seeds import Seeds

_NEEDED = Policy(on_fault="end")
"""A room whose floor nobody keeps has fallen silent."""


def spawn_followers(
    kernel: Kernel,
    scenario: Scenario,
    seeds: Seeds,
    agents: Mapping[str, Address],
    mixer: Address,
    hub: Address,
) -> tuple[Address, ...]:
    """Start them; the hub tells them what happens, and they tell it what they decide."""
    followers: list[Address] = []
    for room, plan in scenario.floors.items():
        members = {name: agents[name] for name in plan.members}
        floor = plan.make(scenario.openers, seeds.stream("floor", room))
        outside = [name for name, its in outside_at_first(scenario.cues) if its == room]
        make = partial(FloorController, room, floor, members, hub, outside)
        name = f"floor of {room}"
        followers.append(kernel.spawn(name, make, policy=_NEEDED))
    if scenario.cues:
        rooms = {
            name: tuple(room for room, table in scenario.rooms.items() if name in table.members)
            for name in scenario.agents
        }
        house = House(
            agents=agents,
            mixer=mixer,
            journal=hub,
            hears=hears(scenario),
            rooms=rooms,
            floored=frozenset(name for name in scenario.agents if scenario.floor_of(name)),
        )
        call = partial(CueCaller, scenario.cues, house)
        followers.append(kernel.spawn("cues", call, policy=_NEEDED))
    return tuple(followers)


def floor_tools(scenario: Scenario, agent: str) -> dict[str, ReadyTool]:
    """The tool by which an agent passes the floor, where it is a moderator."""
    plan = scenario.floor_of(agent)
    if plan is None or plan.moderator != agent:
        return {}
    others = tuple(name for name in plan.members if name != agent)
    return {GIVE_FLOOR: ReadyTool(GiveFloorTool(others), answered=False)}
