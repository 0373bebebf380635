"""Between the wire's JSON and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, get_args

import msgspec
from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.json_text import NotJson, read_json
from soundstage.realtime.protocol.client_errors import (
    invalid_choice,
    invalid_type,
)
from soundstage.realtime.protocol.client_events import ClientEvent, ConversationItemCreate
from soundstage.realtime.protocol.items import read_item
from soundstage.realtime.protocol.json_reading import object_in, read, text_in
from soundstage.realtime.protocol.server_events import ServerEvent

if TYPE_CHECKING:
    from soundstage.realtime.protocol.json_reading import Json

__all__ = ["ClientFault", "Unknown", "decode_client", "decode_server", "encode"]

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Unknown(Struct, frozen=True):
    """An event that this version knows nothing of, or that is not what it should be.

    Attributes:
        type: its type, empty where it has none.
        raw: as it came.
        response: the id of the response that it holds, if it holds one.
    """

    type: str
    raw: bytes
    response: str = ""


_server: Final[msgspec.json.Decoder[ServerEvent]] = msgspec.json.Decoder(ServerEvent)
_encoder: Final = msgspec.json.Encoder()
_CLIENT_EVENTS: Final[dict[str, type[ClientEvent]]] = {
    str(event.__struct_config__.tag): event for event in get_args(ClientEvent)
}


def encode(event: ClientEvent | ServerEvent) -> bytes:
    """The event as JSON: what is UNSET is left out, what is None is null."""
    return _encoder.encode(event)


def decode_server(text: str | bytes) -> ServerEvent | Unknown:
    """A server's event; never raises, for whatever comes is kept as `Unknown`."""
    try:
        return _server.decode(text)
    except _UNREADABLE:
        raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        return _unknown(raw)


def decode_client(text: str | bytes) -> ClientEvent:
    """A client's event; the bodies of `session.update` and `response.create` stay as given.

    What they hold is for the session to judge.

    Raises:
        ClientFault: it is not JSON, of no known type, or not what its type should be.
    """
    fields = _read_json(text)
    try:
        return _read_event(fields)
    except ClientFault as fault:
        event_id = fields.get("event_id")
        fault.event_id = event_id if isinstance(event_id, str) else None
        raise


def _read_json(text: str | bytes) -> Json:
    try:
        fields = read_json(text)
    except NotJson:
        raise ClientFault("invalid_json", "The event is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise ClientFault("invalid_event", "An event is a JSON object.")
    return cast("Json", fields)


def _read_event(fields: Json) -> ClientEvent:
    if "type" not in fields:
        raise ClientFault("invalid_event", "The 'type' field is missing.", param="type")
    kind = fields["type"]
    if not isinstance(kind, str):
        raise invalid_type("type", ["a string"], kind)
    if kind not in _CLIENT_EVENTS:
        raise invalid_choice("type", kind, _CLIENT_EVENTS)
    # By its own struct rather than by the union: a fault is then one of this event.
    event = read(fields, _CLIENT_EVENTS[kind])
    if isinstance(event, ConversationItemCreate):
        # The struct of all items takes any mixture of their fields; which go together is checked
        # here.
        event.item = read_item(fields["item"], "item")
    return event


def _unknown(raw: bytes) -> Unknown:
    try:
        fields = object_in(read_json(raw))
    except NotJson:
        return Unknown("", raw)
    response = text_in(object_in(fields.get("response")).get("id"))
    return Unknown(text_in(fields.get("type")), raw, response)
