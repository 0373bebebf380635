"""The sixteen events that a Live client sends.

A field that is null on the wire is None here, and one that is left out is UNSET. The names and
fields are those of the official SDK's types (openai-python 3.57, `types/live`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

EventId: TypeAlias = Annotated[str, Meta(max_length=512)]

Key: TypeAlias = Literal[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "*", "#"
]
"""A key of a telephone."""


# Unknown fields are refused, as the service does: a typo in one would otherwise do nothing.
class _Event(Struct, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    event_id: EventId | UnsetType | None = UNSET


class SessionStart(_Event, kw_only=True, tag="session.start"):
    """Begin the session; the first event over a WebSocket."""

    # Read field by field by the session, which knows what it offers.
    session: dict[str, Any]


class SessionUpdate(_Event, kw_only=True, tag="session.update"):
    """Change the delegation's settings, or nothing at all."""

    session: dict[str, Any]


class InputAudioAppend(_Event, kw_only=True, tag="session.input_audio.append"):
    """Audio in base64, of the session's format."""

    audio: str


class InputAudioMute(_Event, kw_only=True, tag="session.input_audio.mute"):
    """Hear silence in place of the audio that comes."""


class InputAudioUnmute(_Event, kw_only=True, tag="session.input_audio.unmute"):
    """Hear the audio that comes."""


class Append(_Event, kw_only=True):
    """Text for the voice model; the delegation that it is about, or null for none."""

    content: str
    delegation_id: str | None


class InstructionsAppend(Append, kw_only=True, tag="session.instructions.append"):
    """A rule that is to be followed from now on."""


class ThinkingAppend(Append, kw_only=True, tag="session.thinking.append"):
    """Something to know, and not to say."""


class CommentaryAppend(Append, kw_only=True, tag="session.commentary.append"):
    """Something to say."""


class FixturePlay(_Event, kw_only=True, tag="session.output_audio.fixture.play"):
    """Play a recording: base64 of 24 kHz mono signed 16-bit PCM, at most 30 s."""

    audio: str


class ResponseItemCreate(_Event, kw_only=True, tag="response.item.create"):
    """Give the backend an item: a message, or the output of a function."""

    item: dict[str, Any]


class ResponseCreate(_Event, kw_only=True, tag="response.create"):
    """Let the backend go on, or begin."""


class DecisionCreate(_Event, kw_only=True, tag="decision.create"):
    """Have the session's questions decided now."""


class DecisionItemCreate(_Event, kw_only=True, tag="decision.item.create"):
    """Give the decisions an item."""

    item: dict[str, Any]


class DecisionItemDelete(_Event, kw_only=True, tag="decision.item.delete"):
    """Take an item from the decisions."""

    item_id: str


class DtmfSend(_Event, kw_only=True, tag="transport.dtmf.send"):
    """Press a key; of calls over SIP only."""

    event: Key


class SessionClose(_Event, kw_only=True, tag="session.close"):
    """End the session."""


ClientEvent: TypeAlias = (
    SessionStart
    | SessionUpdate
    | InputAudioAppend
    | InputAudioMute
    | InputAudioUnmute
    | InstructionsAppend
    | ThinkingAppend
    | CommentaryAppend
    | FixturePlay
    | ResponseItemCreate
    | ResponseCreate
    | DecisionCreate
    | DecisionItemCreate
    | DecisionItemDelete
    | DtmfSend
    | SessionClose
)
"""Every event of a client."""

NEVER_ON_A_CHANNEL: Final = (SessionStart, InputAudioAppend, FixturePlay, DtmfSend)
"""What is refused on the data channel of a call: its session has begun, its audio is a track."""

NEVER_ON_A_SIDEBAND: Final = (SessionStart, InputAudioAppend)
"""What is refused on a sideband, which has a session of another client's before it."""
