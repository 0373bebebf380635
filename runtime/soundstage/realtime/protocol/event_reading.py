"""Reading events from the wire, of any protocol whose events are unions of tagged structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, get_args

import msgspec
from msgspec import Struct, inspect

from soundstage.errors import ClientFault
from soundstage.json_text import NotJson, read_json
from soundstage.realtime.protocol.client_errors import invalid_choice, invalid_type
from soundstage.realtime.protocol.json_reading import described, object_in, read, text_in
from soundstage.realtime.protocol.tolerant_reading import Hopeless, read_nearly

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from soundstage.realtime.protocol.json_reading import Json

Event = TypeVar("Event")

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Unknown(Struct, frozen=True):
    """An event that this version knows nothing of, or that is not what it should be.

    Attributes:
        type: its type, empty where it has none.
        raw: as it came.
    """

    type: str
    raw: bytes


class ClientEventReader(Generic[Event]):
    """Reads what clients send, strictly.

    Args:
        union: the union of the events' structs.
    """

    def __init__(self, union: Any) -> None:
        self._events: dict[str, type[Event]] = {
            str(event.__struct_config__.tag): event for event in get_args(union)
        }

    def fields(self, text: str | bytes) -> Json:
        """The event as a JSON object.

        Raises:
            ClientFault: it is none.
        """
        try:
            fields = read_json(text)
        except NotJson:
            raise ClientFault("invalid_json", "The event is not valid JSON.") from None
        if not isinstance(fields, dict):
            raise ClientFault("invalid_event", "An event is a JSON object.")
        return cast("Json", fields)

    def event(self, fields: Json) -> Event:
        """The event that these fields are.

        Raises:
            ClientFault: it is of no known type, or not what its type should be.
        """
        if "type" not in fields:
            raise ClientFault("invalid_event", "The 'type' field is missing.", param="type")
        kind = fields["type"]
        if not isinstance(kind, str):
            raise invalid_type("type", ["a string"], kind)
        if kind not in self._events:
            raise invalid_choice("type", kind, self._events)
        # By its own struct rather than by the union: a fault is then one of this event.
        return read(fields, self._events[kind])


class ServerEventReader(Generic[Event]):
    """Reads what servers send, as far as it can be read; never raises.

    An event that is known keeps everything that is right in it, and what is nearly right.

    Args:
        union: the union of the events' structs.
        names: events that have another name today, by the old one.
    """

    def __init__(self, union: Any, names: Mapping[str, str] | None = None) -> None:
        self._decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(union)
        self._names = names or {}
        self._events: dict[str, type[Event]] = {
            str(event.__struct_config__.tag): event for event in get_args(union)
        }

    def read(self, text: str | bytes) -> tuple[Event | Unknown, tuple[str, ...]]:
        """An event, and the dotted paths of its fields that were not as they should be."""
        try:
            # Nearly all events are right, and need no second look.
            return self._decoder.decode(text), ()
        except _UNREADABLE:
            raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
            return self._read_nearly(raw)

    def _read_nearly(self, raw: bytes) -> tuple[Event | Unknown, tuple[str, ...]]:
        try:
            fields = object_in(read_json(raw))
        except NotJson:
            return Unknown("", raw), ()
        told = text_in(fields.get("type"))
        name = self._names.get(told, told)
        if name not in self._events:
            return Unknown(told, raw), ()
        # Looked into only now: it takes long, and mostly no event needs it.
        kind = cast("inspect.StructType", described(cast("Hashable", self._events[name])))
        slips = [] if name == told else ["type"]
        body = _error_beside(fields) if name == "error" else None
        if body is not None:
            fields, slips = {**fields, "error": body}, ["error"]
        try:
            nearly, odd = read_nearly({**fields, "type": name}, kind)
        except Hopeless:
            return Unknown(told, raw), ()
        return cast("Event", msgspec.convert(nearly, kind.cls)), (*slips, *odd)


def _error_beside(fields: Json) -> Json | None:
    """What went wrong, of an event whose `error` is no object: gateways send a text, or it flat."""
    error = fields.get("error")
    message = text_in(error) or text_in(fields.get("message"))
    if isinstance(error, dict) or not message:
        return None
    # Not its type: the event's own says only that it is an error.
    return {"message": message, **{key: fields[key] for key in ("code", "param") if key in fields}}
