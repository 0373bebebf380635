"""From a scenario's file to a scenario."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundstage.audio.effects import PRESETS
from soundstage.config import (
    INLINE,
    Diagnostics,
    Place,
    SeedPick,
    Validator,
    Variation,
    apply_sets,
    check_numbers,
    check_variables,
    faults_of_all,
    read_document,
    read_matrix,
)
from soundstage.config.values import ValidationContext, is_list, is_table, suggestion
from soundstage.endpoint import SpeechTable, check_engines
from soundstage.errors import ScenarioError
from soundstage.expectations import (
    Cast,
    Demands,
    Stage,
    declared_expectations,
    declared_judge,
)
from soundstage.json_text import valid_text
from soundstage.scenario.agent_declarations import Casting, lay_defaults
from soundstage.scenario.checks import (
    check_chats,
    check_clock,
    check_counts,
    check_events,
    check_expectations,
    check_joins,
    check_judge,
    check_lines,
    check_rules,
    check_slots,
    check_words,
    checked_servers,
    may_hold_variables,
    tools_of,
)
from soundstage.scenario.cues import prepare_cues
from soundstage.scenario.effect_declarations import declared_effects
from soundstage.scenario.floor_plans import check_live_callers, plan_floors, spread_thinking
from soundstage.scenario.model import Drawing, Scenario, tested
from soundstage.scenario.providers import (
    BUILT_IN_PROVIDERS,
    OPENAI,
    Expansion,
    Provider,
    built_in,
)
from soundstage.scenario.room_tables import Room
from soundstage.scenario.shipped_scenarios import find_scenario
from soundstage.scenario.tables import (
    End,
    Link,
    OpenAiTable,
    ProviderTable,
    Record,
    Root,
    ScenarioTable,
    VerdictTable,
)
from soundstage.scenario.tool_declarations import Toolmaker
from soundstage.tools import GIVE_FLOOR
from soundstage.units import WALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from soundstage.config import Document, KeyPath, Pick
    from soundstage.config.values import Moment
    from soundstage.expectations import Expected, JudgeSettings
    from soundstage.scenario.cues import Cue, ReadyCue
    from soundstage.scenario.floor_plans import FloorPlan
    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.model import EffectDeclaration, Tool


def load_scenario(
    path_or_name: str | Path = INLINE,
    *,
    toml: str | None = None,
    sets: Sequence[str] = (),
    provider: str | None = None,
    seed: int | None = None,
    clock: str = WALL,
    strict: bool = False,
) -> Scenario:
    """Read a scenario and find everything that it names.

    Args:
        path_or_name: its file, or the name of a shipped scenario.
        toml: the scenario itself, where it is in no file.
        sets: `PATH=VALUE` each, values that are changed for this run.
        provider: the service for agents that name none; `local` where it is None.
        seed: takes the place of the scenario's own.
        clock: what it is to be played on, `wall` or `virtual`.
        strict: whether a voice that the service does not have is refused, as it does; else there
            is a warning.

    Raises:
        ScenarioError: the scenario is wrong, or cannot be played on that clock; every fault at
            once, with file, line and key path.
        KeyMissing: it is right, but a provider needs an environment variable that is not set.
    """
    path = Path.cwd() / path_or_name if toml is not None else find_scenario(path_or_name)
    diagnostics = Diagnostics()
    document = read_document(path, diagnostics, text=toml)
    diagnostics.raise_if_any()
    apply_sets(document, sets, diagnostics)
    check_counts(document, diagnostics)
    # At once: all other checks look at everything, and at some things in pairs.
    diagnostics.raise_if_any()
    check_numbers(document, diagnostics)
    lay_defaults(document)
    check_variables(document, diagnostics, may_hold_variables)
    document.note_folders()
    given = document.value(("scenario", "seed")) if seed is None else seed
    source = _Source(document, diagnostics, path, provider, clock, strict)
    return source.checked(given if isinstance(given, int) else 0)


@dataclass(frozen=True)
class _Source:
    """A file that has been read, from which each seed makes a scenario.

    Attributes:
        document: the tables as they are written.
        diagnostics: what is wrong with them before anything is drawn.
        path: the file.
        provider: the service for agents that name none.
        clock: what it is to be played on.
        strict: whether a voice that the service does not have is refused.
    """

    document: Document
    diagnostics: Diagnostics
    path: Path
    provider: str | None
    clock: str
    strict: bool

    def checked(self, seed: int) -> Scenario:
        """The scenario of a seed, when all that another seed could draw is right, too.

        Raises:
            ScenarioError: something is wrong.
            KeyMissing: an environment variable is not set.
        """
        loader = self._loader(SeedPick(seed), seed)
        scenario, faults = _loaded(loader)

        def attempt(pick: Pick) -> tuple[Variation, list[str]]:
            other = self._loader(pick, seed)
            return other.variation, _loaded(other)[1]

        faults += faults_of_all(loader.variation, attempt)
        if faults or scenario is None:
            raise ScenarioError(list(dict.fromkeys(faults)))
        return scenario

    def scenario(self, seed: int) -> Scenario:
        """The scenario of another seed, once the file has been checked.

        Raises:
            ScenarioError: a file that it names has changed, and is wrong now.
        """
        return self._loader(SeedPick(seed), seed).load()

    def _loader(self, pick: Pick, seed: int) -> _Loader:
        diagnostics = self.diagnostics.copy()

        def report(path: KeyPath, reason: str) -> None:
            diagnostics.add(self.document.place_of(path), reason)

        variation = Variation(pick, report)
        # Defaults are laid under the agents, where each draws its own.
        tree = variation.choose(self.document.tree, without="defaults")
        document = replace(self.document, tree=tree)
        validator = Validator(document, diagnostics, _context(document), Root, variation)
        return _Loader(validator, self, seed)


def _loaded(loader: _Loader) -> tuple[Scenario | None, list[str]]:
    """A scenario, or what is wrong with it."""
    try:
        return loader.load(), []
    except ScenarioError as error:
        return None, list(error.faults)


def _context(document: Document) -> ValidationContext:
    """What the values of a document are validated with: the names that it declares."""
    names = {key: list(document.table(key)) for key in ("agents", "tools")}
    if document.table("rooms"):
        names["tools"] = [*names["tools"], GIVE_FLOOR]
    if not _offers_more_tools(document):
        names["called"] = names["tools"]
    names["cues"] = _cue_ids(document)
    names["effects"] = [*PRESETS, *document.table("effects")]
    names["servers"] = list(document.table("servers"))
    names["providers"] = [*BUILT_IN_PROVIDERS, *document.table("providers")]
    return ValidationContext(names)


def _cue_ids(document: Document) -> list[str]:
    cues = document.tree.get("cues")
    tables = [cue for cue in cues if is_table(cue)] if is_list(cues) else []
    return [each for cue in tables if isinstance(each := cue.get("id"), str)]


_TOOLLESS: Final = frozenset(
    {"realtime", "scripted", "device", "file", "browser", "bot", "payments"}
)
"""Kinds whose models have no tools of their own; any other one may have methods that are."""


def _offers_more_tools(document: Document) -> bool:
    """Whether there may be tools that no table names: a server's, or methods of an agent."""
    tables = [*document.table("tools").values(), *document.table("agents").values()]
    # What is wrong with a kind that is no text is told where the tables are read.
    return any(
        is_table(table) and ("mcp" in table or str(table.get("kind", "realtime")) not in _TOOLLESS)
        for table in tables
    )


@dataclass
class _Loader:
    validator: Validator
    source: _Source
    seed: int

    @property
    def variation(self) -> Variation:
        """What varies in the file, as far as it has been read."""
        return self.validator.variation

    @property
    def _document(self) -> Document:
        return self.validator.document

    @property
    def _diagnostics(self) -> Diagnostics:
        return self.validator.diagnostics

    def load(self) -> Scenario:
        validator = self.validator
        validator.check_root()
        head, speech = self._first_tables()
        agents = Casting(validator, self.source.provider, self.source.strict).cast()
        servers = checked_servers(agents, os.environ, validator)
        links, rooms = validator.listed_tables("links", Link), self._rooms()
        agents = spread_thinking(agents, rooms)
        floors, cues = plan_floors(rooms, agents, validator), prepare_cues(agents, rooms, validator)
        effects, tools = self._effects(agents), Toolmaker(validator, agents, os.environ).tools()
        end, record = self._end(), validator.table(Record, ("record",))
        joins: dict[KeyPath, Link | Room] = {**dict(links), **rooms}
        self._check(agents, joins, tools, speech, _moments(end, cues), _placed(cues))
        demands = self._demands(head, end, _cast(head, agents, floors), joins, agents, tools)
        providers, verdict, matrix = self._providers(agents), self._verdict(), self._matrix()
        self._diagnostics.raise_if_any()
        if head is None or speech is None or end is None or record is None:
            raise AssertionError("a table that is wrong has been noted as a fault")
        return Scenario(
            file=self.source.path,
            scenario=self._head(head),
            providers=providers,
            speech=speech,
            agents=agents,
            links=tuple(link for _, link in links),
            rooms={str(path[1]): room for path, room in rooms.items()},
            effects=effects,
            tools=tools,
            end=end,
            record=record,
            warnings=tuple(str(warning) for warning in self._diagnostics.warned),
            source_files=self._files(),
            clock=self.source.clock,
            floors=floors,
            cues=cues,
            drawing=self._drawing(),
            demands=demands,
            verdict=verdict,
            matrix=matrix,
            servers=servers,
        )

    def _demands(
        self,
        head: ScenarioTable | None,
        end: End | None,
        cast: Cast,
        joins: Mapping[KeyPath, Link | Room],
        agents: Mapping[str, AgentDeclaration],
        tools: Mapping[str, Tool],
    ) -> Demands:
        """What is expected, with what a judge must know of the agents before they run."""
        expected = declared_expectations(self.validator)
        edges = [edge for join in joins.values() for edge in join.edges]
        stage = Stage(
            cast=cast,
            hears={name: tuple(a for a, b in edges if b == name) for name in agents},
            recognizers=frozenset(name for name, each in agents.items() if each.recognizes),
            tools=tools_of(agents, tools, _moderators(joins)),
            longest=End.model_fields["max"].default if end is None else end.max,
        )
        check_expectations(expected, stage, self.validator)
        moments = {
            (*path, key): moment
            for path, each in expected.items()
            for key, moment in each.instances[0].written_moments
        }
        check_events(moments, agents, self.validator)
        return Demands(
            expected=tuple(expected.values()),
            cast=cast,
            expects_answers=head is not None and head.expect_answers,
            judge=self._judge(expected),
        )

    def _judge(self, expected: Mapping[KeyPath, Expected]) -> JudgeSettings | None:
        """The language model that judges, its key there, and doubts about what rests on it."""
        judged_by = declared_judge(self.validator)
        if judged_by is not None:
            check_judge(judged_by, expected.items(), os.environ, self.validator)
        return judged_by

    def _first_tables(self) -> tuple[ScenarioTable | None, SpeechTable | None]:
        return (
            self.validator.table(ScenarioTable, ("scenario",)),
            self.validator.table(SpeechTable, ("speech",)),
        )

    def _files(self) -> tuple[Path, ...]:
        """Every file that was read, the scenario's own first."""
        return tuple(dict.fromkeys((*self._document.files, *self.validator.context.files)))

    def _verdict(self) -> VerdictTable | None:
        if "verdict" not in self._document.tree:
            return None
        return self.validator.table(VerdictTable, ("verdict",))

    def _matrix(self) -> Mapping[str, tuple[JsonValue, ...]]:
        written = self._document.tree.get("matrix", {})
        return read_matrix(written, self._document, self._diagnostics)

    def _effects(self, agents: Mapping[str, AgentDeclaration]) -> dict[str, EffectDeclaration]:
        effects = declared_effects(self.validator)
        check_lines(agents, effects, self.validator)
        return effects

    def _end(self) -> End | None:
        if "end" in self._document.tree:
            return self.validator.table(End, ("end",))
        reason = "nothing says when the run ends: [end] with turns, silence, when or max"
        self._diagnostics.add(self._document.top, reason)
        return None

    def _rooms(self) -> dict[KeyPath, Room]:
        tables: dict[KeyPath, Room] = {}
        for name in self.validator.named_tables("rooms"):
            room = self.validator.table(Room, ("rooms", name))
            if room is not None:
                tables["rooms", name] = room
        return tables

    def _drawing(self) -> Drawing:
        variation = self.variation
        return Drawing(
            varies=variation.described(),
            drawn=variation.written(),
            other_seed=self.source.scenario,
            undrawn=self.source.document.tree,
        )

    def _check(
        self,
        agents: Mapping[str, AgentDeclaration],
        joins: Mapping[KeyPath, Link | Room],
        tools: Mapping[str, Tool],
        speech: SpeechTable | None,
        moments: Mapping[KeyPath, Moment],
        cues: Mapping[KeyPath, Cue],
    ) -> None:
        if not self._document.tree.get("agents"):
            reason = "there are no agents: a scenario needs at least two [agents.NAME]"
            self._diagnostics.add(self._document.top, reason)
        check_joins(joins, self._document, self._diagnostics)
        check_rules(agents, tools, _moderators(joins), self.validator)
        check_chats(agents, os.environ, self._document, self._diagnostics)
        check_clock(self.source.clock, agents, self._document, self._diagnostics)
        if speech is not None:
            check_engines(speech, self._document, self._diagnostics)
        check_words(moments, joins.values(), agents, self.validator)
        check_events(moments, agents, self.validator)
        check_slots(agents, tools, cues, self.validator)

    def _providers(self, agents: Mapping[str, AgentDeclaration]) -> dict[str, Provider]:
        """The providers that agents call, their secrets in place."""
        tables = {name: built_in(name) for name in BUILT_IN_PROVIDERS}
        for name in self.validator.named_tables("providers"):
            if name == OPENAI:
                changed = self.validator.table(OpenAiTable, ("providers", name))
                tables[name] = built_in(name, changed)
                continue
            if name in BUILT_IN_PROVIDERS:
                reason = "is built in: give a provider of your own another name"
                self._diagnostics.add(self._document.place_of(("providers", name)), reason)
                continue
            tables[name] = self.validator.table(ProviderTable, ("providers", name))
        provider = self.source.provider
        if provider is not None and provider not in tables:
            reason = f"there is no such provider; {suggestion(provider, tables.keys())}"
            self._diagnostics.add(Place(f"--provider {provider}", Path.cwd()), reason)
        expansion = Expansion(self._document, os.environ, self._diagnostics)
        found: dict[str, Provider] = {}
        for name, table in tables.items():
            users = [agent.name for agent in agents.values() if agent.provider == name]
            expanded = expansion.provider(name, table, users) if table and users else None
            if expanded is not None:
                check_live_callers(expanded, agents, self.validator)
                found[name] = expanded
        return found

    def _head(self, head: ScenarioTable) -> ScenarioTable:
        name = head.name or valid_text(self.source.path.stem)
        return head.model_copy(update={"name": name, "seed": self.seed})


def _placed(cues: Sequence[ReadyCue]) -> dict[KeyPath, Cue]:
    return {("cues", index): cue.table for index, cue in enumerate(cues)}


def _cast(
    head: ScenarioTable | None,
    agents: Mapping[str, AgentDeclaration],
    floors: Mapping[str, FloorPlan],
) -> Cast:
    """What a judge must know of the agents before they run."""
    declared = agents.items()
    return Cast(
        under_test=tested(None if head is None else head.under_test, agents),
        speakers=frozenset(name for name, each in declared if each.agent_class.can_speak()),
        answerers=frozenset(name for name, each in declared if each.answers),
        openers=frozenset(name for name, each in declared if each.opens),
        floored=frozenset(name for plan in floors.values() for name in plan.members),
    )


def _moderators(joins: Mapping[KeyPath, Link | Room]) -> set[str]:
    rooms = [join for join in joins.values() if isinstance(join, Room)]
    return {room.floor.moderator for room in rooms if room.floor.moderator}


def _moments(end: End | None, cues: Sequence[ReadyCue]) -> dict[KeyPath, Moment]:
    """The moments that are waited for, each where it is written."""
    ends = enumerate(end.when if end is not None else ())
    moments: dict[KeyPath, Moment] = {("end", "when", at): moment for at, moment in ends}
    return moments | {("cues", at, "after"): cue.table.after for at, cue in enumerate(cues)}
