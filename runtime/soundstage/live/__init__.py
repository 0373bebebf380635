"""The OpenAI Live protocol (GPT-Live) with no I/O: its events, and both ends of a session.

One full-duplex model, no turns on the wire: it is another protocol than `soundstage.realtime`, and
the two never mix on one session. What both have alike (ids, jobs, codec rules) is that package's.
"""

from soundstage.live.client.notifications import BackendFailed, Notification, WorkDelegated
from soundstage.live.client.session import ClientSession
from soundstage.live.protocol import client_events, server_events
from soundstage.live.protocol.client_events import ClientEvent
from soundstage.live.protocol.event_codec import Decoded, decode_client, encode, read_server
from soundstage.live.protocol.server_events import ServerEvent
from soundstage.live.protocol.session_fields import VOICES, SessionFields
from soundstage.live.server.channel_gate import ChannelGate
from soundstage.live.server.session import LONGEST, ServerSession
from soundstage.live.server.session_config import LASTS_SECONDS, Door, SessionConfig
from soundstage.live.server.speaker.duplex import Duplex

__all__ = [
    "LASTS_SECONDS",
    "LONGEST",
    "VOICES",
    "BackendFailed",
    "ChannelGate",
    "ClientEvent",
    "ClientSession",
    "Decoded",
    "Door",
    "Duplex",
    "Notification",
    "ServerEvent",
    "ServerSession",
    "SessionConfig",
    "SessionFields",
    "WorkDelegated",
    "client_events",
    "decode_client",
    "encode",
    "read_server",
    "server_events",
]
