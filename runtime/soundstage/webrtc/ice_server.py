"""Servers that help two ends find each other through a NAT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from soundstage.secrets import Secret


class IceServer(Struct, frozen=True):
    """A STUN or TURN server.

    Attributes:
        url: as `stun:host:port` or `turn:host:port?transport=udp`.
        username: for TURN.
        password: for TURN.
    """

    url: str
    username: str | None = None
    password: Secret | None = None
