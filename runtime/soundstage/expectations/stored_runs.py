"""Judging runs again from their folders, by what was expected of them or by another file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.config import (
    Diagnostics,
    SeedPick,
    Validator,
    Variation,
    check_numbers,
    read_document,
)
from soundstage.config.values import Table, ValidationContext, is_list, is_table
from soundstage.errors import RunFolderError, ScenarioError, error_text
from soundstage.expectations.declared.declaring import declared_expectations, declared_judge
from soundstage.expectations.declared.demands import Cast, Demands
from soundstage.expectations.declared.expectation_tables import Expectation
from soundstage.expectations.judged_outcome import ask_judge, outcome_with, report_of
from soundstage.expectations.judges.judge import judge
from soundstage.expectations.judges.state_answers import StateAnswer
from soundstage.expectations.llm_judge.opinion import Opinion
from soundstage.messages import Outcome
from soundstage.messages.outcome import EXIT_ENDED, EXIT_INVALID
from soundstage.results import History, Judged, RunFolder, read_expectations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soundstage.cache import Cache
    from soundstage.config import KeyPath
    from soundstage.results import ExpectationReport

_BROKEN_OFF: Final = Outcome("invalid", "broken off", EXIT_INVALID)


class _ExpectationFile(Table):
    """A file whose expectations judge runs of another one: it may have any other table, too."""

    expect: tuple[Expectation, ...]


class OtherDemands:
    """The expectations of a file, for runs that were made without it.

    Args:
        file: with `[[expect]]`; a whole scenario or these tables alone.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: dict[tuple[str, ...], Demands] = {}

    def of(self, history: History, own: Demands) -> Demands:
        """What the file expects of a run.

        Args:
            history: of the run, whose agents and cues the file may name.
            own: what was expected of it when it ran.

        Raises:
            ScenarioError: the file is wrong, or names an agent that the run has not.
        """
        agents = history.agents
        if agents not in self._read:
            self._read[agents] = self._declared(agents)
        declared = self._read[agents]
        has_cast = own.cast != Cast()
        return Demands(
            expected=declared.expected,
            cast=_cast_of(declared, own if has_cast else _guessed(history)),
            judge=declared.judge,
            # Of a run of an earlier version it is not known which of its agents answer.
            expects_answers=declared.expects_answers and has_cast,
        )

    def _declared(self, agents: tuple[str, ...]) -> Demands:
        diagnostics = Diagnostics()
        document = read_document(self._file, diagnostics)
        diagnostics.raise_if_any()
        check_numbers(document, diagnostics)
        document.note_folders()

        def report(path: KeyPath, reason: str) -> None:
            diagnostics.add(document.place_of(path), reason)

        variation = Variation(SeedPick(0), report)
        context = ValidationContext({"agents": agents})
        validator = Validator(document, diagnostics, context, _ExpectationFile, variation)
        if not document.tree.get("expect"):
            diagnostics.add(document.top, "nothing is expected: there is no [[expect]]")
        expected = declared_expectations(validator)
        judged_by = declared_judge(validator)
        diagnostics.raise_if_any()
        head = document.table("scenario")
        tested = head.get("under_test")
        names = frozenset(map(str, tested)) if is_list(tested) else frozenset[str]()
        return Demands(
            expected=tuple(expected.values()),
            cast=Cast(under_test=names),
            judge=judged_by,
            expects_answers=head.get("expect_answers") is not False,
        )


def _cast_of(declared: Demands, own: Demands) -> Cast:
    tested = declared.cast.under_test or own.cast.under_test
    return Cast(
        under_test=tested,
        speakers=own.cast.speakers,
        answerers=own.cast.answerers,
        openers=own.cast.openers,
        floored=own.cast.floored,
    )


def _guessed(history: History) -> Demands:
    """What is known of the agents of a run that an earlier version made: all were under test."""
    return Demands(cast=Cast(under_test=frozenset(history.agents)))


def judge_again(
    path: Path, other: OtherDemands | None = None, cache: Cache | None = None
) -> Judged:
    """Judge a run by its folder; nothing is written.

    A language model is asked only where `other` declares one, and for what it has not been asked
    of this run before.

    Args:
        path: its folder, `latest` included.
        other: what is expected of it, in place of what was when it ran.
        cache: where the answers of a language model are kept; None to ask every time.

    Raises:
        RunFolderError: there is no run, or it cannot be read.
        ScenarioError: what is expected in its place is wrong.
    """
    folder = RunFolder.find(path)
    history = History.read(folder.log)
    kept = read_expectations(folder)
    demands = _kept_demands(folder, kept)
    if other is not None:
        demands = other.of(history, demands)
    states = {name: _answer(written) for name, written in kept.states.items()}
    outcome = _own_outcome(history, kept)
    if history.ended is not None and outcome.reason != history.ended.reason:
        history = History([*history.events[:-1], outcome.event(history.end)])
    opinions = {digest: _opinion(written) for digest, written in kept.opinions.items()}
    if history.ended is not None:
        ask_judge(demands, history, opinions, cache)
    verdicts = judge(demands, history, states=states, opinions=opinions)
    report = report_of(demands, verdicts, outcome, states, opinions)
    return Judged(outcome_with(outcome, verdicts), report)


def _kept_demands(folder: RunFolder, kept: ExpectationReport) -> Demands:
    try:
        return Demands.read(kept.demands)
    except (ValueError, TypeError, ScenarioError) as error:
        raise RunFolderError(
            f"{folder.expectations} has demands that cannot be read: {error_text(error)}"
        ) from error


def _answer(written: object) -> StateAnswer:
    fields: Mapping[str, Any] = written if is_table(written) else {}
    return StateAnswer(fields.get("value"), str(fields.get("error", "")))


def _opinion(written: object) -> Opinion:
    try:
        return msgspec.convert(written, Opinion)
    except msgspec.ValidationError as error:
        return Opinion(model="", error=f"what the judge answered cannot be read: {error}")


def _own_outcome(history: History, kept: ExpectationReport) -> Outcome:
    """How a run came out before its expectations were counted."""
    ended = history.ended
    if ended is None:
        return _BROKEN_OFF
    if ended.reason.startswith("expect:"):
        return Outcome("ended", kept.ended_by or "its end", EXIT_ENDED)
    return Outcome(ended.outcome, ended.reason, ended.exit_code)
