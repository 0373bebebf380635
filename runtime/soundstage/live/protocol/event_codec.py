"""Between the wire's JSON and Live events, by the rules of the Realtime codec."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.live.protocol.client_events import ClientEvent
from soundstage.live.protocol.server_events import ServerEvent
from soundstage.realtime import event_reading

_encoder: Final = msgspec.json.Encoder()
_server: Final[event_reading.ServerEventReader[ServerEvent]] = event_reading.ServerEventReader(
    ServerEvent
)
_client: Final[event_reading.ClientEventReader[ClientEvent]] = event_reading.ClientEventReader(
    ClientEvent
)


class Decoded(Struct, frozen=True):
    """An event of a server, and what of it was not as it should be.

    Attributes:
        event: the event.
        odd: dotted paths of the fields that were left out, emptied or brought to their type.
    """

    event: ServerEvent | event_reading.Unknown
    odd: tuple[str, ...] = ()


def encode(event: ClientEvent | ServerEvent) -> bytes:
    """The event as JSON: what is UNSET is left out, what is None is null."""
    return _encoder.encode(event)


def read_server(text: str | bytes) -> Decoded:
    """A server's event, as far as it can be read; never raises."""
    return Decoded(*_server.read(text))


def decode_client(text: str | bytes) -> ClientEvent:
    """A client's event; the session of `session.start` and `session.update` stays as given.

    Raises:
        ClientFault: it is not JSON, of no known type, or not what its type should be.
    """
    fields = _client.fields(text)
    try:
        return _client.event(fields)
    except ClientFault as fault:
        event_id = fields.get("event_id")
        fault.event_id = event_id if isinstance(event_id, str) else None
        raise
