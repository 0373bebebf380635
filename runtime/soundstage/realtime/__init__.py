"""The OpenAI Realtime protocol with no I/O: its events, and both ends of a session.

The events are in `client_events` and `server_events`, named after their type on the wire.
"""

from soundstage.realtime.audio_formats import Coder, Coders, Coding
from soundstage.realtime.client.input_line import InputLine
from soundstage.realtime.client.notifications import (
    LostEnd,
    Notification,
    OddField,
    SessionExpired,
    SessionReady,
    SessionRefused,
    ToolAbandoned,
    ToolRequested,
    Truncated,
    UnannouncedAudio,
)
from soundstage.realtime.client.reconnection import is_final, wait_before
from soundstage.realtime.client.session import ClientSession
from soundstage.realtime.client.truncations import words_heard
from soundstage.realtime.protocol import (
    client_errors,
    client_events,
    event_reading,
    json_reading,
    server_events,
)
from soundstage.realtime.protocol.client_events import ClientEvent
from soundstage.realtime.protocol.event_codec import (
    ClientFault,
    Decoded,
    Unknown,
    decode_client,
    decode_server,
    encode,
    read_server,
)
from soundstage.realtime.protocol.ids import Ids
from soundstage.realtime.protocol.items import ErrorBody, Item, Part, Response
from soundstage.realtime.protocol.server_events import ServerEvent
from soundstage.realtime.protocol.session_fields import VOICES
from soundstage.realtime.server.input_buffer import AppendedAudio, InputBuffer, read_audio
from soundstage.realtime.server.response import Pacing
from soundstage.realtime.server.session import LONGEST, ServerSession
from soundstage.realtime.server.session_config import SessionConfig, Transport
from soundstage.realtime.session_jobs import (
    Abandon,
    Compose,
    FunctionCall,
    Job,
    JobQueue,
    Reply,
    Speak,
    Transcribe,
)
from soundstage.realtime.session_transport import QUIET, ForeseeingTransport, SessionTransport
from soundstage.realtime.spoken_text import SpokenText
from soundstage.realtime.turn_detector import (
    LONGEST_LAG,
    PAUSE,
    TurnDetector,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnSettings,
    TurnStarted,
)

__all__ = [
    "LONGEST",
    "LONGEST_LAG",
    "PAUSE",
    "QUIET",
    "VOICES",
    "Abandon",
    "AppendedAudio",
    "ClientEvent",
    "ClientFault",
    "ClientSession",
    "Coder",
    "Coders",
    "Coding",
    "Compose",
    "Decoded",
    "ErrorBody",
    "ForeseeingTransport",
    "FunctionCall",
    "Ids",
    "InputBuffer",
    "InputLine",
    "Item",
    "Job",
    "JobQueue",
    "LostEnd",
    "Notification",
    "OddField",
    "Pacing",
    "Part",
    "Reply",
    "Response",
    "ServerEvent",
    "ServerSession",
    "SessionConfig",
    "SessionExpired",
    "SessionReady",
    "SessionRefused",
    "SessionTransport",
    "Speak",
    "SpokenText",
    "ToolAbandoned",
    "ToolRequested",
    "Transcribe",
    "Transport",
    "Truncated",
    "TurnDetector",
    "TurnEnded",
    "TurnPaused",
    "TurnResumed",
    "TurnSettings",
    "TurnStarted",
    "UnannouncedAudio",
    "Unknown",
    "client_errors",
    "client_events",
    "decode_client",
    "decode_server",
    "encode",
    "event_reading",
    "is_final",
    "json_reading",
    "read_audio",
    "read_server",
    "server_events",
    "wait_before",
    "words_heard",
]
