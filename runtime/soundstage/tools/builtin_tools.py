"""Tools that are no code of the user: mocks in a scenario, and the tool that passes the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.tools.tool_protocol import ToolError, definition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GIVE_FLOOR: Final = "give_floor"
"""What it is called."""


class MockTool:
    """Answers in a function's place, as the scenario says.

    Args:
        name: what the model calls it.
        description: what the model is told.
        parameters: the JSON Schema of its arguments.
        answers: tried in order: arguments that must be there, and what is returned or raised.
    """

    is_async = False

    def __init__(
        self,
        name: str,
        description: str,
        parameters: dict[str, Any],
        answers: tuple[tuple[Callable[[Mapping[str, Any]], bool], object, str | None], ...],
    ) -> None:
        self.name = name
        self._description = description
        self._parameters = parameters
        self._answers = answers

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return definition_of(self.name, self._description, self._parameters)

    def call(self, arguments: Mapping[str, Any]) -> object:
        """The first answer whose arguments match.

        Raises:
            ToolError: none does, or the one that does is an error, which is told as it stands.
        """
        for matches, returns, error in self._answers:
            if matches(arguments):
                if error is not None:
                    raise ToolError(error)
                return returns
        raise ToolError(f"no mock of {self.name} is for these arguments")


class GiveFloorTool:
    """Says who speaks next; the floor goes there when the moderator has finished.

    Args:
        members: the agents that can get the floor.
    """

    is_async = False
    name = GIVE_FLOOR

    def __init__(self, members: tuple[str, ...]) -> None:
        self._members = members

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        parameters = {
            "type": "object",
            "properties": {"to": {"type": "string", "enum": list(self._members)}},
            "required": ["to"],
            "additionalProperties": False,
        }
        return definition_of(
            self.name, "Let one of the others speak when you have finished.", parameters
        )

    def call(self, arguments: Mapping[str, Any]) -> object:
        """The agent that gets the floor.

        Raises:
            ToolError: there is no such member.
        """
        to = str(arguments.get("to", "")).strip().lower()
        if to not in self._members:
            raise ToolError(
                f"no member is called {to!r}: the members are {', '.join(self._members)}"
            )
        return {"to": to}
