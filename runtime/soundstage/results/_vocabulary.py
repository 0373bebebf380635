"""The types of event that a log may hold: those of this version, and those of others."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from soundstage.messages import events
from soundstage.units import Samples


class UnknownEvent(Struct, frozen=True, kw_only=True):
    """A line of a log whose type this version does not know, kept as it was written.

    Attributes:
        pts: samples since the run began.
        agent: whom it is about; empty for the run itself.
        type: the type that was written.
        fields: the whole line, `type`, `pts` and `agent` included.
    """

    pts: Samples
    agent: str = ""
    type: str
    fields: dict[str, Any]


KnownEvent: TypeAlias = (
    events.RunStarted
    | events.Joined
    | events.Left
    | events.VoiceStarted
    | events.VoiceStopped
    | events.AgentSpeechStarted
    | events.AgentSpeechStopped
    | events.ResponseStarted
    | events.ResponseDone
    | events.Saying
    | events.Listening
    | events.HeardText
    | events.Turn
    | events.Interrupted
    | events.FloorGiven
    | events.FloorPassed
    | events.FloorTaken
    | events.FloorWanted
    | events.CueGiven
    | events.Entered
    | events.Exited
    | events.ToolCalled
    | events.ToolReturned
    | events.ToolDropped
    | events.Fault
    | events.Warned
    | events.Noted
    | events.Wire
    | events.Audio
    | events.Carried
    | events.HangUp
    | events.RunEnded
)
"""Every type of event there is in this version."""

AnyEvent: TypeAlias = events.Event | UnknownEvent
"""A line of the log, whatever version wrote it."""
