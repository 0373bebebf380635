"""The pytest fixture `run_scenario`: a scenario in a test, on the virtual clock."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.results import Run


class RunScenario(Protocol):
    """What the fixture gives."""

    def __call__(self, scenario: str | Path | None = None, **options: Any) -> Run:
        """Run a scenario; takes what `soundstage.run_scenario` takes."""
        ...


@pytest.fixture
def run_scenario(tmp_path: Path, request: pytest.FixtureRequest) -> RunScenario:
    """Runs a scenario on the virtual clock, in a folder below `tmp_path`.

    It takes what `soundstage.run_scenario` takes, and raises `RunFailed` unless the run ended as
    its scenario declares; `check=False` to look anyway. The report of a test that fails shows how
    its runs ended, their folders and transcripts.
    """
    numbers = itertools.count(1)

    def play(scenario: str | Path | None = None, **options: Any) -> Run:
        __tracebackhide__ = True
        # Only a test that runs something pays for what it loads.
        from soundstage import RunFailed, run_scenario  # noqa: PLC0415

        options.setdefault("out", tmp_path / f"run-{next(numbers)}")
        try:
            run = run_scenario(scenario, **options)
        except RunFailed as failed:
            _report(request.node, failed.run)
            raise
        _report(request.node, run)
        return run

    return play


def _report(test: pytest.Item, run: Run) -> None:
    """Have a failed test show the run."""
    text = f"{run.outcome}: {run.reason}, in {run.folder}\n\n{run.transcript}"
    test.add_report_section("call", f"run of {run.scenario}, seed {run.seed}", text)
