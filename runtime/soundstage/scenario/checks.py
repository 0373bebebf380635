"""What can only be seen when the tables of a scenario are put together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from soundstage.agent import Emits, UsesServer
from soundstage.config.values import BUILT_IN_EVENTS, is_list, is_table, slots_in, suggestion
from soundstage.endpoint import is_chat_key
from soundstage.errors import UsageError
from soundstage.expectations import doubts
from soundstage.messages.events import Event
from soundstage.scenario.providers import LOCAL
from soundstage.servers import declared_servers
from soundstage.tools import GIVE_FLOOR, methods_of
from soundstage.units import VIRTUAL

_EMITTING: Final[Mapping[str, frozenset[str]]] = {
    "browser": frozenset({"visitor_joined", "visitor_left"}),
    "persona": frozenset({"revealed", "satisfied", "gave_up"}),
}
"""Shipped kinds of agents that emit something by themselves, and what."""

_OF_THE_LOG: Final = frozenset(str(each.__struct_config__.tag) for each in Event.__subclasses__())
"""What the log's own events are called: no agent emits one by such a name."""

MOST: Final = {"agents": 500, "rooms": 500, "links": 10_000, "cues": 10_000, "expect": 10_000}
"""How many tables of each kind a scenario has at most: agents are checked in pairs, so that 500 in
one room take five seconds and 110 MB, and 10,000 would take gigabytes."""

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from soundstage.config import Diagnostics, Document, KeyPath, Validator
    from soundstage.config.values import Moment
    from soundstage.expectations import Expected, JudgeSettings, Stage
    from soundstage.scenario.cues import Cue
    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.model import EffectDeclaration, Tool
    from soundstage.scenario.room_tables import Edge, Room
    from soundstage.scenario.tables import Link
    from soundstage.servers import ServerProgram


def check_counts(document: Document, diagnostics: Diagnostics) -> None:
    """Note each kind of table of which there are too many to be looked at."""
    for name, most in MOST.items():
        tables = document.value((name,))
        count = len(tables) if is_table(tables) or is_list(tables) else 0
        if count > most:
            reason = f"there are {count:,}, and a scenario has at most {most:,}: play several"
            diagnostics.add(document.place_of((name,)), reason)


def check_joins(
    joins: Mapping[KeyPath, Link | Room], document: Document, diagnostics: Diagnostics
) -> None:
    """Note pairs that are joined twice, agents that are joined to no other, and a lack of edges."""
    first: dict[Edge, KeyPath] = {}
    for path, join in joins.items():
        for edge in join.edges:
            if edge in first:
                before = document.place_of(first[edge])
                what = "link" if first[edge][0] == "links" else "room"
                reason = f"{edge[1]} hears {edge[0]} already, by the {what} at {before}"
                diagnostics.add(document.place_of(path), reason)
                break
        first |= {edge: path for edge in join.edges if edge not in first}
    if not document.tree.get("links") and not document.tree.get("rooms"):
        reason = (
            "no agent hears another one: a scenario needs at least one [[links]] or [rooms.NAME]"
        )
        diagnostics.add(document.top, reason)
        return
    joined = {name for edge in first for name in edge}
    # A list: what is written there may be anything, and need not be hashable.
    serving = [table.get("agent") for table in document.table("tools").values() if is_table(table)]
    for name in document.table("agents"):
        if name not in joined and name not in serving:
            diagnostics.warn(
                document.place_of(("agents", name)),
                "hears no other agent, and no other agent hears it",
            )


def check_rules(
    agents: Mapping[str, AgentDeclaration],
    tools: Mapping[str, Tool],
    moderators: Collection[str],
    validator: Validator,
) -> None:
    """Note rules that call, or wait for, a tool that their agent does not have."""
    for name, agent in agents.items():
        if agent.local is None or _may_have_any(agent, tools):
            continue
        if GIVE_FLOOR in agent.tools:
            reason = f"{GIVE_FLOOR} is every moderator's by itself: leave it out"
            validator.diagnostics.add(
                validator.document.place_of(("agents", name, "tools")), reason
            )
        given = (GIVE_FLOOR,) if name in moderators else ()
        known = (*agent.tools, *methods_of(agent.agent_class), *given)
        for index, rule in enumerate(agent.local.rules):
            for tool in filter(None, (rule.tool, *(call.tool for call in rule.call))):
                if tool not in known:
                    path = ("agents", name, "local", "rules", index)
                    hint = suggestion(tool, known, none="it has none")
                    reason = f'the agent has no tool "{tool}" in its tools; {hint}'
                    validator.diagnostics.add(validator.document.place_of(path), reason)


def check_lines(
    agents: Mapping[str, AgentDeclaration],
    effects: Mapping[str, EffectDeclaration],
    validator: Validator,
) -> None:
    """Note effects that belong to the line on which an agent sends, on one on which it hears."""
    for name, agent in agents.items():
        for index, effect in enumerate(agent.line.hears):
            if effect in effects and effects[effect].effect_class.hears_back:
                place = validator.document.place_of(("agents", name, "line", "hears", index))
                reason = f"{effect} brings back what {name} hears in what it sends: use line.sends"
                validator.diagnostics.add(place, reason)


def check_slots(
    agents: Mapping[str, AgentDeclaration],
    tools: Mapping[str, Tool],
    cues: Mapping[KeyPath, Cue],
    validator: Validator,
) -> None:
    """Warn about slots that are certain to get no value: their names would be said instead."""

    def warn(path: KeyPath, slot: str, why: str) -> None:
        reason = f'nothing binds "{{{slot}}}", so "{slot}" itself is said: {why}'
        validator.diagnostics.warn(validator.document.place_of(path), reason)

    for name, agent in agents.items():
        for path, line in agent.placed_lines:
            for slot in slots_in(line):
                warn(("agents", name, *path), slot, "a line has no slots")
        for index, rule in enumerate(agent.local.rules if agent.local is not None else ()):
            bound = agent.local.bound if agent.local is not None else frozenset[str]()
            for slot in _unbound(rule.slots, bound, tools.get(rule.tool or ""), failed=rule.failed):
                why = f"no phrase has it, and no mock of {rule.tool} returns it"
                warn(("agents", name, "local", "rules", index), slot, why)
    for path, cue in cues.items():
        for slot in _unbound(cue.slots, frozenset(), tools.get(cue.after.tool or ""), failed=False):
            warn((*path, "say"), slot, f"no mock of {cue.after.tool} returns it")


def _unbound(
    slots: Iterable[str], bound: frozenset[str], tool: Tool | None, *, failed: bool
) -> list[str]:
    """The slots that are in no phrase, nor in any result of the tool, if all are known."""
    fields = _fields_of(tool, failed=failed)
    return [] if fields is None else [slot for slot in slots if slot not in bound | fields]


def _fields_of(tool: Tool | None, *, failed: bool) -> frozenset[str] | None:
    """The fields of all results that a tool can have; None where they are not known."""
    if tool is None or tool.function is not None:
        return None
    settings = tool.settings
    if settings.agent is not None or settings.mcp is not None or not settings.mock:
        return None
    if failed:
        return frozenset({"error"})
    returned = [mock.returns for mock in settings.mock if mock.error is None]
    return frozenset(
        field for each in returned for field in (each if is_table(each) else {"result": each})
    )


def _may_have_any(agent: AgentDeclaration, tools: Mapping[str, Tool]) -> bool:
    """Whether some of its tools are a server's, whose names are only known when it runs."""
    return any(tools[name].settings.mcp for name in agent.tools if name in tools)


def check_words(
    moments: Mapping[KeyPath, Moment],
    joins: Iterable[Link | Room],
    agents: Mapping[str, AgentDeclaration],
    validator: Validator,
) -> None:
    """Warn about words that are waited for where no agent recognises them."""
    edges = [edge for join in joins for edge in join.edges]
    read = {
        speaker
        for speaker, listener in edges
        if listener in agents and agents[listener].recognizes and speaker in agents
    }
    for path, moment in moments.items():
        named = moment.agent is not None
        if moment.said is None or (moment.agent in read if named else read):
            continue
        who = f"no agent that hears {moment.agent}" if named else "no agent that hears another"
        reason = f"{who} recognises speech: these words will never be noticed"
        validator.diagnostics.warn(validator.document.place_of((*path, "said")), reason)


def check_events(
    moments: Mapping[KeyPath, Moment], agents: Mapping[str, AgentDeclaration], validator: Validator
) -> None:
    """Note events that no run has and that no agent of the file can emit."""
    for path, moment in moments.items():
        place = validator.document.place_of((*path, "event"))
        named = agents.values() if moment.agent is None else _named(moment.agent, agents)
        if not moment.is_emitted:
            kinds = {each.kind for each in named if moment.event in each.agent_class.without_events}
            if moment.agent is not None and kinds:
                reason = (
                    f'an agent of the kind "{kinds.pop()}" never has the event '
                    f'"{moment.event}": only its sound is known. Its "turn" comes when its words '
                    "are known, and silence = … when it is quiet"
                )
                validator.diagnostics.add(place, reason)
            continue
        if any(_may_emit(each, moment.event) for each in named):
            continue
        known = ", ".join(BUILT_IN_EVENTS)
        reason = (
            f'there is no event "{moment.event}", and no agent of your own that could emit it; '
            f"the events of every run are {known}"
        )
        validator.diagnostics.add(place, reason)


def _named(name: str, agents: Mapping[str, AgentDeclaration]) -> list[AgentDeclaration]:
    return [agents[name]] if name in agents else []


def check_expectations(
    expected: Mapping[KeyPath, Expected], stage: Stage, validator: Validator
) -> None:
    """Warn about expectations that no run fails, or that none can judge; load what they ask."""
    for path, each in expected.items():
        for key, reason in doubts(each, stage):
            validator.diagnostics.warn(validator.document.place_of((*path, key)), reason)
        for state in {one.state for one in each.instances if one.state is not None}:
            try:
                state.load()
            except UsageError as error:
                place = validator.document.place_of((*path, "state"))
                validator.diagnostics.add(place, str(error))


def tools_of(
    agents: Mapping[str, AgentDeclaration], tools: Mapping[str, Tool], moderators: Collection[str]
) -> dict[str, frozenset[str] | None]:
    """Agent to the tools that it may call; None where that is only known when it runs."""
    return {
        name: None
        if _may_have_any(agent, tools) or _may_have_tools_of_its_own(agent)
        else frozenset(
            (
                *agent.tools,
                *methods_of(agent.agent_class),
                *((GIVE_FLOOR,) if name in moderators else ()),
            )
        )
        for name, agent in agents.items()
    }


def _may_have_tools_of_its_own(agent: AgentDeclaration) -> bool:
    # What a bot of the user's own calls, it calls behind its transport.
    return not isinstance(agent.settings, Emits) and _may_emit(agent, None)


def _may_emit(agent: AgentDeclaration, event: str | None) -> bool:
    """Whether an agent may emit this event; None stands for any event."""
    if agent.agent_class.__module__.partition(".")[0] not in {"soundstage", "soundstage_agents"}:
        return True
    if isinstance(agent.settings, Emits):
        names = agent.settings.emits()
        return event is None or (event not in _OF_THE_LOG if names is None else event in names)
    if agent.kind not in _EMITTING:
        return False
    return event is None or event in _EMITTING[agent.kind]


def check_chats(
    agents: Mapping[str, AgentDeclaration],
    environment: Mapping[str, str],
    document: Document,
    diagnostics: Diagnostics,
) -> None:
    """See that the keys of language models are there, where the local endpoint asks them."""
    for name, agent in agents.items():
        found = agent.chat
        if found is None or agent.provider not in {LOCAL, None}:
            continue
        path, chat = found
        for variable in chat.variables:
            if not environment.get(variable, "").strip():
                place = document.place_of(("agents", name, *path))
                diagnostics.unset.append(
                    f"{place}: the chat of {name} needs the environment variable {variable}, "
                    "which is not set"
                )


def check_judge(
    judged_by: JudgeSettings,
    expected: Iterable[tuple[KeyPath, Expected]],
    environment: Mapping[str, str],
    validator: Validator,
) -> None:
    """See that a judge's key is there, and warn where a run rests on one that nothing vouches for.

    Args:
        judged_by: the language model that judges.
        expected: the expectations, each with where it is written.
        environment: where its key's variables are looked for.
        validator: of the file.
    """
    document, diagnostics = validator.document, validator.diagnostics
    judged = [(path, one) for path, each in expected for one in each.instances if one.judge]
    if not judged:
        diagnostics.warn(document.place_of(("judge",)), "no [[expect]] asks this judge")
        return
    for variable in judged_by.variables:
        if not environment.get(variable, "").strip():
            diagnostics.unset.append(
                f"{document.place_of(('judge',))}: the judge needs the environment variable "
                f"{variable}, which is not set"
            )
    for path, one in judged:
        worth = judged_by.worth_of(one.judge or "")
        if one.need == "required" and (worth is None or not worth.confusion.is_useful):
            how = "is not calibrated for this statement" if worth is None else worth.summary
            reason = f"the run fails by a judge that {how}: see soundstage calibrate"
            diagnostics.warn(document.place_of((*path, "need")), reason)


def may_hold_variables(path: KeyPath) -> bool:
    """Whether variables of the environment are replaced in the text of a key."""
    is_of_program = path[2:4] == ("mcp", "env") or (path[0], *path[2:3]) == ("servers", "env")
    return path[0] == "providers" or is_of_program or is_chat_key(path)


def check_clock(
    clock: str, agents: Mapping[str, AgentDeclaration], document: Document, diagnostics: Diagnostics
) -> None:
    """Note every agent that cannot keep the clock, with the reason."""
    for name, agent in agents.items():
        known = agent.agent_class.clocks
        if clock not in known:
            reason = (
                f'agents of the kind "{agent.kind}" keep the {" and the ".join(sorted(known))} '
                f"clock only: it cannot be played with --clock {clock}"
            )
            diagnostics.add(document.place_of(("agents", name, "kind")), reason)
        elif clock == VIRTUAL and agent.provider not in {None, LOCAL}:
            reason = (
                f'the provider "{agent.provider}" answers in its own time: on the virtual clock '
                f'there is only "{LOCAL}"'
            )
            diagnostics.add(document.place_of(("agents", name, "provider")), reason)


def checked_servers(
    agents: Mapping[str, AgentDeclaration], environment: Mapping[str, str], validator: Validator
) -> dict[str, ServerProgram]:
    """The programs of a file; every agent that the program it names cannot serve is noted.

    Args:
        agents: of the file.
        environment: the variables for the programs.
        validator: of the file.
    """
    servers = declared_servers(validator, environment)
    served = {name: a.settings for name, a in agents.items() if isinstance(a.settings, UsesServer)}
    users = Counter(settings.server for settings in served.values())
    for name, settings in served.items():
        program = servers.get(settings.server or "")
        if settings.server is not None and program is None:
            continue  # its table is wrong, or not there, which is told
        reason = settings.server_fault(program)
        if not reason and program is not None and program.ready.dials_in:
            count = users[settings.server]
            reason = "" if count == 1 else f"{count} agents use it, and it dials in for one call"
        if reason:
            path = ("agents", name, "server")
            where = path if settings.server is not None else path[:2]
            validator.diagnostics.add(validator.document.place_of(where), reason)
    return servers
