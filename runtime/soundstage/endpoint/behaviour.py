"""How an endpoint behaves: a file in the words of a scenario, read again when it changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from secrets import randbits
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, JsonValue, StrictInt

from soundstage.config import (
    Diagnostics,
    Document,
    KeyPath,
    SeedPick,
    Validator,
    Variation,
    check_numbers,
    check_variables,
    faults_of_all,
    read_document,
)
from soundstage.config.values import Table, ValidationContext, slots_in, suggestion
from soundstage.endpoint.local_settings import LocalSettings
from soundstage.errors import ScenarioError
from soundstage.installed import installed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soundstage.config import KeyPath, Pick


_log = logging.getLogger("soundstage.endpoint")

KIND: Final = "realtime"
"""The one kind of agent whose place an endpoint takes."""

_ENGINES: Final = {"synthesizer": "synthesizers", "recognizer": "recognizers", "vad": "vads"}

_Stamp: TypeAlias = tuple[str, int, int, int]


class SpeechTable(Table):
    """The engines of the local endpoint, and of agents that speak or listen by themselves."""

    synthesizer: str = "hibari"
    recognizer: str = "whisper-tiny.en"
    vad: str = "silero"


def check_engines(speech: SpeechTable, document: Document, diagnostics: Diagnostics) -> None:
    """Note engines that no installed package brings."""
    for key, group in _ENGINES.items():
        name: str = getattr(speech, key)
        known = {entry.name for entry in installed(f"soundstage.{group}")}
        if name not in known:
            reason = f'no {key} "{name}" is installed; {suggestion(name, known)}'
            diagnostics.add(document.place_of(("speech", key)), reason)


class AnsweringTable(Table):
    """How sessions are answered: what of an agent's table an endpoint has a use for.

    Attributes:
        voice: of a session that names none.
        local: what it says.
    """

    voice: str | None = None
    local: LocalSettings = LocalSettings()


class HeadTable(Table):
    """What the file is.

    Attributes:
        format: the version of the format.
        seed: feeds the random streams; drawn anew for each start where it is None.
        include: files with definitions; what this file says wins.
    """

    format: Literal[1] = 1
    seed: Annotated[StrictInt, Field(ge=0)] | None = None
    include: tuple[str, ...] = ()


class BehaviourFile(Table):
    """A whole file, for the names of its tables."""

    scenario: HeadTable = HeadTable()
    speech: SpeechTable = SpeechTable()
    defaults: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    agents: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Behaviour:
    """How an endpoint behaves.

    Attributes:
        default: how a session that names no behaviour is answered.
        agents: how one is answered that names an agent as its model.
        speech: the engines.
        seed: of the random streams; None where any will do.
        warnings: what is unusual in the file.
        source_files: every file that it was read from.
    """

    default: AnsweringTable = field(default_factory=AnsweringTable)
    agents: Mapping[str, AnsweringTable] = field(default_factory=dict[str, AnsweringTable])
    speech: SpeechTable = field(default_factory=SpeechTable)
    seed: int | None = None
    warnings: tuple[str, ...] = ()
    source_files: tuple[Path, ...] = ()

    def answering(self, names: tuple[str, ...]) -> tuple[str | None, AnsweringTable]:
        """How a session is answered: by the first of these names that an agent has, or as all."""
        name = next((name for name in names if name in self.agents), None)
        return name, self.default if name is None else self.agents[name]


def load_behaviour(path: Path, *, toml: str | None = None) -> Behaviour:
    """Read how an endpoint behaves.

    The file has `[speech]`, `[defaults.realtime]` for every session, and `[agents.NAME]` for
    those that ask for the model NAME; of an agent's table it has `voice` and `local`.

    Args:
        path: the file.
        toml: what would be in the file, where there is none.

    Raises:
        ScenarioError: the file is wrong; every fault at once, with file, line and key path.
    """
    diagnostics = Diagnostics()
    document = read_document(path, diagnostics, text=toml)
    diagnostics.raise_if_any()
    check_numbers(document, diagnostics)
    _lay_defaults(document)
    check_variables(document, diagnostics, is_chat_key)
    # The tools of a session are its client's, so no rule can name a wrong one.
    document.note_folders()
    return _checked(document, diagnostics)


def _checked(document: Document, diagnostics: Diagnostics) -> Behaviour:
    """The behaviour that is drawn, when all that could be drawn is right."""
    seed = document.value(("scenario", "seed"))
    reader = _reader(
        document, diagnostics, SeedPick(seed if isinstance(seed, int) else randbits(63))
    )

    def attempt(pick: Pick) -> tuple[Variation, list[str]]:
        other = _reader(document, diagnostics, pick)
        return other.validator.variation, _read(other)[1]

    behaviour, faults = _read(reader)
    faults += faults_of_all(reader.validator.variation, attempt)
    if faults or behaviour is None:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return behaviour


def _reader(document: Document, known: Diagnostics, pick: Pick) -> _Reader:
    diagnostics = known.copy()
    variation = Variation(pick, lambda path, why: diagnostics.add(document.place_of(path), why))
    drawn = replace(document, tree=variation.choose(document.tree))
    return _Reader(Validator(drawn, diagnostics, ValidationContext(), BehaviourFile, variation))


def _read(reader: _Reader) -> tuple[Behaviour | None, list[str]]:
    try:
        return reader.read(), []
    except ScenarioError as error:
        return None, list(error.faults)


def is_chat_key(path: KeyPath) -> bool:
    """Whether a key holds the key of a chat server, in which variables are replaced."""
    is_of_agent = path[0] in {"agents", "defaults"} and path[2:] == ("chat", "api_key")
    return is_of_agent or path[-3:] == ("local", "chat", "api_key") or path == ("judge", "api_key")


def _lay_defaults(document: Document) -> None:
    for name in document.table("agents"):
        document.lay_under(("agents", name), ("defaults", KIND))


@dataclass
class _Reader:
    validator: Validator

    def read(self) -> Behaviour:
        validator = self.validator
        validator.check_root()
        head = validator.table(HeadTable, ("scenario",))
        speech = validator.table(SpeechTable, ("speech",))
        default = self._default()
        agents: dict[KeyPath, AnsweringTable | None] = {
            ("agents", name): validator.table(AnsweringTable, ("agents", name))
            for name in validator.named_tables("agents")
        }
        if speech is not None:
            check_engines(speech, validator.document, validator.diagnostics)
        self._warn_of_slots({("defaults", KIND): default, **agents})
        validator.diagnostics.raise_if_any()
        found: dict[str, Any] = {"speech": speech, "default": default}
        return replace(
            Behaviour(),
            **found,
            agents={str(path[1]): table for path, table in agents.items() if table is not None},
            seed=head.seed if head else None,
            warnings=tuple(str(warning) for warning in validator.diagnostics.warned),
            source_files=tuple(
                dict.fromkeys((*validator.document.files, *validator.context.files))
            ),
        )

    def _warn_of_slots(self, tables: Mapping[KeyPath, AnsweringTable | None]) -> None:
        for path, table in tables.items():
            for index, line in enumerate(table.local.lines if table is not None else ()):
                for slot in slots_in(line):
                    place = self.validator.document.place_of((*path, "local", "lines", index))
                    reason = f'a line has no slots, so "{slot}" itself is said for "{{{slot}}}"'
                    self.validator.diagnostics.warn(place, reason)

    def _default(self) -> AnsweringTable | None:
        for key in self.validator.document.table("defaults"):
            if key != KIND:
                place = self.validator.document.place_of(("defaults", key))
                reason = f"an endpoint has sessions of one kind only: [defaults.{KIND}]"
                self.validator.diagnostics.add(place, reason)
        return self.validator.table(AnsweringTable, ("defaults", KIND))


class WatchedBehaviour:
    """Reads the file again when it, or one that it names, has changed.

    What is broken is logged, once, and changes nothing: the behaviour stays as it was.

    Args:
        path: the file.

    Raises:
        ScenarioError: it is wrong from the beginning.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._current = load_behaviour(path)
        self._stamps = self._read_stamps()

    def current(self) -> Behaviour:
        """The behaviour of a session that begins now."""
        stamps = self._read_stamps()
        if stamps != self._stamps:
            self._stamps = stamps
            self._reload()
        return self._current

    def _reload(self) -> None:
        try:
            changed = load_behaviour(self._path)
        except ScenarioError as error:
            for fault in error.faults:
                _log.error("the configuration stays as it was, for the file is wrong: %s", fault)
            return
        _log.info("the configuration has changed: new sessions are answered by it")
        for warning in changed.warnings:
            _log.warning("in the configuration: %s", warning)
        if changed.speech != self._current.speech:
            _log.warning("other speech engines are loaded with the next start of the endpoint")
        self._current = changed
        self._stamps = self._read_stamps()

    def _read_stamps(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp_of(file) for file in (self._path, *self._current.source_files))


def _stamp_of(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return (str(file), 0, 0, 0)
    return (str(file), status.st_ino, status.st_mtime_ns, status.st_size)
