"""What every agent's table in a scenario may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, Self, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from soundstage.config.values import EffectName, Table


class LineTable(Table):
    """What an agent's own line does to sound, beside the links that it is part of.

    Attributes:
        sends: effects on what it says, in the order in which sound goes through them.
        hears: effects on everything that it hears, likewise, last of all.
    """

    sends: tuple[EffectName, ...] = ()
    hears: tuple[EffectName, ...] = ()


class AgentSettings(BaseModel):
    """The keys that every kind of agent has; a kind adds its own by subclassing.

    Attributes:
        kind: the agent's kind, or the object that is its class.
        voice: an OpenAI voice name; a free one where none is given.
        on_fault: what is done when a handler raises.
        restarts: how often `restart` is tried before the agent leaves.
        line: the effects of its own line.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: str = "realtime"
    voice: str | None = None
    on_fault: Literal["leave", "restart", "end"] = "leave"
    restarts: StrictInt = Field(default=3, ge=0, le=1000)
    line: LineTable = LineTable()


S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class HasSettings(Protocol[S_co]):
    """An agent's class, with the model of its table."""

    @property
    def Settings(self) -> Callable[..., S_co]:  # noqa: N802 - it is a class
        """The model."""
        ...


class SettingsOf:
    """The attribute `settings` of an agent: for type checkers, an instance of its `Settings`.

    So a subclass that says `class Settings(Agent.Settings)` has its keys checked, with no type
    parameter to repeat.
    """

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: HasSettings[S], owner: type[object]) -> S: ...
    def __get__(self, instance: Any, owner: type[object]) -> Any:
        """The agent's table."""
        return self if instance is None else instance.context.identity.settings
