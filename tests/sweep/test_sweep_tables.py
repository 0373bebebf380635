"""The tables over many runs."""

import csv
import json
from pathlib import Path

import pytest
from msgspec import structs

from soundstage.ledger import BatchFolder, BatchPlan, ExpectationRow, MachineFacts, Row
from soundstage.results import Turn
from soundstage.sweep import exit_code_of, write_tables
from soundstage.units import seconds_of


def turn(number, *, gap=None, text="Hi.", cut=""):
    return Turn(
        number=number,
        agent="ann",
        text=text,
        generated=text,
        start=number * 1.0,
        end=number + 0.5,
        gap=gap,
        interrupted_by=cut,
        estimated=False,
        heard_by={},
    )


def row(seed, outcome="ended", reason="turns", code=0, turns=(), cell=None):
    return Row(
        batch="b",
        cell=cell or {},
        seed=seed,
        outcome=outcome,
        reason=reason,
        exit_code=code,
        duration=10.0,
        turns=turns,
        machine=MachineFacts(wall=0.1),
    )


ROWS = (
    row(8, "failed", "max", 1),
    row(7, turns=(turn(1), turn(2, gap=0.5, text='Say "yes",\nplease.', cut="ben"))),
    row(9, turns=(turn(1), turn(2, gap=0.7), turn(3, gap=-0.2))),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(tmp_path, ROWS)
    return tmp_path


def write(folder, added, varies=None, cells=({},)):
    plan = BatchPlan(
        digest="b",
        scenario="x",
        clock="virtual",
        seed=min(each.seed for each in added),
        runs=4,
        cells=cells,
        varies=varies or {},
    )
    with BatchFolder(folder, plan) as batch:
        for each in added:
            batch.add(each)
    return write_tables(folder, plan, wall=3.0, jobs=2)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_run_is_a_row_by_seed(out):
    found = rows(out / "runs.csv")
    assert [(row["seed"], row["outcome"], row["turns"]) for row in found] == [
        ("7", "ended", "2"),
        ("8", "failed", "0"),
        ("9", "ended", "3"),
    ]
    assert [row["gap_median"] for row in found] == ["0.5", "", "0.7"]
    assert [row["interruptions"] for row in found] == ["1", "0", "0"]


def test_each_turn_is_a_row_whatever_is_said_in_it(out):
    found = rows(out / "turns.csv")
    assert [(row["seed"], row["number"]) for row in found] == [
        ("7", "1"),
        ("7", "2"),
        ("9", "1"),
        ("9", "2"),
        ("9", "3"),
    ]
    assert found[1]["text"] == 'Say "yes",\nplease.'
    assert [row["gap"] for row in found] == ["", "0.5", "", "0.7", "-0.2"]


def test_the_summary_counts(out):
    summary = json.loads((out / "summary.json").read_text())
    assert summary["asked"] == 4
    assert summary["runs"] == 3
    assert summary["outcomes"] == {"ended": 2, "failed": 1}
    assert summary["reasons"] == {"ended: turns": 2, "failed: max": 1}
    assert summary["turns"] == 5
    assert summary["response_gap"]["count"] == 2
    assert summary["seeds"] == [8]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 0),
        (("ended", "ended"), 0),
        (("ended", "invalid"), 3),
        (("invalid", "failed", "ended"), 1),
        (("ended", "interrupted"), 3),
    ],
)
def test_one_failure_fails_all_and_else_what_could_not_be_judged_counts(outcomes, code):
    assert exit_code_of(outcomes) == code


def test_a_command_that_is_broken_off_exits_with_the_code_for_that():
    assert exit_code_of(["failed"], interrupted=130) == 130


def printed(seed, fingerprint, drawn=None):
    return structs.replace(row(seed), fingerprint=fingerprint, drawn=drawn or {})


@pytest.mark.parametrize(
    ("fingerprints", "equal"),
    [
        ("aa", True),
        ("aaa", True),
        ("ab", False),
        ("a", False),
        (("", ""), False),
        (("a", ""), False),
    ],
)
def test_runs_are_equal_when_there_are_several_and_all_have_one_fingerprint(
    tmp_path, fingerprints, equal
):
    added = [printed(seed, each) for seed, each in enumerate(fingerprints)]
    assert write(tmp_path, added).equal is equal


def test_each_value_that_was_drawn_has_a_column(tmp_path):
    added = [
        printed(1, "a", {"agents.ann.wait": "312ms", "links[0].effects": ["phone"]}),
        printed(2, "b", {"agents.ann.wait": "500ms"}),
    ]
    summary = write(tmp_path, added, {"agents.ann.wait": "200ms to 800ms"})
    first, second = rows(tmp_path / "runs.csv")
    assert (first["agents.ann.wait"], second["agents.ann.wait"]) == ("312ms", "500ms")
    assert (first["links[0].effects"], second["links[0].effects"]) == ('["phone"]', "")
    assert summary.varies == {"agents.ann.wait": "200ms to 800ms"}


def test_a_cell_has_a_column_where_there_is_a_matrix(tmp_path):
    ash, coral = ({"agents.ann.voice": voice} for voice in ("ash", "coral"))
    added = [row(1, cell=coral, turns=(turn(1),)), row(2, cell=ash), row(1, cell=ash)]
    write(tmp_path, added, cells=(ash, coral))
    found = [(each["cell"], each["seed"]) for each in rows(tmp_path / "runs.csv")]
    assert found == [("voice-ash", "1"), ("voice-ash", "2"), ("voice-coral", "1")]
    assert [each["cell"] for each in rows(tmp_path / "turns.csv")] == ["voice-coral"]


def test_each_expectation_of_each_run_is_a_row(tmp_path):
    failed = ExpectationRow(
        id="prompt", status="failed", kind="late", owner="agent", pts=36_000, turn=2, measured=1.5,
        sentence="It took 1.5 s, and\nnot 1.2 s.",
    )  # fmt: skip
    passed = ExpectationRow(id="greets", status="passed")
    write(tmp_path, [structs.replace(row(3), expectations=(passed, failed)), row(4)])

    found = rows(tmp_path / "expectations.csv")

    assert [(each["seed"], each["id"], each["status"]) for each in found] == [
        ("3", "greets", "passed"), ("3", "prompt", "failed"),
    ]  # fmt: skip
    assert (found[0]["seconds"], found[0]["turn"], found[0]["measured"]) == ("", "", "")
    assert (found[1]["seconds"], found[1]["turn"], found[1]["measured"]) == (
        str(seconds_of(36_000)),
        "2",
        "1.5",
    )
    assert found[1]["sentence"] == "It took 1.5 s, and\nnot 1.2 s."
