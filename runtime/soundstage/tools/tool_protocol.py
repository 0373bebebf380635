"""A tool: what a model is told of it, and what is done when it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from soundstage.config.values import DurationRange
from soundstage.units import Samples, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT: Final[Samples] = samples_of_seconds(10)
"""How long a tool may take by default."""


class ToolError(Exception):
    """Raised in a tool: its text is told to the model as it stands."""


class Tool(Protocol):
    """Something that a model can call by name."""

    @property
    def name(self) -> str:
        """What the model calls it."""
        ...

    @property
    def is_async(self) -> bool:
        """Whether `call` returns an awaitable, for an event loop; if not, it may block."""
        ...

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        ...

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Run it; what it returns must be JSON, what it raises is told to the model."""
        ...


class ServedTool:
    """A method of an agent: called by a message, run in one of that agent's turns.

    Args:
        tool: the method, for its definition.
        tell: reaches the agent.
    """

    is_async = False

    def __init__(self, tool: Tool, tell: Callable[[object], None]) -> None:
        self._tool = tool
        self.tell = tell

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self._tool.name

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return self._tool.definition()

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Not here: only its agent may run it."""
        raise NotImplementedError(f"{self.name} is asked of its agent ({sorted(arguments)})")


class ReadyTool(Struct, frozen=True):
    """A tool as an agent is given it.

    Attributes:
        tool: what is called.
        timeout: how long it may take; the model is told when it took longer.
        latency: how long it is made to take, or None where it takes its own time.
        answered: whether the model is asked to say something about its result.
    """

    tool: Tool
    timeout: Samples = TIMEOUT
    latency: DurationRange | None = None
    answered: bool = True


def definition_of(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A function tool in the protocol's words."""
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
    }
