"""The faults that a selftest plants, and the keys of a scenario that plant them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.config.values import is_list, is_table
from soundstage.scenario import hears

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.scenario import Scenario

FAULTS: Final[dict[str, str]] = {
    "late": "each answer begins 4 s later",
    "deaf": "it hears nothing",
    "talkative": "it talks on for eight seconds after each answer",
    "wrong_number": "it says another number in the place of each",
    "never_yields": "it talks on when it is interrupted",
    "repeated_call": "it makes each tool call twice",
}
"""Each fault, and what it is in words."""

_IN_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "late": {"kind": "slow_response", "delay": "4s"},
    "deaf": {"kind": "deaf"},
    "talkative": {"kind": "talkative"},
    "wrong_number": {"kind": "wrong_number"},
    "repeated_call": {"kind": "repeated_call"},
}
"""Faults of the answers that the local endpoint gives in the model's place."""

_LATE: Final = "selftest-late"


class Plant(Struct, frozen=True, kw_only=True):
    """One fault in one agent.

    Attributes:
        fault: of `FAULTS`.
        agent: the agent that has it.
        sets: what is set in the scenario: key path to value; empty where it cannot be planted.
        why_not: why it cannot be planted; empty where it can.
    """

    fault: str
    agent: str
    sets: dict[str, Any] = {}
    why_not: str = ""


def planted(scenario: Scenario) -> list[Plant]:
    """Each fault, planted in each agent under test.

    Args:
        scenario: as it was read.
    """
    return [
        _plant(scenario, name, fault)
        for name in scenario.agents
        if name in scenario.under_test
        for fault in FAULTS
    ]


def _plant(scenario: Scenario, name: str, fault: str) -> Plant:
    agent, tables = scenario.agents[name], scenario.drawing.undrawn
    why_not = _why_not(scenario, name, fault)
    if why_not:
        return Plant(fault=fault, agent=name, why_not=why_not)
    if fault == "never_yields":
        sets: dict[str, Any] = {f"agents.{name}.turn_detection.interrupt_response": False}
    elif agent.local is None:
        # Whatever makes its voice, it comes later on its line.
        others = _list_of(_written(tables, agent.kind, name, "line"), "sends")
        late = {"kind": "delay", "delay": "4s"}
        sets = {f"effects.{_LATE}": late, f"agents.{name}.line.sends": [*others, _LATE]}
    else:
        others = _list_of(_written(tables, agent.kind, name, "local"), "faults")
        sets = {f"agents.{name}.local.faults": [*others, _IN_ANSWERS[fault]]}
    return Plant(fault=fault, agent=name, sets=sets)


def _why_not(scenario: Scenario, name: str, fault: str) -> str:
    """Why a fault cannot be planted in an agent; empty where it can."""
    agent = scenario.agents[name]
    if agent.local is None:
        told = f'the answers of an agent of the kind "{agent.kind}" are not made here'
        return "" if fault == "late" else told
    if fault == "deaf" and not hears(scenario)[name]:
        return "it hears no other agent"
    if fault == "repeated_call" and not agent.tools:
        return "it has no tools"
    detection = _written(scenario.drawing.undrawn, agent.kind, name, "turn_detection")
    if fault == "never_yields" and detection == "none":
        return "it takes no turn by itself"
    return ""


def _list_of(table: object, key: str) -> list[object]:
    found = table.get(key) if is_table(table) else None
    return found if is_list(found) else []


def _written(tables: Mapping[str, object], kind: str, agent: str, key: str) -> object:
    """What an agent's table says for a key, with the defaults of its kind behind it."""
    own = _below(_below(tables.get("agents"), agent), key)
    default = _below(_below(tables.get("defaults"), kind), key)
    if is_table(own) and is_table(default):
        return {**default, **own}
    return default if own is None else own


def _below(table: object, key: str) -> object:
    return table.get(key) if is_table(table) else None
