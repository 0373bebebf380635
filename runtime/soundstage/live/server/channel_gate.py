"""What the data channel of a call may carry, and a sideband."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.errors import ClientFault
from soundstage.json_text import NotJson, read_json
from soundstage.live.protocol.client_events import NEVER_ON_A_CHANNEL, NEVER_ON_A_SIDEBAND
from soundstage.live.protocol.event_codec import encode
from soundstage.live.protocol.server_events import Error, ErrorBody, Info
from soundstage.live.protocol.session_fields import ClientFields
from soundstage.realtime import json_reading

if TYPE_CHECKING:
    from soundstage.realtime import Ids

_CHANNEL: Final = frozenset(str(each.__struct_config__.tag) for each in NEVER_ON_A_CHANNEL)
_SIDEBAND: Final = frozenset(str(each.__struct_config__.tag) for each in NEVER_ON_A_SIDEBAND)


class ChannelGate:
    """Judges what passes between a session and the two ways on which it is told things.

    Args:
        session: the session's configuration, which has been found right.
        ids: for the events by which it refuses.
    """

    def __init__(self, session: dict[str, Any], ids: Ids) -> None:
        self._ids = ids
        given = json_reading.object_in(session.get("client"))
        fields = msgspec.convert(json_reading.without_nulls(given, ClientFields), ClientFields)
        client, server = (
            fields.data_channel.allowed_client_events,
            fields.data_channel.allowed_server_events,
        )
        self._from_client = None if client == "all" else frozenset(client)
        self._from_server = (
            None if server == "all" else {(each.type, each.response_event) for each in server}
        )

    def opening(self) -> bytes | None:
        """What the channel is told first, where it may not carry everything."""
        if self._from_client is None and self._from_server is None:
            return None
        message = "This data channel carries the events that the session allows."
        info = Info(code="data_channel_permissions", message=message)
        info.event_id = self._ids.make("event")
        return encode(info)

    def refusal(self, text: str | bytes, *, sideband: bool) -> bytes | None:
        """The event that refuses a client's event; None for one that may pass."""
        kind, event_id = _head_of(text)
        if kind in (_SIDEBAND if sideband else _CHANNEL):
            where = "a sideband" if sideband else "the data channel of a call"
            fault = ClientFault("invalid_event", f"'{kind}' cannot be sent on {where}.")
        elif not sideband and self._from_client is not None and kind not in self._from_client:
            message = f"This data channel may not carry '{kind}'."
            fault = ClientFault("invalid_event", message)
        else:
            return None
        body = ErrorBody(code=fault.code, message=str(fault), param="type")
        error = Error(error=body)
        error.event_id = self._ids.make("event")
        if event_id is not None:
            body.client_event_id = error.client_event_id = event_id
        return encode(error)

    def passes(self, event: bytes) -> bool:
        """Whether the channel may carry an event of the server; an error it always may."""
        if self._from_server is None:
            return True
        fields = json_reading.object_in(read_json(event))
        kind = json_reading.text_in(fields.get("type"))
        if kind == "error":
            return True
        nested = json_reading.object_in(fields.get("event")).get("type")
        return any(
            kind == allowed and (inner is None or inner == nested)
            for allowed, inner in self._from_server
        )


def _head_of(text: str | bytes) -> tuple[str, str | None]:
    try:
        fields = json_reading.object_in(read_json(text))
    except NotJson:
        return "", None
    event_id = fields.get("event_id")
    kind = json_reading.text_in(fields.get("type"))
    return kind, event_id if isinstance(event_id, str) else None
