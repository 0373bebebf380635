"""The pytest fixtures: `run_scenario`, and `realtime_endpoint` for tests of clients."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from soundstage import LocalEndpoint
    from soundstage.results import Run

_TEST = pytest.StashKey[pytest.Item]()


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
    its runs ended, their folders and transcripts. A JUnit report has them as properties of each
    test: `scenario`, `seed`, `outcome`, `folder`, `transcript`.
    """
    return _runs_in(tmp_path, lambda: request.node)


@pytest.fixture(scope="session")
def run_scenario_session(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> RunScenario:
    """As `run_scenario`, for fixtures of a wider scope: one run that many tests look at.

    The run belongs to the test during which it was made: the first that asks for it.
    """
    stash = request.session.stash
    return _runs_in(tmp_path_factory.mktemp("runs"), lambda: stash[_TEST])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which test runs: a fixture of the session is not told."""
    item.session.stash[_TEST] = item


def _runs_in(folder: Path, test: Callable[[], pytest.Item]) -> RunScenario:
    numbers = itertools.count(1)

    def play(scenario: str | Path | None = None, **options: Any) -> Run:
        __tracebackhide__ = True
        # Only a test that runs something pays for what it loads.
        from soundstage import RunFailed, run_scenario  # noqa: PLC0415

        options.setdefault("out", folder / f"run-{next(numbers)}")
        try:
            run = run_scenario(scenario, **options)
        except RunFailed as failed:
            _report(test(), failed.run)
            raise
        _report(test(), run)
        return run

    return play


class StartEndpoint(Protocol):
    """What the fixture `realtime_endpoint` gives."""

    def __call__(self, toml: str | None = None, **options: Any) -> LocalEndpoint:
        """Start an endpoint; takes what `soundstage.LocalEndpoint` takes."""
        ...


@pytest.fixture
def realtime_endpoint() -> Iterator[StartEndpoint]:
    """Starts local Realtime endpoints, which are there until the test is over.

    It takes what `soundstage.LocalEndpoint` takes, the behaviour as TOML first. Its `base_url` is
    all that a client needs, with any key.
    """
    with ExitStack() as endpoints:

        def start(toml: str | None = None, **options: Any) -> LocalEndpoint:
            from soundstage import LocalEndpoint  # noqa: PLC0415 - as above

            return endpoints.enter_context(LocalEndpoint(toml=toml, **options))

        yield start


def _report(test: pytest.Item, run: Run) -> None:
    """Have a failed test show the run."""
    text = f"{run.outcome}: {run.reason}, in {run.folder}\n\n{run.transcript}"
    test.add_report_section("call", f"run of {run.scenario}, seed {run.seed}", text)
    test.user_properties += [
        ("scenario", run.scenario),
        ("seed", run.seed),
        ("outcome", run.outcome),
        ("folder", str(run.folder)),
        ("transcript", run.transcript),
        ("report", str(run.folder / "report.html")),
    ]
