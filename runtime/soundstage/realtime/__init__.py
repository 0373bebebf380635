"""The OpenAI Realtime protocol with no I/O: its events, and both ends of a session."""

from soundstage.realtime._client_session import ClientSession
from soundstage.realtime._codec import (
    ClientFault,
    Unknown,
    decode_client,
    decode_server,
    encode,
)
from soundstage.realtime._ids import Ids
from soundstage.realtime._items import Item, Part, Response
from soundstage.realtime._jobs import (
    Abandon,
    Compose,
    FunctionCall,
    Job,
    Reply,
    Speak,
    Transcribe,
)
from soundstage.realtime._server_session import ServerSession
from soundstage.realtime._session_config import SessionConfig
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
    ToolRequested,
    Transcribed,
    TranscriptionFailed,
    Truncated,
    UnknownEvent,
)
from soundstage.realtime._turn_detector import (
    SpeechBegan,
    SpeechEnded,
    TurnDetector,
    TurnSettings,
)
from soundstage.realtime._wire import Wire

__all__ = [
    "Abandon",
    "ClientFault",
    "ClientSession",
    "Compose",
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
    "ServerSession",
    "SessionConfig",
    "SessionReady",
    "SessionRefused",
    "Signal",
    "Speak",
    "SpeechBegan",
    "SpeechEnded",
    "ToolRequested",
    "Transcribe",
    "Transcribed",
    "TranscriptionFailed",
    "Truncated",
    "TurnDetector",
    "TurnSettings",
    "Unknown",
    "UnknownEvent",
    "Wire",
    "decode_client",
    "decode_server",
    "encode",
]
