"""Judges a run: each expectation by its own kind, from the event log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import UnsetType
from msgspec.structs import replace

from soundstage.errors import PatternTimeout
from soundstage.expectations.declared.expectation_tables import UNANSWERED
from soundstage.expectations.declared.expected_words import expected
from soundstage.expectations.judges.combinations import judge_combination, not_selected
from soundstage.expectations.judges.findings import Finding, unknown, worst
from soundstage.expectations.judges.happenings import judge_moment
from soundstage.expectations.judges.metric_limits import judge_metric
from soundstage.expectations.judges.reactions import judge_reaction
from soundstage.expectations.judges.sequences import judge_order
from soundstage.expectations.judges.state_answers import StateAnswer, judge_state
from soundstage.expectations.judges.timeline import Timeline
from soundstage.expectations.judges.unanswered_turns import WORDS, judge_unanswered
from soundstage.expectations.llm_judge.judge_question import question_of
from soundstage.expectations.llm_judge.opinion import Opinion, judge_opinion
from soundstage.messages import Owner, Verdict
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.expectations.declared.demands import Demands
    from soundstage.expectations.declared.expectation_tables import Expectation
    from soundstage.results import History

_NO_ANSWERS: Final[Mapping[str, StateAnswer]] = {}
_NO_OPINIONS: Final[Mapping[str, Opinion]] = {}

_NOT_COME: Final = frozenset({"missing", "too_few", "no_response"})
"""The failures of what never came."""


def judge(
    demands: Demands,
    history: History,
    *,
    states: Mapping[str, StateAnswer] = _NO_ANSWERS,
    opinions: Mapping[str, Opinion] = _NO_OPINIONS,
    running: bool = False,
) -> tuple[Verdict, ...]:
    """What became of each expectation, in the order of the file; `unanswered` comes last.

    Args:
        demands: what is expected.
        history: what the event log tells.
        states: what the objects of `state` have answered, by their names.
        opinions: what the judge has answered, by the digests of the questions.
        running: whether the run goes on: then only what can no longer change is returned.
    """
    line = Timeline(history, running=running)
    return _Judgement(demands, line, states, opinions).verdicts(running=running)


class _Judgement:
    """The judging of one run, in which each expectation is looked at once."""

    def __init__(
        self,
        demands: Demands,
        line: Timeline,
        states: Mapping[str, StateAnswer],
        opinions: Mapping[str, Opinion],
    ) -> None:
        self._demands = demands
        self._line = line
        self._states = states
        self._opinions = opinions
        self._found: dict[str, tuple[Finding, Expectation | None]] = {}

    def verdicts(self, *, running: bool) -> tuple[Verdict, ...]:
        unanswered = self._settled(judge_unanswered(self._demands, self._line))
        found = [
            (name, _excused(finding, unanswered), expectation)
            for name, finding, expectation in (
                (each.id, *self._named(each.id)) for each in self._demands.expected
            )
        ]
        if self._demands.expects_answers:
            found.append((UNANSWERED, unanswered, None))
        return tuple(
            self._verdict(name, finding, expectation)
            for name, finding, expectation in found
            if finding.is_final or not running
        )

    def _named(self, name: str) -> tuple[Finding, Expectation | None]:
        """What was found of an expectation, and of which of its instances."""
        if name not in self._found:
            declared = self._demands.named(name)
            instances = () if declared is None else declared.instances
            # An expectation that refers to itself is refused by the loader, but not by old folders.
            self._found[name] = _unjudged(name), None
            found = {id(each): self._settled(self._tried(each)) for each in instances}
            if found:
                one = worst(list(found.values()))
                its = next(each for each in instances if _is_of(found[id(each)], one))
                self._found[name] = one, its
        return self._found[name]

    def _tried(self, expectation: Expectation) -> Finding:
        try:
            return self._judged(expectation)
        except PatternTimeout as error:
            return unknown("not_searched", str(error), Owner.SIMULATOR)

    def _judged(self, expectation: Expectation) -> Finding:
        if expectation.when is not None:
            reason = not_selected(expectation.when, self._named(expectation.when)[0])
            if reason is not None:
                return reason
        if not self._line.history.started.finds_keys and any(
            moment.is_of_keys for moment in expectation.moments
        ):
            sentence = "keys of telephones were not looked for in this run"
            return unknown("not_recognized", sentence, Owner.SIMULATOR)
        match expectation.form:
            case "order":
                return judge_order(expectation, self._line)
            case "metric":
                return judge_metric(expectation, self._line)
            case "reacts":
                return judge_reaction(expectation, self._line)
            case "state":
                return judge_state(expectation, self._states.get(str(expectation.state)))
            case "judge":
                return judge_opinion(self._opinion(expectation), self._line)
            case "all" | "any" | "none":
                parts = {name: self._named(name)[0] for name in expectation.parts}
                return judge_combination(expectation, parts)
            case _:
                return judge_moment(expectation, self._line)

    def _opinion(self, expectation: Expectation) -> Opinion | None:
        if not self._opinions:
            return None
        return self._opinions.get(question_of(expectation, self._line.history).digest)

    def _settled(self, finding: Finding) -> Finding:
        """What was found at the end of a whole run is final."""
        return replace(finding, is_final=True) if self._line.is_whole else finding

    def _verdict(self, name: str, finding: Finding, expectation: Expectation | None) -> Verdict:
        if not finding.is_final:
            finding = self._cut_short(finding)
        return Verdict(
            id=name,
            status=finding.status,
            need="required" if expectation is None else expectation.need,
            expected=WORDS if expectation is None else expected(expectation),
            sentence=finding.sentence,
            kind=finding.kind,
            owner=self._owner(finding, expectation),
            agent=finding.agent,
            pts=finding.pts,
            at=None if finding.pts is None else round(seconds_of(finding.pts), 6),
            turn=finding.turn,
            measured=finding.measured,
            why="" if expectation is None else expectation.why,
        )

    def _cut_short(self, finding: Finding) -> Finding:
        """Of a run that did not come to its end only that is known which nothing could change."""
        ended = self._line.history.ended
        cause = None if ended is None or isinstance(ended.cause, UnsetType) else ended.cause
        how = "was broken off" if ended is None else f"was {ended.outcome} ({ended.reason})"
        told = f"the run {how} before this was decided: {finding.sentence}"
        owner = Owner.INFRASTRUCTURE if cause is None else cause.owner
        return unknown("cut_short", told, owner)

    def _owner(
        self, finding: Finding, expectation: Expectation | None
    ) -> Literal["", "agent", "simulator", "infrastructure"]:
        if finding.status in {"passed", "skipped", "deferred"}:
            return ""
        if finding.owner is not None:
            return finding.owner.value
        tested = self._demands.cast.under_test
        agent = (expectation.fault_of if expectation else None) or finding.agent
        return "agent" if not agent or agent in tested else "simulator"


def _excused(finding: Finding, unanswered: Finding) -> Finding:
    """What did not come because an answer could not come is the fault of what prevented that."""
    if finding.status != "failed" or finding.kind not in _NOT_COME or finding.owner is not None:
        return finding
    if unanswered.status != "failed" or unanswered.owner is None:
        return finding
    return replace(
        finding,
        owner=unanswered.owner,
        sentence=f"{finding.sentence}; but {unanswered.sentence}",
    )


def _unjudged(name: str) -> Finding:
    return unknown("undecided_part", f"{name} is not there, or refers to itself", Owner.SIMULATOR)


def _is_of(finding: Finding, chosen: Finding) -> bool:
    return replace(finding, is_final=chosen.is_final) == chosen
