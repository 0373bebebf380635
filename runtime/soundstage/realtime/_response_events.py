"""Server events about responses: how they are made, and how they are played."""

from __future__ import annotations

from msgspec import UNSET

from soundstage.realtime._event import OfOutput, OfOutputContent, ServerEventBase
from soundstage.realtime._items import Item, Maybe, Part, Response


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
