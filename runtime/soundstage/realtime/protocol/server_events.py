"""The forty-six events that a server sends.

A field that is null on the wire is None here, and one that is left out is UNSET. A server gives
every event its id when it sends it.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from soundstage.realtime.protocol.items import (
    Conversation,
    ErrorBody,
    Item,
    Maybe,
    Part,
    Response,
)

# Any server may send any number, and code that computes with it must not overflow.
Milliseconds: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A time in the session's audio; bounded, so that sums of it stay exact in floats."""


class ServerEventBase(Struct, kw_only=True, tag_field="type"):
    """One event; its type on the wire is the class's tag."""

    event_id: str | UnsetType = UNSET


class OfItem(ServerEventBase, kw_only=True):
    """An event about an item of the conversation."""

    item_id: str


class OfContent(OfItem, kw_only=True):
    """An event about one part of an item of the conversation."""

    content_index: int


class OfOutput(ServerEventBase, kw_only=True):
    """An event about an item that a response makes."""

    response_id: str
    item_id: str
    output_index: int


class OfOutputContent(OfOutput, kw_only=True):
    """An event about one part of an item that a response makes."""

    content_index: int


class Error(ServerEventBase, kw_only=True, tag="error"):
    """Something went wrong; mostly the session lives on."""

    error: ErrorBody


class SessionCreated(ServerEventBase, kw_only=True, tag="session.created"):
    """The first event of a session, with all its fields."""

    session: dict[str, Any]


class SessionUpdated(ServerEventBase, kw_only=True, tag="session.updated"):
    """The session as it is now, with all its fields."""

    session: dict[str, Any]


class RateLimitsUpdated(ServerEventBase, kw_only=True, tag="rate_limits.updated"):
    """What is left of the limits: `name`, `limit`, `remaining`, `reset_seconds` of each."""

    rate_limits: list[dict[str, Any]]


class ConversationCreated(ServerEventBase, kw_only=True, tag="conversation.created"):
    """A conversation exists; documented, and never seen."""

    conversation: Conversation


class ConversationItemAdded(ServerEventBase, kw_only=True, tag="conversation.item.added"):
    """An item has entered the conversation."""

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


# Its optional fields are those that recorded servers leave out.
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
        status: `in_progress` where the user is still speaking and another one follows for the same
            item; of xAI only.
    """

    transcript: str
    status: Maybe = UNSET
    # Its shape follows from the model; nothing here depends on it.
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
    """There was no speech for too long; what was heard meanwhile becomes an item."""

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


class ResponseCreated(ServerEventBase, kw_only=True, tag="response.created"):
    """A response is being made."""

    response: Response


class ResponseDone(ServerEventBase, kw_only=True, tag="response.done"):
    """A response has been made, or given up; its audio may play on."""

    response: Response


class _OutputItem(ServerEventBase, kw_only=True):
    response_id: str
    output_index: int
    item: Item


class OutputItemAdded(_OutputItem, kw_only=True, tag="response.output_item.added"):
    """A response began an item."""


class OutputItemDone(_OutputItem, kw_only=True, tag="response.output_item.done"):
    """A response finished an item."""


class ContentPartAdded(OfOutputContent, kw_only=True, tag="response.content_part.added"):
    """A response began a part of an item."""

    part: Part


class ContentPartDone(OfOutputContent, kw_only=True, tag="response.content_part.done"):
    """A response finished a part of an item."""

    part: Part


class OutputTextDelta(OfOutputContent, kw_only=True, tag="response.output_text.delta"):
    """The next piece of text."""

    delta: str
    obfuscation: Maybe = UNSET


class OutputTextDone(OfOutputContent, kw_only=True, tag="response.output_text.done"):
    """The text in full."""

    text: str


class OutputTranscriptDelta(
    OfOutputContent, kw_only=True, tag="response.output_audio_transcript.delta"
):
    """The next words that are spoken."""

    delta: str
    obfuscation: Maybe = UNSET


class OutputTranscriptDone(
    OfOutputContent, kw_only=True, tag="response.output_audio_transcript.done"
):
    """All words that are spoken."""

    transcript: str


class OutputAudioDelta(OfOutputContent, kw_only=True, tag="response.output_audio.delta"):
    """The next piece of audio in base64; never on a WebRTC call."""

    delta: str


class OutputAudioDone(OfOutputContent, kw_only=True, tag="response.output_audio.done"):
    """The audio has been made."""


class ArgumentsDelta(OfOutput, kw_only=True, tag="response.function_call_arguments.delta"):
    """The next piece of a function call's arguments."""

    call_id: str
    delta: str
    obfuscation: Maybe = UNSET


class ArgumentsDone(OfOutput, kw_only=True, tag="response.function_call_arguments.done"):
    """A function call's arguments in full."""

    call_id: str
    name: str
    arguments: str


class McpArgumentsDelta(OfOutput, kw_only=True, tag="response.mcp_call_arguments.delta"):
    """The next piece of an MCP call's arguments."""

    delta: str
    obfuscation: Maybe = UNSET


class McpArgumentsDone(OfOutput, kw_only=True, tag="response.mcp_call_arguments.done"):
    """An MCP call's arguments in full."""

    arguments: str


class _McpCall(ServerEventBase, kw_only=True):
    item_id: str
    output_index: int


class McpCallInProgress(_McpCall, kw_only=True, tag="response.mcp_call.in_progress"):
    """An MCP call is being made."""


class McpCallCompleted(_McpCall, kw_only=True, tag="response.mcp_call.completed"):
    """An MCP call has an output."""


class McpCallFailed(_McpCall, kw_only=True, tag="response.mcp_call.failed"):
    """An MCP call has failed."""


class PlaybackEvent(ServerEventBase, kw_only=True):
    """How the audio of a response is played."""

    response_id: str


class OutputAudioBufferStarted(PlaybackEvent, kw_only=True, tag="output_audio_buffer.started"):
    """The first audio of a response leaves the server."""


class OutputAudioBufferStopped(PlaybackEvent, kw_only=True, tag="output_audio_buffer.stopped"):
    """The last audio of a response has left the server."""


class OutputAudioBufferCleared(PlaybackEvent, kw_only=True, tag="output_audio_buffer.cleared"):
    """The rest of a response's audio will not be played."""


ServerEvent: TypeAlias = (
    Error
    | SessionCreated
    | SessionUpdated
    | RateLimitsUpdated
    | ConversationCreated
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemRetrieved
    | ConversationItemTruncated
    | ConversationItemDeleted
    | InputTranscriptionDelta
    | InputTranscriptionSegment
    | InputTranscriptionCompleted
    | InputTranscriptionFailed
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | SpeechStarted
    | SpeechStopped
    | TimeoutTriggered
    | DtmfEventReceived
    | McpListToolsInProgress
    | McpListToolsCompleted
    | McpListToolsFailed
    | ResponseCreated
    | ResponseDone
    | OutputItemAdded
    | OutputItemDone
    | ContentPartAdded
    | ContentPartDone
    | OutputTextDelta
    | OutputTextDone
    | OutputTranscriptDelta
    | OutputTranscriptDone
    | OutputAudioDelta
    | OutputAudioDone
    | ArgumentsDelta
    | ArgumentsDone
    | McpArgumentsDelta
    | McpArgumentsDone
    | McpCallInProgress
    | McpCallCompleted
    | McpCallFailed
    | OutputAudioBufferStarted
    | OutputAudioBufferStopped
    | OutputAudioBufferCleared
)
"""Every event of a server."""
