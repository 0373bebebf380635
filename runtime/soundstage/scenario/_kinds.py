"""Kinds of agents: from the installed packages, or from a file of one's own."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

from soundstage.agent import Agent, AgentSettings
from soundstage.config.values import ObjectReference, suggestion
from soundstage.errors import UsageError
from soundstage.installed import installed

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_KIND = "realtime"
"""The kind of an agent that names none."""

_GROUP = "soundstage.agents"
_RESERVED = ("sip", "websocket")


def installed_kinds() -> dict[str, EntryPoint]:
    """The kinds that installed packages bring, by name."""
    return {entry.name: entry for entry in installed(_GROUP)}


def kind_key(kind: str, folder: Path) -> str:
    """A kind's name, the same for the same kind whatever file names it."""
    if ":" not in kind:
        return kind
    try:
        return str(ObjectReference(kind).beside(folder))
    except ValueError:
        return kind


def load_kind(kind: str, folder: Path) -> type[Agent]:
    """The class of a kind of agents.

    Args:
        kind: the name of an entry point, `"package.module:Name"` or `"./file.py:Name"`.
        folder: what a file is relative to.

    Raises:
        UsageError: there is none, it cannot be loaded, or it is no agent.
    """
    if ":" in kind or kind.endswith(".py"):
        try:
            reference = ObjectReference(kind)
        except ValueError as error:
            raise UsageError(str(error)) from None
        found = reference.beside(folder).load()
    else:
        found = _installed(kind)
    if not (isinstance(found, type) and issubclass(found, Agent)):
        raise UsageError(f'"{kind}" is no agent: it must be a class derived from soundstage.Agent')
    settings: object = getattr(found, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, AgentSettings)):
        raise UsageError(f'the Settings of "{kind}" must be a class derived from Agent.Settings')
    return found


def _installed(kind: str) -> object:
    known = installed_kinds()
    if kind in known:
        try:
            return known[kind].load()
        except (ImportError, AttributeError) as error:
            raise UsageError(f'the kind "{kind}" cannot be loaded: {error}') from error
    if kind in _RESERVED:
        raise UsageError(f'the kind "{kind}" is reserved for a later version')
    if kind in ("openai", "azure", "local"):
        raise UsageError(
            f'"{kind}" is a provider, not a kind of agent: kind = "realtime", with '
            f'provider = "{kind}" or --provider {kind}'
        )
    hint = suggestion(kind, known).rstrip("?")
    raise UsageError(f'there is no kind "{kind}"; {hint}, or your own as "./file.py:Name"?')
