"""One scenario with many seeds: in worker processes, one folder a run, and tables over all."""

from soundstage.repeats._crew import Crew
from soundstage.repeats._order import Order, RunReport, exit_code_of, repeat_folder
from soundstage.repeats._tables import Summary, write_tables
from soundstage.repeats._worker import run_one

__all__ = [
    "Crew",
    "Order",
    "RunReport",
    "Summary",
    "exit_code_of",
    "repeat_folder",
    "run_one",
    "write_tables",
]
