"""The events that a server sends, as far as Soundstage sends or acts on them."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct

from soundstage.realtime._items import ErrorBody, Item, Maybe, Part, Response


class _Event(Struct, kw_only=True, tag_field="type", omit_defaults=True):
    event_id: str = ""


class _OfResponse(_Event, kw_only=True):
    response_id: str = ""
    item_id: str = ""
    output_index: int = -1


class _OfContent(_OfResponse, kw_only=True):
    content_index: int = -1


class Error(_Event, kw_only=True, tag="error"):
    """Something went wrong; mostly the session lives on."""

    error: ErrorBody


class SessionCreated(_Event, kw_only=True, tag="session.created"):
    """The first event of a session."""

    session: dict[str, Any]


class SessionUpdated(_Event, kw_only=True, tag="session.updated"):
    """The session as it is now, in full."""

    session: dict[str, Any]


class ConversationItemAdded(_Event, kw_only=True, tag="conversation.item.added"):
    """An item has entered the conversation."""

    item: Item
    previous_item_id: Maybe = UNSET


class ConversationItemDone(_Event, kw_only=True, tag="conversation.item.done"):
    """An item is final."""

    item: Item
    previous_item_id: Maybe = UNSET


class ConversationItemRetrieved(_Event, kw_only=True, tag="conversation.item.retrieved"):
    """An item, as it was asked for."""

    item: Item


class ConversationItemTruncated(_Event, kw_only=True, tag="conversation.item.truncated"):
    """An item's audio was cut to what was heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


class ConversationItemDeleted(_Event, kw_only=True, tag="conversation.item.deleted"):
    """An item is gone."""

    item_id: str


class TranscriptionDelta(_Event, kw_only=True, tag="conversation.item.input_audio_transcription.delta"):
    """The next words of what the user said."""

    item_id: str
    content_index: int = -1
    delta: str = ""
    obfuscation: Maybe = UNSET


class TranscriptionCompleted(_Event, kw_only=True, tag="conversation.item.input_audio_transcription.completed"):
    """What the user said."""

    item_id: str
    content_index: int
    transcript: str
    usage: dict[str, Any]


class TranscriptionFailed_(_Event, kw_only=True, tag="conversation.item.input_audio_transcription.failed"):  # noqa: N801 - the plain name is the signal's
    """What the user said could not be written down."""

    item_id: str
    content_index: int
    error: dict[str, Any]


class InputAudioBufferCommitted(_Event, kw_only=True, tag="input_audio_buffer.committed"):
    """The buffered audio is a user item."""

    item_id: str
    previous_item_id: Maybe = UNSET


class InputAudioBufferCleared(_Event, kw_only=True, tag="input_audio_buffer.cleared"):
    """The buffered audio is forgotten."""


class SpeechStarted(_Event, kw_only=True, tag="input_audio_buffer.speech_started"):
    """The user began to speak, prefix padding included."""

    audio_start_ms: int
    item_id: str


class SpeechStopped(_Event, kw_only=True, tag="input_audio_buffer.speech_stopped"):
    """The user's turn is over, the closing silence included."""

    audio_end_ms: int
    item_id: str


class TimeoutTriggered(_Event, kw_only=True, tag="input_audio_buffer.timeout_triggered"):
    """Nobody spoke for too long."""

    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class ResponseCreated(_Event, kw_only=True, tag="response.created"):
    """A response is being made."""

    response: Response


class ResponseDone(_Event, kw_only=True, tag="response.done"):
    """A response has been made, or given up."""

    response: Response


class OutputItemAdded(_Event, kw_only=True, tag="response.output_item.added"):
    """A response began an item."""

    response_id: str
    output_index: int
    item: Item


class OutputItemDone(_Event, kw_only=True, tag="response.output_item.done"):
    """A response finished an item."""

    response_id: str
    output_index: int
    item: Item


class ContentPartAdded(_OfContent, kw_only=True, tag="response.content_part.added"):
    """A response began a part of an item."""

    part: Part


class ContentPartDone(_OfContent, kw_only=True, tag="response.content_part.done"):
    """A response finished a part of an item."""

    part: Part


class OutputTextDelta(_OfContent, kw_only=True, tag="response.output_text.delta"):
    """The next piece of text."""

    delta: str
    obfuscation: Maybe = UNSET


class OutputTextDone(_OfContent, kw_only=True, tag="response.output_text.done"):
    """The text in full."""

    text: str


class OutputTranscriptDelta(_OfContent, kw_only=True, tag="response.output_audio_transcript.delta"):
    """The next words that are spoken."""

    delta: str
    obfuscation: Maybe = UNSET


class OutputTranscriptDone(_OfContent, kw_only=True, tag="response.output_audio_transcript.done"):
    """All words that are spoken."""

    transcript: str


class OutputAudioDelta(_OfContent, kw_only=True, tag="response.output_audio.delta"):
    """The next piece of audio in base64; never on a WebRTC call."""

    delta: str


class OutputAudioDone(_OfContent, kw_only=True, tag="response.output_audio.done"):
    """The audio has been made."""


class ArgumentsDelta(_OfResponse, kw_only=True, tag="response.function_call_arguments.delta"):
    """The next piece of a function call's arguments."""

    call_id: str
    delta: str
    obfuscation: Maybe = UNSET


class ArgumentsDone(_OfResponse, kw_only=True, tag="response.function_call_arguments.done"):
    """A function call's arguments in full."""

    call_id: str
    name: str
    arguments: str


class RateLimitsUpdated(_Event, kw_only=True, tag="rate_limits.updated"):
    """What is left of the limits."""

    rate_limits: list[dict[str, Any]]


class OutputAudioBufferStarted(_Event, kw_only=True, tag="output_audio_buffer.started"):
    """The first audio of a response leaves the server."""

    response_id: str


class OutputAudioBufferStopped(_Event, kw_only=True, tag="output_audio_buffer.stopped"):
    """The last audio of a response has left the server."""

    response_id: str


class OutputAudioBufferCleared(_Event, kw_only=True, tag="output_audio_buffer.cleared"):
    """The rest of a response's audio will not be played."""

    response_id: str


ServerEvent: TypeAlias = (
    Error
    | SessionCreated
    | SessionUpdated
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemRetrieved
    | ConversationItemTruncated
    | ConversationItemDeleted
    | TranscriptionDelta
    | TranscriptionCompleted
    | TranscriptionFailed_
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | SpeechStarted
    | SpeechStopped
    | TimeoutTriggered
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
    | RateLimitsUpdated
    | OutputAudioBufferStarted
    | OutputAudioBufferStopped
    | OutputAudioBufferCleared
)
