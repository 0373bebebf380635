"""Which responder and which language model answer a session, by its `local` table."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from soundstage.config.values import expand
from soundstage.endpoint.replies.faulty_responder import FaultyResponder
from soundstage.endpoint.replies.language_model import CachedLanguageModel
from soundstage.endpoint.replies.scripted_responder import ScriptedResponder
from soundstage.errors import InfrastructureError
from soundstage.secrets import Secret

if TYPE_CHECKING:
    from soundstage.cache import Cache
    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.local_settings import ChatSettings
    from soundstage.endpoint.replies.language_model import LanguageModel
    from soundstage.endpoint.replies.scripted_responder import Responder


def responder_for(plan: CallPlan, cache: Cache | None) -> Responder:
    """What decides what a session says.

    Args:
        plan: how it is answered.
        cache: where a language model's answers are kept; None to ask every time.

    Raises:
        InfrastructureError: the language model cannot be had.
    """
    chat = plan.local.chat
    model = None if chat is None else language_model_for(chat, cache)
    scripted = ScriptedResponder(plan.local, model, plan.remark)
    return FaultyResponder(scripted, plan) if plan.local.faults else scripted


def language_model_for(settings: ChatSettings, cache: Cache | None) -> LanguageModel:
    """The language model that a table describes.

    Its library is loaded here, so that a process without a language model never loads one.

    Args:
        settings: the table.
        cache: where answers are kept; None to ask every time.

    Raises:
        InfrastructureError: its key is made of a variable that is not set.
        EngineMissing: what runs a model file is not installed.
    """
    model: LanguageModel
    if settings.gguf is not None:
        model = import_module("soundstage.endpoint.replies.gguf").GgufModel(settings)
    else:
        model = import_module("soundstage.endpoint.replies.chat_server").ChatServer(
            settings, _key_of(settings)
        )
    return model if cache is None else CachedLanguageModel(model, cache)


def _key_of(settings: ChatSettings) -> Secret | None:
    if settings.api_key is None:
        return None
    unset = [name for name in settings.variables if not os.environ.get(name, "").strip()]
    if unset:
        raise InfrastructureError(
            f"chat needs the environment variable {unset[0]}, which is not set"
        )
    values = {name: os.environ[name].strip() for name in settings.variables}
    return Secret(expand(settings.api_key.reveal(), values))
