"""What agents' tables in a scenario may say, as far as the engine reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field, StrictInt

from soundstage.config.values import (
    EffectName,
    Lines,
    LinesAndKeys,
    ServerName,
    Table,
    Text,
    ToolName,
)

if TYPE_CHECKING:
    from soundstage.servers import ServerProgram


class LineTable(Table):
    """What an agent's own line does to sound, beside the links that it is part of.

    Attributes:
        sends: effects on what it says, in the order in which sound goes through them.
        hears: effects on everything that it hears, likewise, last of all.
    """

    sends: tuple[EffectName, ...] = ()
    hears: tuple[EffectName, ...] = ()


class AgentSettings(Table):
    """The keys that every kind of agent has; a kind adds its own by subclassing.

    Keys that the engine itself reads come from the classes below, and from `CallsEndpoint` in
    `soundstage.endpoint`: a kind that has them derives its `Settings` from these, too.

    Attributes:
        kind: the agent's kind, or the object that is its class.
        voice: an OpenAI voice name; a free one where none is given.
        on_fault: what is done when a handler raises.
        restarts: how often `restart` is tried before the agent leaves.
        line: the effects of its own line.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    kind: str = "realtime"
    voice: str | None = None
    on_fault: Literal["leave", "restart", "end"] = "leave"
    restarts: StrictInt = Field(default=3, ge=0, le=1000)
    line: LineTable = LineTable()


class UsesTools(Table):
    """The key of agents whose model calls tools.

    Attributes:
        tools: names of the scenario's tools that it may call.
    """

    tools: tuple[ToolName, ...] = ()


class Opens(Table):
    """The key of agents that may speak before any other.

    Attributes:
        opening_prompt: sent as a system item once every agent is ready.
    """

    opening_prompt: Text | None = None


class HasLines(Table):
    """The key of agents that say written lines; on the virtual clock these are spoken in advance.

    Attributes:
        lines: what it says, word for word.
    """

    lines: Lines = ()


class HasLinesAndKeys(Table):
    """The key of agents whose lines may be keys of a telephone.

    Attributes:
        lines: what it says, word for word, and `{ keys = "5#" }` for what it presses.
    """

    lines: LinesAndKeys = ()


class UsesServer(Table):
    """The key of agents that are served by a program of the scenario.

    Attributes:
        server: the program of `[servers]`; none where it runs by itself.
    """

    server: ServerName | None = None

    def server_fault(self, program: ServerProgram | None) -> str:
        """Why an agent cannot be served so; empty where it can.

        Args:
            program: the one that `server` names, or None.
        """
        del program
        return ""


class Emits(Table):
    """The base for agents of which their table says what events of their own they emit."""

    def emits(self) -> frozenset[str] | None:
        """The names of the events; None where they are not known before the run."""
        return None
