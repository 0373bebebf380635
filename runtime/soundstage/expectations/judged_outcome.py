"""What the expectations make of a run's outcome, and the report that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from soundstage.errors import error_text
from soundstage.expectations.judges.judge import judge
from soundstage.expectations.judges.state_answers import StateAnswer, ask
from soundstage.expectations.llm_judge.judge_question import question_of
from soundstage.expectations.llm_judge.language_judge import LanguageJudge
from soundstage.messages import Cause, Owner, outcome_of, spoiled
from soundstage.results import ExpectationReport, Judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from soundstage.cache import Cache
    from soundstage.expectations.declared.demands import Demands
    from soundstage.expectations.llm_judge.opinion import Opinion
    from soundstage.messages import Outcome, Verdict
    from soundstage.results import History


_JUDGED: Final = frozenset({"ended", "failed"})
"""The outcomes of runs that came to their own end: a model is not asked about half a run."""


class RunJudge:
    """Judges one run when it is over.

    Args:
        demands: what is expected of it.
        folder: of the run, which the objects of `state` may look into.
        cache: where the answers of a language model that judges are kept; None to ask every time.
    """

    def __init__(self, demands: Demands, folder: Path, cache: Cache | None = None) -> None:
        self._demands = demands
        self._folder = folder
        self._cache = cache
        self._states: dict[str, StateAnswer] | None = None
        self._opinions: dict[str, Opinion] = {}

    def __call__(self, history: History, outcome: Outcome) -> Judged:
        """Judge it by its log, which ends with this outcome."""
        if self._states is None:
            self._states = self._asked()
        try:
            if outcome.kind in _JUDGED:
                ask_judge(self._demands, history, self._opinions, self._cache)
            verdicts = judge(self._demands, history, states=self._states, opinions=self._opinions)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run is not judged
            cause = Cause(
                owner=Owner.INFRASTRUCTURE,
                reason="judge",
                message=f"the run could not be judged: {error_text(error)}",
            )
            verdicts, outcome = (), spoiled(outcome, cause)
        report = report_of(self._demands, verdicts, outcome, self._states, self._opinions)
        return Judged(outcome_with(outcome, verdicts), report)

    def _asked(self) -> dict[str, StateAnswer]:
        """What each object has answered, each asked once."""
        wanted = {
            str(each.state): each.state
            for expected in self._demands.expected
            for each in expected.instances
            if each.state is not None
        }
        return {name: ask(reference, self._folder) for name, reference in wanted.items()}


def ask_judge(
    demands: Demands, history: History, opinions: dict[str, Opinion], cache: Cache | None
) -> None:
    """Ask the language model that a file declares what it has not been asked of this run.

    Args:
        demands: what is expected, with the model.
        history: of the run.
        opinions: what is known, by the digests of the questions; what is answered is added.
        cache: where answers are kept; None to ask every time.
    """
    wanted = [one for each in demands.expected for one in each.instances if one.judge is not None]
    if not wanted or demands.judge is None:
        return
    judged_by = LanguageJudge(demands.judge, cache)
    for one in wanted:
        question = question_of(one, history)
        if question.digest not in opinions:
            opinions[question.digest] = judged_by.ask(question)


def outcome_with(outcome: Outcome, verdicts: Sequence[Verdict]) -> Outcome:
    """The outcome of a run, its required expectations counted.

    A run that ended well has failed if an agent under test has failed one of them, and is invalid
    if one of them failed for another reason, or could not be judged. Any other outcome stays.
    """
    if outcome.kind != "ended":
        return outcome
    required = [each for each in verdicts if each.need == "required"]
    failed = [each for each in required if each.status == "failed"]
    of_agents = [each for each in failed if each.owner == "agent"]
    spoiling = failed + [each for each in required if each.status == "unknown"]
    for counted in (of_agents, spoiling):
        if counted:
            return outcome_of(_cause(counted))
    return outcome


def _cause(counted: Sequence[Verdict]) -> Cause:
    first = counted[0]
    how = "failed" if first.status == "failed" else "could not be judged"
    more = f" (and {len(counted) - 1} more)" if len(counted) > 1 else ""
    return Cause(
        owner=Owner(first.owner or Owner.INFRASTRUCTURE),
        reason=f"expect:{first.id}",
        message=f"the expectation {first.id} {how}: {first.sentence}{more}",
    )


def report_of(
    demands: Demands,
    verdicts: Sequence[Verdict],
    outcome: Outcome,
    states: Mapping[str, StateAnswer],
    opinions: Mapping[str, Opinion],
) -> ExpectationReport:
    """What is kept of the expectations of a run.

    Args:
        demands: what was expected.
        verdicts: what became of it.
        outcome: how the run came out before that was counted.
        states: what the objects of `state` have answered.
        opinions: what a judge has answered, by the digests of the questions.
    """
    counted = outcome_with(outcome, verdicts)
    return ExpectationReport(
        outcome=counted.kind,
        reason=counted.reason,
        ended_by=outcome.reason,
        verdicts=tuple(verdicts),
        demands=demands.written(),
        states={name: msgspec.to_builtins(answer) for name, answer in states.items()},
        opinions={digest: msgspec.to_builtins(each) for digest, each in opinions.items()},
    )
