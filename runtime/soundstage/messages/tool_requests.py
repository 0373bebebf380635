"""Tools that one agent serves to another."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Tellable(Protocol):
    """Where a reply goes."""

    def tell(self, message: object) -> None:
        """Send it."""
        ...


class ToolAsked(Struct, frozen=True):
    """An agent wants another one to run one of its tools.

    Attributes:
        call: the caller's own id of the call.
        tool: the tool's name.
        arguments: JSON text, as the model made it.
        reply_to: gets the `ToolAnswered`.
    """

    call: str
    tool: str
    arguments: str
    reply_to: Tellable


class ToolAnswered(Struct, frozen=True):
    """A tool has been run.

    Attributes:
        call: the caller's own id of the call.
        output: JSON text.
        error: why it failed, or empty.
    """

    call: str
    output: str
    error: str = ""
