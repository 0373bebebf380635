"""What the events of a server have in common.

A field that is null on the wire is None here, and one that is left out is UNSET. A server gives
every event its id when it sends it.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class ServerEventBase(Struct, kw_only=True, tag_field="type"):
    """One event; its type on the wire is the class's tag."""

    event_id: str | UnsetType = UNSET


class OfItem(ServerEventBase, kw_only=True):
    """An event about an item of the conversation."""

    item_id: str


class OfContent(OfItem, kw_only=True):
    """An event about one part of an item of the conversation."""

    content_index: int


class OfOutput(ServerEventBase, kw_only=True):
    """An event about an item that a response makes."""

    response_id: str
    item_id: str
    output_index: int


class OfOutputContent(OfOutput, kw_only=True):
    """An event about one part of an item that a response makes."""

    content_index: int
