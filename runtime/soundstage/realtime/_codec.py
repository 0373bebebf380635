"""Between the wire's JSON and events."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from soundstage.errors import ProtocolError
from soundstage.realtime._client_events import ClientEvent
from soundstage.realtime._server_events import ServerEvent


class Unknown(Struct, frozen=True):
    """An event that this version knows nothing of, or that is not what it should be.

    Attributes:
        type: its type, empty where it has none.
        raw: as it came.
    """

    type: str
    raw: bytes


class ClientFault(ProtocolError):
    """What is wrong with a client's event, in the words of an `error` event."""

    def __init__(
        self, code: str, message: str, *, param: str | None = None, event_id: str | None = None
    ) -> None:
        self.code = code
        self.param = param
        self.event_id = event_id
        super().__init__(message)


class _Head(Struct):
    type: str = ""
    event_id: str | None = None


_server: Final = msgspec.json.Decoder(ServerEvent)
_client: Final = msgspec.json.Decoder(ClientEvent)
_head: Final = msgspec.json.Decoder(_Head)
_encoder: Final = msgspec.json.Encoder()


def encode(event: ClientEvent | ServerEvent) -> bytes:
    """The event as JSON."""
    return _encoder.encode(event)


def decode_server(text: str | bytes) -> ServerEvent | Unknown:
    """A server's event; never raises, for whatever comes is kept as `Unknown`."""
    try:
        return _server.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raw = text.encode() if isinstance(text, str) else text
        return Unknown(_type_of(raw), raw)


def decode_client(text: str | bytes) -> ClientEvent:
    """A client's event.

    Raises:
        ClientFault: it is not JSON, of no known type, or lacks something.
    """
    try:
        head = _head.decode(text)
    except msgspec.ValidationError as error:
        raise ClientFault("invalid_type", str(error), param="type") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ClientFault("invalid_json", "The event is not valid JSON.") from None
    if not head.type:
        raise ClientFault(
            "invalid_event", "The 'type' field is missing.", event_id=head.event_id
        )
    try:
        return _client.decode(text)
    except msgspec.ValidationError as error:
        raise _fault_of(str(error), head) from None


def _type_of(raw: bytes) -> str:
    try:
        return _head.decode(raw).type
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _fault_of(message: str, head: _Head) -> ClientFault:
    what, _, path = message.partition(" - at `$.")
    param = path.rstrip("`") or None
    if "Invalid value" in what and param in {None, "type"}:
        text = f"Invalid value: '{head.type}' is not the type of a client event."
        return ClientFault("invalid_value", text, param="type", event_id=head.event_id)
    if "missing required field" in what:
        name = what.rpartition(" ")[2].strip("`")
        param = f"{param}.{name}" if param else name
        text = f"Missing required parameter: '{param}'."
        return ClientFault(
            "missing_required_parameter", text, param=param, event_id=head.event_id
        )
    return ClientFault("invalid_type", what, param=param, event_id=head.event_id)
