"""How an endpoint behaves, from a file in the words of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, JsonValue, StrictInt

from soundstage.config import Diagnostics, Validator, check_numbers, read_document
from soundstage.config.values import Table, ValidationContext
from soundstage.endpoint import LocalSettings
from soundstage.scenario._cast import lay_defaults
from soundstage.scenario._checks import check_engines, check_variables
from soundstage.scenario._kinds import DEFAULT_KIND
from soundstage.scenario._tables import SpeechTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
        include: files with definitions that this one is laid over.
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
        default: how a session is answered that names nobody.
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

    def answering(self, names: tuple[str, ...]) -> AnsweringTable:
        """How a session is answered, by the first of these names that an agent has."""
        return next((self.agents[name] for name in names if name in self.agents), self.default)


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
    lay_defaults(document)
    check_variables(document, diagnostics)
    # The tools of a session are its client's, so no rule can name a wrong one.
    document.note_folders()
    return _Reader(Validator(document, diagnostics, ValidationContext(), BehaviourFile)).read()


@dataclass
class _Reader:
    validator: Validator

    def read(self) -> Behaviour:
        validator = self.validator
        validator.check_root()
        head = validator.table(HeadTable, ("scenario",))
        speech = validator.table(SpeechTable, ("speech",))
        default = self._default()
        agents = {
            name: validator.table(AnsweringTable, ("agents", name))
            for name in validator.named_tables("agents")
        }
        if speech is not None:
            check_engines(speech, validator.document, validator.diagnostics)
        validator.diagnostics.raise_if_any()
        found: dict[str, Any] = {"speech": speech, "default": default}
        return replace(
            Behaviour(),
            **found,
            agents={name: table for name, table in agents.items() if table is not None},
            seed=head.seed if head else None,
            warnings=tuple(str(warning) for warning in validator.diagnostics.warned),
            source_files=tuple(
                dict.fromkeys((*validator.document.files, *validator.context.files))
            ),
        )

    def _default(self) -> AnsweringTable | None:
        for key in self.validator.document.table("defaults"):
            if key != DEFAULT_KIND:
                place = self.validator.document.place_of(("defaults", key))
                reason = f"an endpoint has sessions of one kind only: [defaults.{DEFAULT_KIND}]"
                self.validator.diagnostics.add(place, reason)
        return self.validator.table(AnsweringTable, ("defaults", DEFAULT_KIND))
