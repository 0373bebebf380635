"""The tool by which a moderator passes the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.tools._tool import ToolError, definition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVE_FLOOR: Final = "give_floor"
"""What it is called."""


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
