"""Two runs, or two batches of runs, compared: what differs, and what differed first."""

from soundstage.comparison.batch_comparison import (
    BatchComparison,
    Change,
    ComparedBatch,
    UnitName,
    compare_batches,
    comparison_schema,
)
from soundstage.comparison.divergence import Divergence, Side, first_divergence
from soundstage.comparison.paired_difference import PairedDifference
from soundstage.comparison.paired_tests import UNJUDGED_AT_MOST, CellChange
from soundstage.comparison.run_diff import DiffedRun, RunDiff, diff_runs, diff_schema

__all__ = [
    "UNJUDGED_AT_MOST",
    "BatchComparison",
    "CellChange",
    "Change",
    "ComparedBatch",
    "DiffedRun",
    "Divergence",
    "PairedDifference",
    "RunDiff",
    "Side",
    "UnitName",
    "compare_batches",
    "comparison_schema",
    "diff_runs",
    "diff_schema",
    "first_divergence",
]
