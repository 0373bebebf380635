"""The OpenAI Realtime protocol with no I/O: its events, and both ends of a session.

The events are in `client_events` and `server_events`, named after their type on the wire.
"""

from soundstage.realtime import _client_events as client_events
from soundstage.realtime import _server_events as server_events
from soundstage.realtime._client_events import ClientEvent
from soundstage.realtime._client_session import ClientSession
from soundstage.realtime._codec import (
    ClientFault,
    Unknown,
    decode_client,
    decode_server,
    encode,
)
from soundstage.realtime._coding import Coder, Coders
from soundstage.realtime._ids import Ids
from soundstage.realtime._items import ErrorBody, Item, Part, Response
from soundstage.realtime._jobs import (
    Abandon,
    Compose,
    FunctionCall,
    Job,
    Reply,
    Speak,
    Transcribe,
)
from soundstage.realtime._server_events import ServerEvent
from soundstage.realtime._server_session import ServerSession
from soundstage.realtime._session_config import SessionConfig, Transport
from soundstage.realtime._signals import (
    Expired,
    HearingStarted,
    HearingStopped,
    PlaybackCleared,
    PlaybackStarted,
    PlaybackStopped,
    ReplyDone,
    ReplyStarted,
    ReplyWords,
    ServerError,
    SessionReady,
    SessionRefused,
    Signal,
    ToolAbandoned,
    ToolRequested,
    Transcribed,
    TranscriptionFailed,
    Truncated,
    UnknownEvent,
)
from soundstage.realtime._tempo import Tempo
from soundstage.realtime._turn_detector import (
    SpeechBegan,
    SpeechEnded,
    TurnDetector,
    TurnSettings,
)
from soundstage.realtime._wire import Wire

__all__ = [
    "Abandon",
    "ClientEvent",
    "ClientFault",
    "ClientSession",
    "Coder",
    "Coders",
    "Compose",
    "ErrorBody",
    "Expired",
    "FunctionCall",
    "HearingStarted",
    "HearingStopped",
    "Ids",
    "Item",
    "Job",
    "Part",
    "PlaybackCleared",
    "PlaybackStarted",
    "PlaybackStopped",
    "Reply",
    "ReplyDone",
    "ReplyStarted",
    "ReplyWords",
    "Response",
    "ServerError",
    "ServerEvent",
    "ServerSession",
    "SessionConfig",
    "SessionReady",
    "SessionRefused",
    "Signal",
    "Speak",
    "SpeechBegan",
    "SpeechEnded",
    "Tempo",
    "ToolAbandoned",
    "ToolRequested",
    "Transcribe",
    "Transcribed",
    "TranscriptionFailed",
    "Transport",
    "Truncated",
    "TurnDetector",
    "TurnSettings",
    "Unknown",
    "UnknownEvent",
    "Wire",
    "client_events",
    "decode_client",
    "decode_server",
    "encode",
    "server_events",
]
