"""The tables over many runs."""

import csv
import json
from pathlib import Path

import pytest
from msgspec import structs

from soundstage.errors import RunFolderError
from soundstage.results import Turn
from soundstage.sweep import (
    RunReport,
    SweepRequest,
    exit_code_of,
    repeat_folder,
    sweep_request,
    write_tables,
)


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


def report(seed, outcome="ended", reason="turns", code=0, turns=()):
    return RunReport(
        seed=seed,
        outcome=outcome,
        reason=reason,
        exit_code=code,
        duration=10.0,
        wall=0.1,
        turns=turns,
    )


REPORTS = (
    report(8, "failed", "max", 1),
    report(7, turns=(turn(1), turn(2, gap=0.5, text='Say "yes",\nplease.', cut="ben"))),
    report(9, turns=(turn(1), turn(2, gap=0.7), turn(3, gap=-0.2))),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    request = SweepRequest(
        file="x.toml", clock="virtual", provider=None, sets=(), out=tmp_path, cache=False
    )
    write(request, REPORTS)
    return tmp_path


def write(request, reports, varies=None):
    return write_tables(
        request,
        reports,
        scenario="x",
        asked=4,
        exit_code=1,
        wall=3.0,
        jobs=2,
        varies=varies or {},
    )


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
    assert exit_code_of(report(number, each) for number, each in enumerate(outcomes)) == code


def test_whoever_breaks_it_off_gets_the_code_for_that():
    assert exit_code_of([report(1, "failed")], interrupted=130) == 130


def request_in(folder):
    return SweepRequest(
        file="x.toml", clock="virtual", provider=None, sets=(), out=folder, cache=False
    )


def printed(seed, fingerprint, drawn=None):
    return structs.replace(report(seed), fingerprint=fingerprint, drawn=drawn or {})


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
    reports = [printed(seed, each) for seed, each in enumerate(fingerprints)]
    assert write(request_in(tmp_path), reports).equal is equal


def test_each_value_that_was_drawn_has_a_column(tmp_path):
    reports = [
        printed(1, "a", {"agents.ann.wait": "312ms", "links[0].effects": ["phone"]}),
        printed(2, "b", {"agents.ann.wait": "500ms"}),
    ]
    summary = write(request_in(tmp_path), reports, {"agents.ann.wait": "200ms to 800ms"})
    first, second = rows(tmp_path / "runs.csv")
    assert (first["agents.ann.wait"], second["agents.ann.wait"]) == ("312ms", "500ms")
    assert (first["links[0].effects"], second["links[0].effects"]) == ('["phone"]', "")
    assert summary.varies == {"agents.ann.wait": "200ms to 800ms"}


def test_of_two_repeats_that_find_a_folder_empty_one_gets_it(tmp_path, monkeypatch):
    # Both have looked before either has written.
    monkeypatch.setattr(sweep_request, "claim", lambda path: path)
    assert repeat_folder("talk", range(3), tmp_path) == tmp_path
    with pytest.raises(RunFolderError, match="name another folder with --out"):
        repeat_folder("talk", range(3), tmp_path)
