"""Server events about the conversation and what goes into it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from soundstage.realtime._event import OfContent, OfItem, ServerEventBase
from soundstage.realtime._items import Conversation, Item, Maybe

Milliseconds: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A time in the session's audio; bounded, so that whoever reckons with it stays within floats."""


class ConversationCreated(ServerEventBase, kw_only=True, tag="conversation.created"):
    """A conversation exists; documented, and never seen."""

    conversation: Conversation


class ConversationItemAdded(ServerEventBase, kw_only=True, tag="conversation.item.added"):
    """An item has entered the conversation."""

    previous_item_id: Maybe = UNSET
    item: Item


class ConversationItemCreated(ServerEventBase, kw_only=True, tag="conversation.item.created"):
    """The beta's name for `added` and `done` together."""

    previous_item_id: Maybe = UNSET
    item: Item


class ConversationItemDone(ServerEventBase, kw_only=True, tag="conversation.item.done"):
    """An item is final."""

    previous_item_id: Maybe = UNSET
    item: Item


class ConversationItemRetrieved(ServerEventBase, kw_only=True, tag="conversation.item.retrieved"):
    """An item, as it was asked for."""

    item: Item


class ConversationItemTruncated(OfContent, kw_only=True, tag="conversation.item.truncated"):
    """An item's audio was cut to what was heard; carries no text."""

    audio_end_ms: Milliseconds


class ConversationItemDeleted(OfItem, kw_only=True, tag="conversation.item.deleted"):
    """An item is gone."""


class InputTranscriptionDelta(
    OfItem, kw_only=True, tag="conversation.item.input_audio_transcription.delta"
):
    """The next words of what the user said."""

    content_index: int | UnsetType | None = UNSET
    delta: Maybe = UNSET
    logprobs: list[dict[str, Any]] | UnsetType | None = UNSET
    obfuscation: Maybe = UNSET


class InputTranscriptionSegment(
    OfContent, kw_only=True, tag="conversation.item.input_audio_transcription.segment"
):
    """What one of several speakers said; of models that tell them apart."""

    id: str
    speaker: str
    start: float
    end: float
    text: str


class InputTranscriptionCompleted(
    OfContent, kw_only=True, tag="conversation.item.input_audio_transcription.completed"
):
    """What the user said.

    Attributes:
        usage: `{type: tokens, …}` or `{type: duration, seconds}`.
    """

    transcript: str
    usage: dict[str, Any]
    languages: list[dict[str, Any]] | UnsetType | None = UNSET
    logprobs: list[dict[str, Any]] | UnsetType | None = UNSET


class TranscriptionError(Struct, kw_only=True):
    """Why a turn could not be written down."""

    type: Maybe = UNSET
    code: Maybe = UNSET
    message: Maybe = UNSET
    param: Maybe = UNSET


class InputTranscriptionFailed(
    OfContent, kw_only=True, tag="conversation.item.input_audio_transcription.failed"
):
    """What the user said could not be written down."""

    error: TranscriptionError


class InputAudioBufferCommitted(OfItem, kw_only=True, tag="input_audio_buffer.committed"):
    """The buffered audio is a user item."""

    previous_item_id: Maybe = UNSET


class InputAudioBufferCleared(ServerEventBase, kw_only=True, tag="input_audio_buffer.cleared"):
    """The buffered audio is forgotten."""


class SpeechStarted(OfItem, kw_only=True, tag="input_audio_buffer.speech_started"):
    """The user began to speak; prefix padding included, in ms of audio since the start."""

    audio_start_ms: Milliseconds


class SpeechStopped(OfItem, kw_only=True, tag="input_audio_buffer.speech_stopped"):
    """The user's turn is over; closing silence included, in ms of audio since the start."""

    audio_end_ms: Milliseconds


class TimeoutTriggered(OfItem, kw_only=True, tag="input_audio_buffer.timeout_triggered"):
    """Nobody spoke for too long; what was heard meanwhile becomes an item."""

    audio_start_ms: Milliseconds
    audio_end_ms: Milliseconds


class DtmfEventReceived(
    ServerEventBase, kw_only=True, tag="input_audio_buffer.dtmf_event_received"
):
    """A key was pressed on a telephone; the one event that comes without an id.

    Attributes:
        event: the key.
        received_at: UNIX seconds.
    """

    event: str
    received_at: int


class McpListToolsInProgress(OfItem, kw_only=True, tag="mcp_list_tools.in_progress"):
    """A server of tools is being asked what it offers."""


class McpListToolsCompleted(OfItem, kw_only=True, tag="mcp_list_tools.completed"):
    """A server of tools has said what it offers."""


class McpListToolsFailed(OfItem, kw_only=True, tag="mcp_list_tools.failed"):
    """A server of tools did not say what it offers."""
