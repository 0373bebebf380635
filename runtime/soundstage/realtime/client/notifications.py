"""What a client session tells its owner."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class SessionReady(Struct, frozen=True):
    """The session has confirmed its configuration."""


class SessionRefused(Struct, frozen=True):
    """The server will not have the configuration."""

    code: str
    message: str


class ReplyStarted(Struct, frozen=True):
    """A response is being made."""

    response: str


class ReplyWords(Struct, frozen=True):
    """The next words of a response."""

    response: str
    text: str


class ReplyDone(Struct, frozen=True):
    """A response has been made; it may play on for long.

    Attributes:
        response: its id.
        status: `completed`, `cancelled`, `failed` or `incomplete`.
        reason: why it is not completed, or empty.
        text: everything it wants to say.
        error: what failed, or empty.
    """

    response: str
    status: str
    reason: str
    text: str
    error: str


class PlaybackStarted(Struct, frozen=True):
    """The server began to play a response."""

    response: str


class PlaybackStopped(Struct, frozen=True):
    """The server has played all of a response; its end is still on its way."""

    response: str


class PlaybackCleared(Struct, frozen=True):
    """The rest of a response must not be heard."""

    response: str


class Truncated(Struct, frozen=True):
    """An item of a response was cut to what was heard.

    Attributes:
        item: its id.
        response: the response that made it, empty where that is not known.
        audio_end_ms: how much of its audio was played.
        text: what was heard, None where the server does not say.
    """

    item: str
    response: str
    audio_end_ms: int
    text: str | None


class HearingStarted(Struct, frozen=True):
    """The server hears speech, since `audio_start_ms` of the audio that was sent to it."""

    item: str
    audio_start_ms: int


class HearingStopped(Struct, frozen=True):
    """The server takes the turn to be over, at `audio_end_ms` of the audio sent to it."""

    item: str
    audio_end_ms: int


class Transcribed(Struct, frozen=True):
    """What the server understood of a turn."""

    item: str
    text: str


class TranscriptionFailed(Struct, frozen=True):
    """The server could not write down a turn."""

    item: str
    code: str
    message: str


class ToolRequested(Struct, frozen=True):
    """A response asks for a tool; told once for each call, of completed responses only."""

    call_id: str
    name: str
    arguments: str
    response: str


class ToolAbandoned(Struct, frozen=True):
    """A response was cut that asked for a tool, which must not be called."""

    call_id: str
    name: str
    response: str


class ServerError(Struct, frozen=True):
    """The server's `error` event.

    Attributes:
        code: what exactly, or its type where it has no code.
        message: for people.
        event_id: the client event that caused it, or empty.
        param: dotted path of the field at fault, or empty.
    """

    code: str
    message: str
    event_id: str
    param: str


class Expired(Struct, frozen=True):
    """The session has reached its longest duration."""


class UnknownEvent(Struct, frozen=True):
    """An event of a type that is not known here, or that is not what its type should be."""

    type: str


Notification: TypeAlias = (
    SessionReady
    | SessionRefused
    | ReplyStarted
    | ReplyWords
    | ReplyDone
    | PlaybackStarted
    | PlaybackStopped
    | PlaybackCleared
    | Truncated
    | HearingStarted
    | HearingStopped
    | Transcribed
    | TranscriptionFailed
    | ToolRequested
    | ToolAbandoned
    | ServerError
    | Expired
    | UnknownEvent
)
