"""The row of a run: what its folder says, in the terms of the ledger."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from soundstage.cache import machine
from soundstage.expectations import UNANSWERED
from soundstage.ledger import ExpectationRow, MachineFacts, Pool, Row, RowOwner
from soundstage.messages import events
from soundstage.results import History, metric_samples, read_result, turns_of
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.ledger import Unit
    from soundstage.messages import Outcome, Verdict
    from soundstage.results import RunFolder
    from soundstage.run import Played
    from soundstage.scenario import Scenario


def row_of(unit: Unit, scenario: Scenario, played: Played, wall: float) -> Row:
    """The row of a run that was made.

    Args:
        unit: what was run.
        scenario: the same, as its seed has drawn it.
        played: the run.
        wall: seconds that it took.

    Raises:
        RunFolderError: its folder cannot be read.
    """
    history = played.history or History.read(played.folder.events)
    result = read_result(played.folder, history)
    return replace(
        row_without_run(unit, played.outcome),
        deterministic=result.deterministic,
        duration=round(seconds_of(history.end), 6),
        turns=turns_of(history),
        drawn=dict(scenario.drawing.drawn),
        fingerprint=_fingerprint(history, played.folder),
        expectations=tuple(map(_expectation_row, played.verdicts)),
        pools=_pools(scenario, history, played.verdicts),
        machine=machine_facts(wall, result.versions),
    )


def row_without_run(unit: Unit, outcome: Outcome, wall: float = 0.0) -> Row:
    """The row of a run that could not be made, or of which nothing is left."""
    return Row(
        batch=unit.batch,
        cell=unit.cell,
        seed=unit.seed,
        outcome=outcome.kind,
        reason=outcome.reason,
        owner=_owner(outcome),
        exit_code=outcome.exit_code,
        explanation=outcome.explanation,
        machine=machine_facts(wall, {}),
    )


def machine_facts(wall: float, versions: Mapping[str, str]) -> MachineFacts:
    """What is said of this machine."""
    return MachineFacts(wall=round(wall, 3), processor=machine(), versions=dict(versions))


def _owner(outcome: Outcome) -> RowOwner:
    return "" if outcome.cause is None else outcome.cause.owner.value


def _expectation_row(verdict: Verdict) -> ExpectationRow:
    is_told = verdict.status not in {"passed", "skipped"}
    return ExpectationRow(
        id=verdict.id,
        status=verdict.status,
        need=verdict.need,
        kind=verdict.kind,
        owner=verdict.owner,
        sentence=verdict.sentence if is_told else "",
        agent=verdict.agent,
        pts=verdict.pts,
        turn=verdict.turn,
        measured=verdict.measured,
    )


def _pools(scenario: Scenario, history: History, verdicts: tuple[Verdict, ...]) -> dict[str, Pool]:
    """What the run adds to each expectation that many runs decide."""
    pools: dict[str, Pool] = {}
    for expected in scenario.demands.expected:
        values: list[float] = []
        missing = 0
        for each in expected.instances:
            if each.over == "batch" and each.metric is not None:
                values += metric_samples(history, each.agent, each.metric)
                if each.metric.startswith("response_gap"):
                    missing += sum(_never_answered(verdict, each.agent) for verdict in verdicts)
        if any(each.over == "batch" for each in expected.instances):
            pools[expected.id] = Pool(values=tuple(values), missing=missing)
    return pools


def _never_answered(verdict: Verdict, agent: str | None) -> bool:
    return (
        verdict.id == UNANSWERED and verdict.status == "failed" and agent in {None, verdict.agent}
    )


def _fingerprint(history: History, folder: RunFolder) -> str:
    """What was played and called, and when, without what each seed names in its own way."""
    digest = hashlib.sha256()
    for path in sorted(folder.sounds.glob("*.wav")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for event in history.events:
        shown: tuple[object, ...]
        match event:
            case events.Turn():
                shown = (event.agent, event.start, event.end, event.generated, event.said)
            case events.ToolCalled():
                shown = (event.agent, event.pts, event.tool, event.arguments)
            case events.ToolReturned():
                shown = (event.agent, event.pts, event.tool, event.output, event.error)
            case events.RunEnded():
                shown = (event.pts, event.outcome, event.reason)
            case _:
                continue
        digest.update(msgspec.json.encode(shown))
    return digest.hexdigest()
