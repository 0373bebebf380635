"""Two runs, or two batches of runs, compared: what differs, and what differed first."""

from soundstage.comparison.divergence import Divergence, Side, first_divergence
from soundstage.comparison.run_diff import DiffedRun, RunDiff, diff_runs, diff_schema

__all__ = [
    "DiffedRun",
    "Divergence",
    "RunDiff",
    "Side",
    "diff_runs",
    "diff_schema",
    "first_divergence",
]
