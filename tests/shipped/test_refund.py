"""The refund: what must hold in it holds, and a loud street breaks it in a way that is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soundstage.errors import RunFailed

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "testing.md").read_text()
A_LOUD_STREET = {"effects.street.snr": "0dB"}


def test_everything_that_is_expected_of_the_agent_holds(run_scenario: RunScenario) -> None:
    run = run_scenario("refund")
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "when[0]", 0)
    assert {each.id: each.status for each in run.expectations} == {
        "greets": "passed",
        "asks-after-it-has-looked": "passed",
        "confirms-before-refund": "passed",
        "the-right-order": "passed",
        "one-refund": "passed",
        "no-price-over-100": "passed",
        "prompt": "passed",
        "brief": "passed",
        "goes-on-for-mm-hm": "passed",
        "yields": "passed",
        "lets-the-caller-speak": "passed",
        "unanswered": "passed",
    }


@pytest.mark.parametrize(
    "seed",
    [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 21))],
)
def test_it_holds_for_every_seed(run_scenario: RunScenario, seed: int) -> None:
    run = run_scenario("refund", seed=seed)
    assert run.exit_code == 0
    assert {each.status for each in run.expectations} == {"passed"}


def test_in_a_loud_street_the_agent_pays_without_having_asked(run_scenario: RunScenario) -> None:
    run = run_scenario("refund", set=A_LOUD_STREET, check=False)
    assert (run.outcome, run.exit_code) == ("failed", 1)
    [confirms] = [each for each in run.expectations if each.id == "confirms-before-refund"]
    assert (confirms.status, confirms.kind, confirms.owner) == ("failed", "missing", "agent")
    assert confirms.at == pytest.approx(run.tool_calls("refund")[0].start, abs=1e-5)
    page = (run.folder / "report.html").read_text()
    assert "confirms-before-refund" in page
    assert "Money that was paid back by mistake does not come back." in page
    assert "You will have $24.50 back" in page


@pytest.mark.parametrize(
    "seed",
    [6, *(pytest.param(seed, marks=pytest.mark.prove) for seed in (*range(1, 6), *range(7, 21)))],
)
def test_a_loud_street_fails_whatever_the_seed(run_scenario: RunScenario, seed: int) -> None:
    run = run_scenario("refund", seed=seed, set=A_LOUD_STREET, check=False)
    assert run.exit_code == 1
    failed = {each.id: each.owner for each in run.expectations if each.status == "failed"}
    assert failed["confirms-before-refund"] == "agent"
    assert {*failed.values()} == {"agent"}


def test_the_guide_shows_tables_of_the_file_and_what_the_command_says(
    run_scenario: RunScenario,
) -> None:
    tables = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0].split("\n\n")
    scenario = (ROOT / "scenarios" / "refund.toml").read_text()
    assert all(table.strip() in scenario for table in tables)
    with pytest.raises(RunFailed) as caught:
        run_scenario("refund", set=A_LOUD_STREET)
    [shown] = re.findall(r"\n(failed: confirms.*?)  listen", GUIDE, re.DOTALL)
    assert shown in str(caught.value)
