"""The eleven events that a client sends.

A field that is null on the wire is None here, and one that is left out is UNSET.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from soundstage.realtime.protocol.items import Item, Maybe

EventId: TypeAlias = Annotated[str, Meta(max_length=512)]


# Unknown fields are refused, as the service does: a typo in one would otherwise do nothing.
class _Event(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    event_id: EventId | UnsetType | None = UNSET


class SessionUpdate(_Event, kw_only=True, tag="session.update"):
    """Change what is given of the session."""

    # Read field by field by the session, which knows what it has and what it offers.
    session: dict[str, Any]


class InputAudioBufferAppend(_Event, kw_only=True, tag="input_audio_buffer.append"):
    """Audio in base64."""

    audio: str


class InputAudioBufferCommit(_Event, kw_only=True, tag="input_audio_buffer.commit"):
    """Make the buffered audio a user item."""


class InputAudioBufferClear(_Event, kw_only=True, tag="input_audio_buffer.clear"):
    """Forget the buffered audio."""


class ConversationItemCreate(_Event, kw_only=True, tag="conversation.item.create"):
    """Add an item: at the end, at the `root`, or after another one."""

    previous_item_id: Maybe = UNSET
    item: Item


class ConversationItemRetrieve(_Event, kw_only=True, tag="conversation.item.retrieve"):
    """Ask for an item as the server has it."""

    item_id: str


class ConversationItemTruncate(_Event, kw_only=True, tag="conversation.item.truncate"):
    """Take off an assistant's audio what was not heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


class ConversationItemDelete(_Event, kw_only=True, tag="conversation.item.delete"):
    """Remove an item."""

    item_id: str


class ResponseCreate(_Event, kw_only=True, tag="response.create"):
    """Ask for a response, with overrides of the session for this one."""

    # Likewise: its defaults are those of the session.
    response: dict[str, Any] | UnsetType | None = UNSET


class ResponseCancel(_Event, kw_only=True, tag="response.cancel"):
    """Stop a response being made; what is buffered of it plays on."""

    response_id: Maybe = UNSET


class OutputAudioBufferClear(_Event, kw_only=True, tag="output_audio_buffer.clear"):
    """Stop playing what is buffered; of WebRTC calls only."""


ClientEvent: TypeAlias = (
    SessionUpdate
    | InputAudioBufferAppend
    | InputAudioBufferCommit
    | InputAudioBufferClear
    | ConversationItemCreate
    | ConversationItemRetrieve
    | ConversationItemTruncate
    | ConversationItemDelete
    | ResponseCreate
    | ResponseCancel
    | OutputAudioBufferClear
)
"""Every event of a client."""
