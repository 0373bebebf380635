"""A scenario as it was read: as text for people, and as tables for a run's result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from pydantic_core import to_jsonable_python

from soundstage.audio.effects import PRESETS
from soundstage.config.values import is_table
from soundstage.scenario.model import hears
from soundstage.scenario.providers import written_provider

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel

    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.model import Scenario
    from soundstage.servers import ServerProgram


def describe_graph(scenario: Scenario) -> str:
    """The agents, and which of them hear each other: some lines of text."""
    heard = hears(scenario)
    width = max(map(len, scenario.agents))
    lines = [scenario.name, ""]
    ways = _ways(scenario)
    for agent in scenario.agents.values():
        speakers = ", ".join(
            f"{speaker}{ways.get((speaker, agent.name), '')}" for speaker in heard[agent.name]
        )
        speakers = speakers or "no other agent"
        lines.append(f"  {agent.name:{width}}  hears {speakers}")
        lines.append(f"  {'':{width}}  {_described(agent)}")
    lines += ["", *_arrows(scenario, width)]
    varying = describe_variation(scenario)
    return "\n".join([*lines, "", *varying] if varying else lines)


def describe_variation(scenario: Scenario) -> list[str]:
    """What the seed decides in a scenario, and what this seed has decided: a line for each key."""
    varies, drawn = scenario.drawing.varies, scenario.drawing.drawn
    if not varies:
        return []
    here = {path: f"; here {json.dumps(drawn[path], ensure_ascii=False)}" for path in drawn}
    lines = [f"  {path}: {what}{here.get(path, '')}" for path, what in varies.items()]
    return ["varies with the seed:", *lines]


def _ways(scenario: Scenario) -> dict[tuple[str, str], str]:
    """What is said of the way from a speaker to a listener, where it changes the sound."""
    ways: dict[tuple[str, str], list[str]] = {}
    for link in scenario.links:
        for edge in link.edges if link.effects else ():
            ways[edge] = list(link.effects)
    for room in scenario.rooms.values():
        for edge, level in room.levels.items():
            ways[edge] = [str(level)]
    return {edge: f" ({' + '.join(what)})" for edge, what in ways.items()}


def _program(program: ServerProgram) -> dict[str, object]:
    """A server for reports: what its variables hold may be secret."""
    return {
        "command": list(program.command),
        "env": sorted(program.env),
        "per": "batch" if program.is_of_batch else "run",
    }


def _described(agent: AgentDeclaration) -> str:
    about = [agent.kind]
    about += [f"calls {agent.provider}"] if agent.provider else []
    about += [f"voice {agent.voice}"] if agent.voice else []
    about += [f"sends over {' + '.join(agent.line.sends)}"] if agent.line.sends else []
    about += [f"hears over {' + '.join(agent.line.hears)}"] if agent.line.hears else []
    return ", ".join(about)


def _arrows(scenario: Scenario, width: int) -> list[str]:
    edges = scenario.edges
    lines: list[str] = []
    for speaker, listener in edges:
        mutual = (listener, speaker) in edges
        if mutual and edges.index((listener, speaker)) < edges.index((speaker, listener)):
            continue
        arrow = "<-->" if mutual else "--->"
        lines.append(f"  {speaker:{width}} {arrow} {listener}")
    return lines


def resolved(scenario: Scenario) -> dict[str, object]:
    """The scenario as tables that JSON can hold: defaults merged, voices given, secrets masked."""
    return {
        "scenario": _written(scenario.scenario),
        "providers": {
            name: written_provider(provider) for name, provider in scenario.providers.items()
        },
        "servers": {name: _program(each) for name, each in scenario.servers.items()},
        "speech": _written(scenario.speech),
        "agents": {
            name: {"kind": agent.kind, **_written(agent.settings)}
            for name, agent in scenario.agents.items()
        },
        "links": [_written(link) for link in scenario.links],
        "rooms": {name: _written(room) for name, room in scenario.rooms.items()},
        "effects": {
            name: _written(effect.settings)
            for name, effect in scenario.effects.items()
            if name not in PRESETS
        },
        "tools": {name: _written(tool.settings) for name, tool in scenario.tools.items()},
        "cues": [_written(cue.table) for cue in scenario.cues],
        "expect": [table for each in scenario.demands.expected for table in each.tables],
        "end": _written(scenario.end),
        "record": _written(scenario.record),
    }


def _written(model: BaseModel) -> dict[str, object]:
    """A table as it would be written, keys without a value left out."""
    dumped = model.model_dump(by_alias=True, exclude_none=True)
    return {key: _plain(value) for key, value in dumped.items()}


def _plain(value: object) -> object:
    """A value that JSON can hold, sets in a fixed order."""
    if is_table(value):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Collection[object]", value)]
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, cast("Collection[object]", value)), key=str)
    return to_jsonable_python(value, fallback=str)
