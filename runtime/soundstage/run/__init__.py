"""One run of a scenario: its actors, how it ends, and what it leaves behind."""

from soundstage.run.observers import MakeMonitor, MakeWindow
from soundstage.run.python_api import cache_for, run_scenario
from soundstage.run.single_run import RUNS, Played, add_page, play

__all__ = [
    "RUNS",
    "MakeMonitor",
    "MakeWindow",
    "Played",
    "add_page",
    "cache_for",
    "play",
    "run_scenario",
]
