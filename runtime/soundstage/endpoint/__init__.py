"""The local Realtime endpoint: what it answers, and its doors."""

from soundstage.endpoint._endpoint_session import CallPlan, EndpointSession
from soundstage.endpoint._responder import SMALL_TALK, Responder, ScriptedResponder
from soundstage.endpoint._server import EndpointServer
from soundstage.endpoint._workshop import ImmediateWorkshop, ThreadWorkshop, Workshop

__all__ = [
    "SMALL_TALK",
    "CallPlan",
    "EndpointServer",
    "EndpointSession",
    "ImmediateWorkshop",
    "Responder",
    "ScriptedResponder",
    "ThreadWorkshop",
    "Workshop",
]
