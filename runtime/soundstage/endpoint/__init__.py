"""The local Realtime endpoint: its sessions, what they answer, and its transports.

FastAPI, uvicorn and aiortc are heavy, so the server, which needs them, is loaded when it is first
asked for; a session alone needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.endpoint._between_turns import BetweenTurns
from soundstage.endpoint._workshop import Craft, Workshop
from soundstage.endpoint.access_log import JsonLines
from soundstage.endpoint.call_plan import CallPlan, Choose, SessionNumbers
from soundstage.endpoint.endpoint_session import EndpointSession
from soundstage.endpoint.local_settings import (
    ChatSettings,
    FaultTable,
    LocalSettings,
    Rule,
    RuleCall,
)
from soundstage.endpoint.replies import Responder, ScriptedResponder
from soundstage.endpoint.transports.in_process import InProcessTransport

if TYPE_CHECKING:
    from soundstage.endpoint._threads import ThreadWorkshop
    from soundstage.endpoint.server import EndpointServer

__all__ = [
    "BetweenTurns",
    "CallPlan",
    "ChatSettings",
    "Choose",
    "Craft",
    "EndpointServer",
    "EndpointSession",
    "FaultTable",
    "InProcessTransport",
    "JsonLines",
    "LocalSettings",
    "Responder",
    "Rule",
    "RuleCall",
    "ScriptedResponder",
    "SessionNumbers",
    "ThreadWorkshop",
    "Workshop",
]

_LAZY: Final = {"EndpointServer": "server", "ThreadWorkshop": "_threads"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
