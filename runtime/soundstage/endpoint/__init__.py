"""The local Realtime endpoint: its sessions, what they answer, and its transports.

FastAPI, uvicorn and aiortc are heavy, so the server, which needs them, is loaded when it is first
asked for; a session alone needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.endpoint.access_log import JsonLines
from soundstage.endpoint.behaviour import (
    AnsweringTable,
    Behaviour,
    SpeechTable,
    WatchedBehaviour,
    check_engines,
    is_chat_key,
    load_behaviour,
)
from soundstage.endpoint.call_plan import (
    AGENT_HEADER,
    CallPlan,
    Choose,
    SessionNumbers,
    is_in_place_of_model,
)
from soundstage.endpoint.endpoint_session import EndpointSession
from soundstage.endpoint.job_runner import SessionHost
from soundstage.endpoint.local_settings import (
    CallsEndpoint,
    ChatSettings,
    DuplexSettings,
    FaultTable,
    HasChat,
    LocalSettings,
    Rule,
    RuleCall,
    WrittenReplies,
    lifetime,
)
from soundstage.endpoint.replies import Responder, ScriptedResponder, language_model_for
from soundstage.endpoint.served_session import DEFAULT_LIVE_MODEL, ApiProtocol
from soundstage.endpoint.transports.in_process import InProcessTransport

if TYPE_CHECKING:
    from soundstage.endpoint.local_endpoint import (
        Chooser,
        LocalEndpoint,
        endpoint_server,
    )
    from soundstage.endpoint.server import EndpointServer

__all__ = [
    "AGENT_HEADER",
    "DEFAULT_LIVE_MODEL",
    "AnsweringTable",
    "ApiProtocol",
    "Behaviour",
    "CallPlan",
    "CallsEndpoint",
    "ChatSettings",
    "Choose",
    "Chooser",
    "DuplexSettings",
    "EndpointServer",
    "EndpointSession",
    "FaultTable",
    "HasChat",
    "InProcessTransport",
    "JsonLines",
    "LocalEndpoint",
    "LocalSettings",
    "Responder",
    "Rule",
    "RuleCall",
    "ScriptedResponder",
    "SessionHost",
    "SessionNumbers",
    "SpeechTable",
    "WatchedBehaviour",
    "WrittenReplies",
    "check_engines",
    "endpoint_server",
    "is_chat_key",
    "is_in_place_of_model",
    "language_model_for",
    "lifetime",
    "load_behaviour",
]

_LAZY: Final = {
    "Chooser": "local_endpoint",
    "EndpointServer": "server",
    "LocalEndpoint": "local_endpoint",
    "endpoint_server": "local_endpoint",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
