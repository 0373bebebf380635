"""One scenario with many seeds: in worker processes, one folder a run, and tables over all."""

from soundstage.sweep.sweep_request import RunReport, SweepRequest, exit_code_of, repeat_folder
from soundstage.sweep.sweep_tables import Summary, write_tables
from soundstage.sweep.sweep_worker import run_one
from soundstage.sweep.worker_pool import WorkerPool

__all__ = [
    "RunReport",
    "Summary",
    "SweepRequest",
    "WorkerPool",
    "exit_code_of",
    "repeat_folder",
    "run_one",
    "write_tables",
]
