"""Which mind answers, by a `chat` table."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from soundstage.config.values import Secret, expand
from soundstage.endpoint._faulty_responder import FaultyResponder
from soundstage.endpoint._remembered import RememberedMind
from soundstage.endpoint._responder import ScriptedResponder
from soundstage.errors import RunInvalid

if TYPE_CHECKING:
    from soundstage.cache import Cache
    from soundstage.endpoint._mind import Mind
    from soundstage.endpoint._plan import CallPlan
    from soundstage.endpoint._responder import Responder
    from soundstage.endpoint.local_settings import ChatSettings


def responder_for(plan: CallPlan, cache: Cache | None) -> Responder:
    """Who decides what a session says.

    Args:
        plan: how it is answered.
        cache: where a language model's answers are kept; None to ask every time.

    Raises:
        RunInvalid: the language model cannot be had.
    """
    scripted = ScriptedResponder(plan.local, mind_for(plan.local.chat, cache))
    return FaultyResponder(scripted, plan) if plan.local.faults else scripted


def mind_for(settings: ChatSettings | None, cache: Cache | None) -> Mind | None:
    """The mind that a table describes; None where there is no table.

    What it needs is loaded here, so that nothing is loaded for those who have none.

    Args:
        settings: the table.
        cache: where answers are kept; None to ask every time.

    Raises:
        RunInvalid: its key is made of a variable that is not set.
        EngineMissing: what runs a model file is not installed.
    """
    if settings is None:
        return None
    mind: Mind
    if settings.gguf is not None:
        mind = import_module("soundstage.endpoint._gguf").GgufMind(settings)
    else:
        mind = import_module("soundstage.endpoint._chat_server").ChatServer(
            settings, _key_of(settings)
        )
    return mind if cache is None else RememberedMind(mind, cache)


def _key_of(settings: ChatSettings) -> Secret | None:
    if settings.api_key is None:
        return None
    unset = [name for name in settings.variables if not os.environ.get(name, "").strip()]
    if unset:
        raise RunInvalid(f"chat needs the environment variable {unset[0]}, which is not set")
    values = {name: os.environ[name].strip() for name in settings.variables}
    return Secret(expand(settings.api_key.get_secret_value(), values))
