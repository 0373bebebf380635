"""From the tables of agents to agents: kind, defaults, settings, voice, provider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soundstage.config import fields_of
from soundstage.config.values import FileReference, SoundFile, is_table, suggestion
from soundstage.endpoint import CallsEndpoint
from soundstage.errors import UsageError
from soundstage.recordings import read_recording
from soundstage.scenario.kinds import DEFAULT_KIND, AgentDeclaration, kind_key, load_kind
from soundstage.scenario.providers import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from soundstage.agent import Agent, AgentSettings
    from soundstage.config import Diagnostics, Document, KeyPath, Place, Validator
    from soundstage.config.values import Channel


def lay_defaults(document: Document) -> None:
    """Lay each kind's defaults under its agents."""
    for key in document.table("defaults"):
        kind = kind_key(key, document.place_of(("defaults", key)).folder)
        for name, table in document.table("agents").items():
            if is_table(table) and _kind_of(document, name) == kind:
                document.lay_under(("agents", name), ("defaults", key))


def _kind_of(document: Document, agent: str) -> str:
    """An agent's kind, its file in full where it has one."""
    path = ("agents", agent, "kind")
    written = document.value(path)
    return (
        kind_key(written, document.place_of(path).folder)
        if isinstance(written, str)
        else DEFAULT_KIND
    )


@dataclass
class Casting:
    """Makes the agents of a document.

    Attributes:
        validator: of the document.
        provider: the service for agents that name none.
        strict: whether a voice that the service does not have is refused.
    """

    validator: Validator
    provider: str | None
    strict: bool = False

    @property
    def _document(self) -> Document:
        return self.validator.document

    def cast(self) -> dict[str, AgentDeclaration]:
        """The agents, in the order of declaration, those that are right."""
        tables = self.validator.named_tables("agents")
        kinds = {name: _kind_of(self._document, name) for name in tables}
        self._check_defaults(set(kinds.values()))
        found: dict[str, AgentDeclaration] = {}
        for name, kind in kinds.items():
            declared = self._declared(name, kind)
            if declared is not None:
                found[name] = declared
        return self._with_voices(found)

    def _load(self, kind: str, path: KeyPath) -> type[Agent] | None:
        place = self._document.place_of(path)
        try:
            return load_kind(kind, place.folder)
        except UsageError as error:
            self.validator.diagnostics.add(place, str(error))
            return None

    def _declared(self, name: str, kind: str) -> AgentDeclaration | None:
        path = ("agents", name)
        written = self._document.value((*path, "kind"))
        if written is not None and not isinstance(written, str):
            place = self._document.place_of((*path, "kind"))
            self.validator.diagnostics.add(place, 'must be text in quotes, as "realtime"')
            return None
        agent_class = self._load(kind, (*path, "kind"))
        if agent_class is None:
            return None
        model = agent_class.Settings
        settings = self.validator.valid(model, self._given(path, model, kind), path)
        if settings is None:
            return None
        settings = self._with_provider(self._with_files(settings, path), path)
        protocol = getattr(settings, "protocol", "")
        played_by = agent_class.by_protocol.get(protocol, agent_class)
        return AgentDeclaration(name, written or DEFAULT_KIND, played_by, settings)

    def _with_files(self, settings: AgentSettings, path: KeyPath) -> AgentSettings:
        """Settings whose files are found from anywhere, beside the file that says them."""
        found: dict[str, FileReference] = {}
        channel = getattr(settings, "channel", None)
        for key, value in settings:
            if isinstance(value, FileReference):
                place = self._document.place_of((*path, key))
                found[key] = value.beside(place.folder)
                if isinstance(value, SoundFile):
                    self._check_sound(found[key].path, channel, place)
        return settings.model_copy(update=found)

    def _check_sound(self, file: Path, channel: Channel | None, place: Place) -> None:
        try:
            remarks = read_recording(file, channel=channel).remarks
        except UsageError as error:
            self.validator.diagnostics.add(place, str(error))
        else:
            for remark in remarks:
                self.validator.diagnostics.warn(place, remark)

    def _with_provider(self, settings: AgentSettings, path: KeyPath) -> AgentSettings:
        """Settings that name the endpoint which their agent calls, if its kind calls one."""
        if not isinstance(settings, CallsEndpoint):
            return settings
        named = settings.provider
        if named is None:
            return settings.model_copy(update={"provider": self.provider or LOCAL})
        known = self.validator.context.names["providers"]
        if named not in known:
            reason = f'there is no provider "{named}"; {suggestion(named, known)}'
            self.validator.diagnostics.add(self._document.place_of((*path, "provider")), reason)
        return settings

    def _given(self, path: KeyPath, model: type[BaseModel], kind: str) -> dict[str, object]:
        table = dict(self._document.table(*map(str, path)))
        written = table.pop("kind", kind)
        return {"kind": written, **table} if "kind" in fields_of(model) else table

    def _with_voices(self, found: dict[str, AgentDeclaration]) -> dict[str, AgentDeclaration]:
        voices = free_voices({name: agent.voice for name, agent in found.items()})
        warn_about_voices(voices, self._document, self.validator.diagnostics, strict=self.strict)
        return found | {
            name: replace(
                found[name], settings=found[name].settings.model_copy(update={"voice": voice})
            )
            for name, voice in voices.items()
        }

    def _check_defaults(self, used: set[str]) -> None:
        """Check defaults that no agent takes up: those in use are checked with their agents."""
        for key, table in self._document.table("defaults").items():
            path = ("defaults", key)
            place = self._document.place_of(path)
            if not is_table(table):
                self.validator.diagnostics.add(place, f"must be a table: [defaults.{key}]")
            elif "kind" in table:
                reason = "does not belong here: the table's name is the kind"
                self.validator.diagnostics.add(self._document.place_of((*path, "kind")), reason)
            elif kind_key(key, place.folder) not in used:
                kind = self._load(key, path)
                model = kind.Settings if kind else None
                if model is not None:
                    self._check_unused(table, model, path)

    def _check_unused(
        self, table: dict[str, object], model: type[BaseModel], path: KeyPath
    ) -> None:
        for key in table:
            if key not in fields_of(model):
                self.validator.report_unknown(model, (*path, key))


VOICES = (
    *("marin", "cedar", "shimmer", "ash", "coral"),
    *("echo", "sage", "verse", "alloy", "ballad"),
)
"""The voices of the Realtime API, in the order in which they are given out."""


def free_voices(chosen: Mapping[str, str | None]) -> dict[str, str]:
    """A voice for every agent: its own, else the next that no other agent has.

    Args:
        chosen: agent to the voice it names, in the order of declaration.
    """
    taken = {voice for voice in chosen.values() if voice}
    free = [voice for voice in VOICES if voice not in taken]
    voices: dict[str, str] = {}
    for name, voice in chosen.items():
        spare = free or list(VOICES)
        voices[name] = voice or spare[0]
        # With more agents than voices they are given out a second time, in the same order.
        free = [other for other in spare if other != voices[name]] if not voice else free
    return voices


def warn_about_voices(
    voices: Mapping[str, str], document: Document, diagnostics: Diagnostics, *, strict: bool
) -> None:
    """Warn about voices that are unknown, or refuse them, and about agents that sound alike."""
    first: dict[str, str] = {}
    for name, voice in voices.items():
        place = document.place_of(("agents", name, "voice"))
        if voice in first:
            diagnostics.warn(
                place, f'"{voice}" is the voice of {first[voice]}, too: they sound alike'
            )
        first.setdefault(voice, name)
        if voice not in VOICES:
            hint = suggestion(voice, VOICES)
            if strict:
                diagnostics.add(place, f'"{voice}" is no voice of the service; {hint}')
                continue
            diagnostics.warn(
                place, f'"{voice}" is no known voice, and a stand-in speaks locally; {hint}'
            )
