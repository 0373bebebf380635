"""What a client session tells its owner: the server's events that count, and what they add up to.

An event of the server that counts is its own notification: it has one name on the wire, in the
session and in the session's owner. The structs here are for what no single event says.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.realtime.protocol import server_events as server
from soundstage.realtime.protocol.event_codec import Unknown
from soundstage.realtime.recent import MOST_REMEMBERED

if TYPE_CHECKING:
    from soundstage.realtime.protocol.event_codec import Decoded

_PLACE: Final = re.compile(r"\[\d+\]")


class SessionReady(Struct, frozen=True):
    """The session has confirmed its configuration."""


class SessionRefused(Struct, frozen=True):
    """The server will not have the configuration."""

    code: str
    message: str


class SessionExpired(Struct, frozen=True):
    """The session has reached its longest duration."""


class OddField(Struct, frozen=True):
    """An event of the server has a field that is not as it should be; the rest of it counts.

    Told once for each field of each type of event, in a session.

    Attributes:
        event: the event's type, as the server has it.
        field: dotted path of the field; `type` where the event has its name of the beta.
    """

    event: str
    field: str


class OddFields(Counter[OddField]):
    """How often each field of an event of the server was not as it should be."""

    def note(self, decoded: Decoded) -> list[OddField]:
        """Count those of an event; returns the ones that are new."""
        name = str(decoded.event.__struct_config__.tag)
        # Without the places in lists: the same slip in every item is one slip.
        found = sorted({_PLACE.sub("[]", field) for field in decoded.odd})
        told: list[OddField] = []
        for each in (OddField(name, field) for field in found):
            # Bounded: a server may be odd in as many ways as it likes.
            if each not in self and len(self) < MOST_REMEMBERED:
                told.append(each)
            if each in self or told[-1:] == [each]:
                self[each] += 1
        return told


class LostEnd(Struct, frozen=True):
    """The server did not say that a response is done: it counts as done with what has come.

    Attributes:
        response: its id.
    """

    response: str

    @property
    def message(self) -> str:
        """What a log says of it."""
        return (
            f"the end of {self.response} has not come (no response.done): "
            "it counts as done with what has come of it"
        )


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


class UnannouncedAudio(Struct, frozen=True):
    """Audio comes, and the server has not said of which response; told once in a session.

    Attributes:
        response: the one that it is taken for; empty where there is none, and nothing is heard.
    """

    response: str

    @property
    def message(self) -> str:
        """What a log says of it."""
        if self.response:
            taken = "it is taken for the audio of the response that is being made"
        else:
            taken = "nothing of it is heard, as no response is being made"
        return f"audio arrives that no response announced ({_MISSING}): {taken}"


_MISSING: Final = "no output_audio_buffer.started has come"

Notification: TypeAlias = (
    SessionReady
    | SessionRefused
    | SessionExpired
    | OddField
    | LostEnd
    | Truncated
    | ToolRequested
    | ToolAbandoned
    | UnannouncedAudio
    | server.ResponseCreated
    | server.ResponseDone
    | server.OutputTextDelta
    | server.OutputTranscriptDelta
    | server.OutputAudioBufferStarted
    | server.OutputAudioBufferStopped
    | server.OutputAudioBufferCleared
    | server.SpeechStarted
    | server.SpeechStopped
    | server.InputTranscriptionCompleted
    | server.InputTranscriptionFailed
    | server.Error
    | Unknown
)
"""What a client session tells. Each response is created once and done once, however often the
server says so; nothing is told of a response that is over, or was cut."""
