"""A scenario as it was run, for the run's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic_core import to_jsonable_python

from soundstage.audio.effects import PRESETS
from soundstage.config.values import is_table
from soundstage.scenario._providers import written_provider

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel

    from soundstage.scenario._model import Scenario


def resolved(scenario: Scenario) -> dict[str, object]:
    """The scenario as tables that JSON can hold: defaults merged, voices given, secrets masked."""
    return {
        "scenario": _written(scenario.scenario),
        "providers": {
            name: written_provider(provider) for name, provider in scenario.providers.items()
        },
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
