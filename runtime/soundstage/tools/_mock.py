"""Answers in a tool's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.tools._tool import definition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
            LookupError: none does, or the one that does is an error.
        """
        for matches, returns, error in self._answers:
            if matches(arguments):
                if error is not None:
                    raise LookupError(error)
                return returns
        raise LookupError(f"no mock of {self.name} is for these arguments")
