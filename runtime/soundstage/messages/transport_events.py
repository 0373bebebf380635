"""What the transport of a Realtime session tells the actor that owns it."""

from __future__ import annotations

from msgspec import Struct


class TransportOpened(Struct, frozen=True, gc=False):
    """The session's channel is open: events can be sent."""

    call_id: str


class TransportEvent(Struct, frozen=True, gc=False):
    """One event of the protocol, as the JSON text that came."""

    text: str | bytes


class TransportLost(Struct, frozen=True):
    """The session could not be set up, or has gone.

    Attributes:
        error: why; a `ConnectError` or `ConnectionLost`.
    """

    error: Exception
