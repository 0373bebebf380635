"""Between the wire's JSON and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.client_events import ClientEvent, ConversationItemCreate
from soundstage.realtime.protocol.event_reading import ClientEventReader, ServerEventReader, Unknown
from soundstage.realtime.protocol.items import read_item
from soundstage.realtime.protocol.server_events import ServerEvent

if TYPE_CHECKING:
    from soundstage.realtime.protocol.json_reading import Json

__all__ = [
    "BETA_NAMES",
    "ClientFault",
    "Decoded",
    "Unknown",
    "decode_client",
    "decode_server",
    "encode",
    "read_server",
]

# Azure Voice Live and others send these: without them, every word of theirs is lost.
BETA_NAMES: Final = {
    f"response.{old}.{step}": f"response.{new}.{step}"
    for old, new in (
        ("text", "output_text"),
        ("audio", "output_audio"),
        ("audio_transcript", "output_audio_transcript"),
    )
    for step in ("delta", "done")
} | {"conversation.item.created": "conversation.item.added"}
"""Events that have another name since the beta, by the old one: some servers still use it."""


class Decoded(Struct, frozen=True):
    """An event of a server, and what of it was not as it should be.

    Attributes:
        event: the event.
        odd: dotted paths of the fields that were left out, emptied or brought to their type;
            `type` where the event has a name of the beta's.
    """

    event: ServerEvent | Unknown
    odd: tuple[str, ...] = ()


_encoder: Final = msgspec.json.Encoder()
_server: Final[ServerEventReader[ServerEvent]] = ServerEventReader(ServerEvent, BETA_NAMES)
_client: Final[ClientEventReader[ClientEvent]] = ClientEventReader(ClientEvent)


def encode(event: ClientEvent | ServerEvent) -> bytes:
    """The event as JSON: what is UNSET is left out, what is None is null."""
    return _encoder.encode(event)


def decode_server(text: str | bytes) -> ServerEvent | Unknown:
    """A server's event; never raises, for whatever comes is kept as `Unknown`."""
    return read_server(text).event


def read_server(text: str | bytes) -> Decoded:
    """A server's event, as far as it can be read; never raises.

    An event that is known keeps everything that is right in it, and what is nearly right; events
    of the beta that have another name now are taken for those of today.
    """
    return Decoded(*_server.read(text))


def decode_client(text: str | bytes) -> ClientEvent:
    """A client's event; the bodies of `session.update` and `response.create` stay as given.

    What they hold is for the session to judge.

    Raises:
        ClientFault: it is not JSON, of no known type, or not what its type should be.
    """
    fields = _client.fields(text)
    try:
        return _read_event(fields)
    except ClientFault as fault:
        event_id = fields.get("event_id")
        fault.event_id = event_id if isinstance(event_id, str) else None
        raise


def _read_event(fields: Json) -> ClientEvent:
    event = _client.event(fields)
    if isinstance(event, ConversationItemCreate):
        # The struct of all items takes any mixture of their fields; which go together is checked
        # here.
        event.item = read_item(fields["item"], "item")
    return event
