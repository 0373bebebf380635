"""Between the wire's JSON and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, get_args

import msgspec
from msgspec import Struct, inspect

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
from soundstage.realtime.protocol.tolerant_reading import Hopeless, read_nearly

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

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Unknown(Struct, frozen=True):
    """An event that this version knows nothing of, or that is not what it should be.

    Attributes:
        type: its type, empty where it has none.
        raw: as it came.
    """

    type: str
    raw: bytes


class Decoded(Struct, frozen=True):
    """An event of a server, and what of it was not as it should be.

    Attributes:
        event: the event.
        odd: dotted paths of the fields that were left out, emptied or brought to their type;
            `type` where the event has a name of the beta's.
    """

    event: ServerEvent | Unknown
    odd: tuple[str, ...] = ()


_server: Final[msgspec.json.Decoder[ServerEvent]] = msgspec.json.Decoder(ServerEvent)
_SERVER_EVENTS: Final[dict[str, inspect.Type]] = {
    str(event.__struct_config__.tag): inspect.type_info(event) for event in get_args(ServerEvent)
}
_encoder: Final = msgspec.json.Encoder()
_CLIENT_EVENTS: Final[dict[str, type[ClientEvent]]] = {
    str(event.__struct_config__.tag): event for event in get_args(ClientEvent)
}


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
    try:
        # Nearly all events are right, and need no second look.
        return Decoded(_server.decode(text))
    except _UNREADABLE:
        raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        return _read_nearly(raw)


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


def _read_nearly(raw: bytes) -> Decoded:
    try:
        fields = object_in(read_json(raw))
    except NotJson:
        return Decoded(Unknown("", raw))
    told = text_in(fields.get("type"))
    # Azure Voice Live and others send these: without them, every word of theirs is lost.
    name = BETA_NAMES.get(told, told)
    if name not in _SERVER_EVENTS:
        return Decoded(Unknown(told, raw))
    kind = _SERVER_EVENTS[name]
    slips = [] if name == told else ["type"]
    body = _error_beside(fields) if name == "error" else None
    if body is not None:
        fields, slips = {**fields, "error": body}, ["error"]
    try:
        read, odd = read_nearly({**fields, "type": name}, cast("inspect.StructType", kind))
    except Hopeless:
        return Decoded(Unknown(told, raw))
    event = msgspec.convert(read, cast("inspect.StructType", kind).cls)
    return Decoded(cast("ServerEvent", event), (*slips, *odd))


def _error_beside(fields: Json) -> Json | None:
    """What went wrong, of an event whose `error` is no object: gateways send a text, or it flat."""
    error = fields.get("error")
    message = text_in(error) or text_in(fields.get("message"))
    if isinstance(error, dict) or not message:
        return None
    # Not its type: the event's own says only that it is an error.
    return {"message": message, **{key: fields[key] for key in ("code", "param") if key in fields}}
