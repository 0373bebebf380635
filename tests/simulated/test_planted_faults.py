"""Runs that went wrong in known ways: each verdict and each owner is what a person would say."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

PLANTED = Path(__file__).parent / "planted"
RUNS: list[dict[str, Any]] = tomllib.loads((PLANTED / "faults.toml").read_text())["run"]


def played(planted: dict[str, Any], folder: Path, run_scenario: RunScenario) -> Run:
    scene = (PLANTED / planted.get("scene", "call.toml")).read_text()
    file = folder / "scene.toml"
    file.write_text(scene + planted.get("add", ""))
    shutil.copy(PLANTED / "members.py", folder)
    return run_scenario(str(file), set=planted.get("set", {}), check=False)


def owners(run: Run, status: str) -> dict[str, str]:
    required = [each for each in run.expectations if each.need == "required"]
    return {
        each.id: each.owner
        for each in required
        if each.status == status and each.kind != "cut_short"
    }


@pytest.mark.parametrize("planted", [pytest.param(each, id=each["name"]) for each in RUNS])
def test_the_verdict_and_the_owner_are_what_a_person_would_say(
    planted: dict[str, Any],
    tmp_path: Path,
    run_scenario: RunScenario,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # what `set` names beside the file is found from there
    run = played(planted, tmp_path, run_scenario)
    told = {each.id: each.sentence for each in run.expectations}
    assert run.exit_code == planted["exit"], told
    assert owners(run, "failed") == planted.get("failed", {}), told
    assert owners(run, "unknown") == planted.get("unknown", {}), told
    owner = planted.get("owner")
    assert (None if run.cause is None else run.cause.owner.value) == owner, run.cause
    undecided = {each.owner for each in run.expectations if each.kind == "cut_short"}
    assert undecided <= {owner}


def test_no_run_that_went_wrong_is_expected_to_be_green() -> None:
    wrong = [each for each in RUNS if each["of"] != "nothing"]
    assert len(wrong) >= 30
    assert {each["exit"] for each in wrong if each["of"] == "agent"} == {1}
    assert {each["exit"] for each in wrong if each["of"] != "agent"} == {3}
    assert {each["exit"] for each in RUNS if each["of"] == "nothing"} == {0}
    assert Counter(each["name"] for each in RUNS).most_common(1)[0][1] == 1
