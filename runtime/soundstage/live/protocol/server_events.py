"""The events that a Live server sends.

A field that is null on the wire is None here, and one that is left out is UNSET. A server gives
every event its id when it sends it; events of audio have none. The names and fields are those of
the official SDK's types (openai-python 3.57, `types/live`), which has thirty for a sideband.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

# Any server may send any number, and code that computes with it must not overflow.
Milliseconds: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A time since the session began; bounded, so that sums of it stay exact in floats."""

Maybe: TypeAlias = str | UnsetType | None
"""A text that may be null, and that may be left out."""


class AudioEvent(Struct, kw_only=True, tag_field="type"):
    """An event of audio: alone of all it has no id."""


class ServerEventBase(Struct, kw_only=True, tag_field="type"):
    """One event; its type on the wire is the class's tag.

    Attributes:
        event_id: its own id.
        client_event_id: the client's event that it answers.
    """

    event_id: str | UnsetType = UNSET
    client_event_id: Maybe = UNSET


class Spanning(ServerEventBase, kw_only=True):
    """An event about a stretch of the session's timeline, its end excluded."""

    start_ms: Milliseconds
    end_ms: Milliseconds


class Usage(Struct, kw_only=True):
    """How long the session has lasted, which is what it costs.

    Attributes:
        seconds: since it began.
        active_seconds: of these, not paused.
        paused_seconds: of these, paused.
    """

    seconds: float
    active_seconds: int | UnsetType | None = UNSET
    paused_seconds: int | UnsetType | None = UNSET


class ContextWindow(Struct, kw_only=True):
    """How full the model's memory is, 0 to 1."""

    usage_ratio: float


class Delegation(Struct, kw_only=True):
    """Work that the voice model hands on; `response_id` of the target `responses` only."""

    id: str
    type: Literal["delegation"] = "delegation"
    target: str
    response_id: Maybe = UNSET


class ErrorBody(Struct, kw_only=True):
    """What is wrong; on the wire `code` and `param` may be null though the SDK's type says not."""

    type: str = "invalid_request_error"
    code: str | None
    message: str
    param: Maybe = UNSET
    client_event_id: Maybe = UNSET


class CallFailure(Struct, kw_only=True):
    """Why an outbound call came to nothing."""

    type: str = "call_error"
    code: str
    message: str
    param: Maybe = UNSET


class SessionStarted(ServerEventBase, kw_only=True, tag="session.started"):
    """The session has begun, with all its fields."""

    session: dict[str, Any]


class SessionUpdated(ServerEventBase, kw_only=True, tag="session.updated"):
    """The session as it is now, with all its fields."""

    session: dict[str, Any]


class SessionPaused(ServerEventBase, kw_only=True, tag="session.paused"):
    """It was quiet for long, and the model rests."""


class SessionResumed(ServerEventBase, kw_only=True, tag="session.resumed"):
    """The model is awake again."""


class InputAudioMuted(ServerEventBase, kw_only=True, tag="session.input_audio.muted"):
    """The model hears silence."""


class InputAudioUnmuted(ServerEventBase, kw_only=True, tag="session.input_audio.unmuted"):
    """The model hears what comes."""


class InstructionsAppended(Spanning, kw_only=True, tag="session.instructions.appended"):
    """A rule has reached the model."""


class ThinkingAppended(Spanning, kw_only=True, tag="session.thinking.appended"):
    """Something to know has reached the model."""


class CommentaryAppended(Spanning, kw_only=True, tag="session.commentary.appended"):
    """Something to say has reached the model."""


class InputTranscriptDelta(Spanning, kw_only=True, tag="session.input_transcript.delta"):
    """What the user said in this stretch."""

    delta: str


class OutputTranscriptDelta(Spanning, kw_only=True, tag="session.output_transcript.delta"):
    """What the assistant said in this stretch."""

    delta: str


class OutputAudioDelta(AudioEvent, kw_only=True, tag="session.output_audio.delta"):
    """The next audio of the assistant, silence too; its times on a sideband only."""

    delta: str
    start_ms: Milliseconds | UnsetType | None = UNSET
    end_ms: Milliseconds | UnsetType | None = UNSET


class InputAudioReflected(AudioEvent, kw_only=True, tag="session.input_audio.append"):
    """What the client of the call has sent; on a sideband only."""

    audio: str


class DelegationCreated(ServerEventBase, kw_only=True, tag="session.delegation.created"):
    """The voice model hands work on; what work, the transcripts and the backend say."""

    delegation: Delegation
    offset_ms: Milliseconds


class ResponseEvent(ServerEventBase, kw_only=True, tag="response.event"):
    """An event of the backend, in the words of the Responses API."""

    event: dict[str, Any]
    delegation_id: Maybe = UNSET


class DecisionEvent(ServerEventBase, kw_only=True, tag="decision.event"):
    """Something was decided."""

    event: dict[str, Any]
    delegation_id: Maybe = UNSET
    trigger_id: Maybe = UNSET
    source_event_id: Maybe = UNSET
    source_event_type: Maybe = UNSET


class DecisionItemCreated(ServerEventBase, kw_only=True, tag="decision.item.created"):
    """The decisions have an item more."""

    item: dict[str, Any]


class DecisionItemDeleted(ServerEventBase, kw_only=True, tag="decision.item.deleted"):
    """The decisions have an item less."""

    item_id: str


class FixturePlaying(ServerEventBase, kw_only=True, tag="session.output_audio.fixture.playing"):
    """A recording has begun to play."""


class FixturePlayed(ServerEventBase, kw_only=True, tag="session.output_audio.fixture.played"):
    """A recording has been played."""


class UsageUpdated(ServerEventBase, kw_only=True, tag="session.usage.updated"):
    """How long the session has lasted; about once a minute."""

    usage: Usage
    context_window: ContextWindow | UnsetType | None = UNSET


class SessionClosed(ServerEventBase, kw_only=True, tag="session.closed"):
    """The session is over; the last event.

    Attributes:
        reason: `close_requested`, `expired`, `content`, `remote_hangup` or `connection_lost`.
        session: the session as it was; its status still says `active`.
        usage: how long it has lasted.
    """

    reason: str
    session: dict[str, Any]
    usage: Usage


class Info(ServerEventBase, kw_only=True, tag="info"):
    """Something to know, such as what a data channel may carry."""

    code: str
    message: str


class Error(ServerEventBase, kw_only=True, tag="error"):
    """Something went wrong; the session lives on unless `session.closed` follows."""

    error: ErrorBody


class CallRinging(ServerEventBase, kw_only=True, tag="transport.ringing"):
    """An outbound call rings."""

    session_id: str


class CallAnswered(ServerEventBase, kw_only=True, tag="transport.answered"):
    """An outbound call was answered."""

    session_id: str


class CallFailed(ServerEventBase, kw_only=True, tag="transport.failed"):
    """An outbound call came to nothing."""

    session_id: str
    error: CallFailure


class DtmfReceived(ServerEventBase, kw_only=True, tag="transport.dtmf.received"):
    """The other end has pressed a key."""

    event: str


class DtmfSent(ServerEventBase, kw_only=True, tag="transport.dtmf.sent"):
    """A key was pressed."""

    event: str


class DtmfSendEchoed(ServerEventBase, kw_only=True, tag="transport.dtmf.send"):
    """A key was pressed, by the event's older name."""

    event: str


ServerEvent: TypeAlias = (
    SessionStarted
    | SessionUpdated
    | SessionPaused
    | SessionResumed
    | InputAudioMuted
    | InputAudioUnmuted
    | InstructionsAppended
    | ThinkingAppended
    | CommentaryAppended
    | InputTranscriptDelta
    | OutputTranscriptDelta
    | OutputAudioDelta
    | InputAudioReflected
    | DelegationCreated
    | ResponseEvent
    | DecisionEvent
    | DecisionItemCreated
    | DecisionItemDeleted
    | FixturePlaying
    | FixturePlayed
    | UsageUpdated
    | SessionClosed
    | Info
    | Error
    | CallRinging
    | CallAnswered
    | CallFailed
    | DtmfReceived
    | DtmfSent
    | DtmfSendEchoed
)
"""Every event of a server."""
