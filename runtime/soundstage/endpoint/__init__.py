"""The local Realtime endpoint: what it answers, and its doors.

FastAPI, uvicorn and aiortc are heavy, so the server, which needs them, is loaded when it is first
asked for; a session alone needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.endpoint._between_turns import BetweenTurns
from soundstage.endpoint._endpoint_session import EndpointSession
from soundstage.endpoint._in_process import InProcessWire
from soundstage.endpoint._plan import CallPlan, Choose, Numbering
from soundstage.endpoint._telling import JsonLines
from soundstage.endpoint._workshop import Craft, Workshop
from soundstage.endpoint.local_settings import (
    ChatSettings,
    FaultTable,
    LocalSettings,
    Rule,
    RuleCall,
)
from soundstage.endpoint.replies import Responder, ScriptedResponder

if TYPE_CHECKING:
    from soundstage.endpoint._server import EndpointServer
    from soundstage.endpoint._threads import ThreadWorkshop

__all__ = [
    "BetweenTurns",
    "CallPlan",
    "ChatSettings",
    "Choose",
    "Craft",
    "EndpointServer",
    "EndpointSession",
    "FaultTable",
    "InProcessWire",
    "JsonLines",
    "LocalSettings",
    "Numbering",
    "Responder",
    "Rule",
    "RuleCall",
    "ScriptedResponder",
    "ThreadWorkshop",
    "Workshop",
]

_LAZY: Final = {"EndpointServer": "_server", "ThreadWorkshop": "_threads"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
