"""The first scenario on the virtual clock, with the real engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import word_error_rate
from soundstage.results import Run
from soundstage.run import play
from soundstage.scenario import find_scenario, load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

FEW_TURNS = ("end.turns=4",)


def played(folder: Path, *, seed: int = 7, sets: tuple[str, ...] = FEW_TURNS) -> Run:
    scenario = load_scenario("alice_bob", clock="virtual", seed=seed, sets=sets)
    play(scenario, out=folder)
    return Run.load(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return played(tmp_path_factory.mktemp("runs") / "first")


def test_it_ends_as_declared_and_says_which_clock_it_ran_on(run: Run) -> None:
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    assert run.clock == "virtual"


def test_what_is_heard_is_what_was_said(run: Run) -> None:
    said = " ".join(turn.generated for turn in run.turns)
    heard = " ".join(turn.text for turn in run.turns)
    assert len(run.turns) == 4
    assert word_error_rate(said, heard) <= 0.05


def test_the_response_gap_is_the_silence_that_ends_a_turn_and_little_more(run: Run) -> None:
    gaps = [turn.gap for turn in run.turns if turn.gap is not None]
    assert len(gaps) == 3
    assert all(0.4 <= gap <= 0.9 for gap in gaps)


def test_every_run_is_the_same_to_the_byte(run: Run, tmp_path: Path) -> None:
    again = played(tmp_path / "again")
    for name in ("events.jsonl", "transcript.md", "metrics.json", "audio/mix.wav"):
        assert (again.folder / name).read_bytes() == (run.folder / name).read_bytes(), name


def test_another_seed_changes_the_log_and_not_what_is_said(run: Run, tmp_path: Path) -> None:
    other = played(tmp_path / "other", seed=8)
    assert (other.folder / "events.jsonl").read_bytes() != (
        run.folder / "events.jsonl"
    ).read_bytes()
    assert [turn.text for turn in other.turns] == [turn.text for turn in run.turns]


CLUMSY = """
from soundstage import Agent, Heard, handles

class Clumsy(Agent):
    @handles(Heard)
    def stumble(self, heard):
        raise RuntimeError("I stumbled")
"""


def test_a_failing_handler_takes_down_only_its_own_agent(
    tmp_path: Path, run_scenario: RunScenario
) -> None:
    (tmp_path / "clumsy.py").write_text(CLUMSY)
    scenario = tmp_path / "clumsy.toml"
    scenario.write_text(
        find_scenario("alice_bob").read_text().replace("turns = 12", "turns = 3")
        + '\n[agents.clumsy]\nkind = "./clumsy.py:Clumsy"\n'
        + '[[links]]\nfrom = "alice"\nto = "clumsy"\n'
    )
    run = run_scenario(scenario, check=False)
    [fault] = run.faults
    assert (fault.agent, fault.error, fault.action) == (
        "clumsy",
        "RuntimeError: I stumbled",
        "leave",
    )
    assert "clumsy.py" in fault.traceback
    assert str(tmp_path) not in fault.traceback
    assert [turn.agent for turn in run.turns] == ["alice", "bob", "alice"]
    assert (run.exit_code, run.reason) == (1, "fault:clumsy")
