"""What a person should read now, and the event log never holds."""

from __future__ import annotations

from msgspec import Struct


class Notice(Struct, frozen=True, gc=False):
    """A line for whoever started the run, such as an address with a port.

    Attributes:
        agent: whose it is; empty for the run itself.
        text: one line.
    """

    agent: str
    text: str
