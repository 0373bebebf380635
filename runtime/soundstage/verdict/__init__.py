"""From many runs to a verdict: rates with their intervals, and the rule that decides. No I/O."""

from soundstage.verdict.binomial import (
    clean_runs_needed,
    lower_bound,
    rate_interval,
    tail_at_least,
)
from soundstage.verdict.bootstrap import Estimate, mean_over_runs, percentile_over_runs
from soundstage.verdict.confidence_sequence import evidence_against, sequence_interval
from soundstage.verdict.decision import (
    BatchVerdict,
    Judgement,
    VerdictRule,
    decide,
    decide_early,
    fewest_runs,
)
from soundstage.verdict.pass_at_k import all_of_k, any_of_k

__all__ = [
    "BatchVerdict",
    "Estimate",
    "Judgement",
    "VerdictRule",
    "all_of_k",
    "any_of_k",
    "clean_runs_needed",
    "decide",
    "decide_early",
    "evidence_against",
    "fewest_runs",
    "lower_bound",
    "mean_over_runs",
    "percentile_over_runs",
    "rate_interval",
    "sequence_interval",
    "tail_at_least",
]
