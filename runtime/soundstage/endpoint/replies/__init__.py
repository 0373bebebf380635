"""What a session answers: a script, a language model, or either with faults.

A chat server and a model file need libraries of their own, so their modules are loaded when a
table names one.
"""

from soundstage.endpoint.replies.faulty_responder import PlannedFailure
from soundstage.endpoint.replies.language_model import LanguageModel
from soundstage.endpoint.replies.responders import language_model_for, responder_for
from soundstage.endpoint.replies.scripted_responder import Responder, ScriptedResponder
from soundstage.endpoint.replies.streamed_reply import PendingReply, StreamedReply, WrittenReply

__all__ = [
    "LanguageModel",
    "PendingReply",
    "PlannedFailure",
    "Responder",
    "ScriptedResponder",
    "StreamedReply",
    "WrittenReply",
    "language_model_for",
    "responder_for",
]
