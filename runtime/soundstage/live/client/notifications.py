"""What a Live client session tells its owner: the server's events that count, and what follows.

An event of the server that counts is its own notification; the structs here are for what no single
event says.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from soundstage.live.protocol import server_events as server
from soundstage.realtime import OddField, SessionReady, SessionRefused, ToolRequested, Unknown


class WorkDelegated(Struct, frozen=True):
    """Work is handed to the application; what it is, the transcripts say.

    Attributes:
        delegation: its id, which what is appended about it names.
        offset_ms: where on the timeline.
    """

    delegation: str
    offset_ms: int


class BackendFailed(Struct, frozen=True):
    """A response of the backend came to nothing.

    Attributes:
        response: its id.
        message: why, in the server's words; may be empty.
        status: `failed`, which is the service's fault, or `incomplete`.
    """

    response: str
    message: str
    status: str


Notification: TypeAlias = (
    SessionReady
    | SessionRefused
    | OddField
    | ToolRequested
    | WorkDelegated
    | BackendFailed
    | server.InputTranscriptDelta
    | server.OutputTranscriptDelta
    | server.OutputAudioDelta
    | server.SessionPaused
    | server.SessionResumed
    | server.SessionClosed
    | server.UsageUpdated
    | server.Error
    | server.Info
    | Unknown
)
"""What a client session tells."""
