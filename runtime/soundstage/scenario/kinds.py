"""Kinds of agents and of effects: from the installed packages, or from a file of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Final, cast

from soundstage.agent import Agent, AgentSettings, HasLines, HasLinesAndKeys, Opens, UsesTools
from soundstage.audio.effects import Effect, EffectSettings
from soundstage.config.values import ObjectReference, TurnDetection, suggestion
from soundstage.endpoint import CallsEndpoint, HasChat
from soundstage.errors import UsageError, error_text, is_interrupt
from soundstage.installed import installed
from soundstage.units import VIRTUAL, WALL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from soundstage.agent import LineTable
    from soundstage.endpoint import ApiProtocol, ChatSettings, LocalSettings

DEFAULT_KIND = "realtime"
"""The kind of an agent that names none."""

_AGENTS = "soundstage.agents"
_EFFECTS = "soundstage.effects"
_CUES: Final = frozenset({"say", "ask", "play", "keys"})
_RESERVED = ("sip", "websocket")


@dataclass(frozen=True)
class AgentDeclaration:
    """An agent of a scenario.

    Attributes:
        name: its name.
        kind: the kind as it is written.
        agent_class: the class of that kind.
        settings: an instance of the class's `Settings`, voice and provider filled in.
    """

    name: str
    kind: str
    agent_class: type[Agent]
    settings: AgentSettings

    @property
    def provider(self) -> str | None:
        """The endpoint that it calls; None for a kind that calls none."""
        return self.settings.provider if isinstance(self.settings, CallsEndpoint) else None

    @property
    def local(self) -> LocalSettings | None:
        """What the local endpoint answers it; None for a kind that calls no endpoint."""
        return self.settings.local if isinstance(self.settings, CallsEndpoint) else None

    @property
    def chat(self) -> tuple[tuple[str, ...], ChatSettings] | None:
        """The language model that makes its words, with its place in the agent's table."""
        if isinstance(self.settings, HasChat) and self.settings.chat is not None:
            return ("chat",), self.settings.chat
        if self.local is not None and self.local.chat is not None:
            return ("local", "chat"), self.local.chat
        return None

    @property
    def protocol(self) -> ApiProtocol:
        """Of its session at an endpoint."""
        return "live" if getattr(self.settings, "protocol", None) == "live" else "realtime"

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that its table names."""
        return self.settings.tools if isinstance(self.settings, UsesTools) else ()

    @property
    def opens(self) -> bool:
        """Whether it speaks as soon as every agent is ready."""
        return isinstance(self.settings, Opens) and self.settings.opening_prompt is not None

    @property
    def lines(self) -> tuple[str, ...]:
        """The spoken lines of its table, and those that the local endpoint answers it."""
        return tuple(line for _, line in self.placed_lines)

    @property
    def placed_lines(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Its spoken lines, each with its place in the agent's table."""
        settings = self.settings
        own = settings.lines if isinstance(settings, HasLines | HasLinesAndKeys) else ()
        local = self.local.lines if self.local is not None else ()
        return (
            *((("lines", index), line) for index, line in enumerate(own) if isinstance(line, str)),
            *((("local", "lines", index), line) for index, line in enumerate(local)),
        )

    @property
    def recognizes(self) -> bool:
        """Whether it writes down what it hears."""
        return self.agent_class.hears_words()

    @property
    def answers(self) -> bool:
        """Whether it answers by itself when it is spoken to."""
        detection = getattr(self.settings, "turn_detection", None)
        waits = isinstance(detection, TurnDetection) and (
            detection.type == "none" or detection.create_response is False
        )
        return self.agent_class.answers_by_itself() and not waits

    @property
    def line(self) -> LineTable:
        """The effects of its own line."""
        return self.settings.line

    @property
    def voice(self) -> str | None:
        """Its voice; None where the scenario gives it none."""
        return self.settings.voice


def installed_kinds() -> dict[str, EntryPoint]:
    """The kinds of agents that installed packages bring, by name."""
    return {entry.name: entry for entry in installed(_AGENTS)}


def installed_effects() -> dict[str, EntryPoint]:
    """The kinds of effects that installed packages bring, by name."""
    return {entry.name: entry for entry in installed(_EFFECTS)}


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
    known = installed_kinds()
    if kind not in known:
        _refuse_what_is_no_kind(kind)
    found = _loaded(kind, folder, known, "kind")
    if not (isinstance(found, type) and issubclass(found, Agent)):
        raise UsageError(f'"{kind}" is no agent: it must be a class derived from soundstage.Agent')
    settings: object = getattr(found, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, AgentSettings)):
        raise UsageError(f'the Settings of "{kind}" must be a class derived from Agent.Settings')
    _check_words(kind, "clocks", found.clocks, frozenset({WALL, VIRTUAL}))
    _check_words(kind, "cues", found.cues, _CUES)
    _check_answers(kind, found)
    return found


def _check_words(kind: str, name: str, value: object, known: frozenset[str]) -> None:
    # Read from a class of the user: a single word in place of a set would be read letter by letter.
    if isinstance(value, frozenset | set | tuple | list):
        words = cast("Collection[object]", value)
        if all(isinstance(word, str) and word in known for word in words):
            return
    example = ", ".join(f'"{word}"' for word in sorted(known))
    raise UsageError(f'{name} of "{kind}" must be a set of some of these words: {example}')


def _check_answers(kind: str, found: type[Agent]) -> None:
    """See that the class can be asked what a run asks it before there is an agent of it."""
    for name in ("hears_words", "can_speak", "answers_by_itself"):
        try:
            answer = cast("object", getattr(found, name)())
        except BaseException as error:
            if is_interrupt(error):
                raise
            raise UsageError(f'{name} of "{kind}" raised {error_text(error)}') from error
        if not isinstance(answer, bool):
            raise UsageError(f'{name} of "{kind}" must say True or False, not {answer!r}')


def load_effect(kind: str, folder: Path) -> type[Effect]:
    """The class of a kind of effects.

    Args:
        kind: the name of an entry point, `"package.module:Name"` or `"./file.py:Name"`.
        folder: what a file is relative to.

    Raises:
        UsageError: there is none, it cannot be loaded, or it is no effect.
    """
    found = _loaded(kind, folder, installed_effects(), "effect")
    if not isinstance(found, type) or not issubclass(found, Effect):
        raise UsageError(f'"{kind}" is no effect: a class derived from Effect')
    settings: object = getattr(found, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, EffectSettings)):
        raise UsageError(f'the Settings of "{kind}" must be a class derived from EffectSettings')
    return found


def _loaded(kind: str, folder: Path, known: Mapping[str, EntryPoint], noun: str) -> object:
    """What a kind names: an object of a file or a module, or an entry point of these."""
    if ":" in kind or kind.endswith(".py"):
        try:
            reference = ObjectReference(kind)
        except ValueError as error:
            raise UsageError(str(error)) from None
        return reference.beside(folder).load()
    if kind not in known:
        hint = suggestion(kind, known).rstrip("?")
        raise UsageError(f'there is no {noun} "{kind}"; {hint}, or your own as "./file.py:Name"?')
    try:
        return known[kind].load()
    except (ImportError, AttributeError) as error:
        raise UsageError(f'the {noun} "{kind}" cannot be loaded: {error}') from error


def _refuse_what_is_no_kind(kind: str) -> None:
    if kind in _RESERVED:
        raise UsageError(f'the kind "{kind}" is reserved for a later version')
    if kind in ("openai", "azure", "local"):
        raise UsageError(
            f'"{kind}" is a provider, not a kind of agent: kind = "realtime", with '
            f'provider = "{kind}" or --provider {kind}'
        )
