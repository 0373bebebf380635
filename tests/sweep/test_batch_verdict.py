"""The verdict of a batch, as its user gets it: by its rule, in each cell, with an early stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dummy_command import play_here

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

pytestmark = pytest.mark.timeout(180)

CALL = """
[scenario]
under_test = ["support"]
[agents.support]
opening_prompt = "Greet."
[agents.support.local]
lines = [{ one_of = ["Hello, your order number?", "Hello, your number?", WORDS] }, "Bye."]
[agents.caller]
kind = "scripted"
lines = ["It is order number 12."]
[[links]]
between = ["support", "caller"]
[[expect]]
id = "greets"
agent = "support"
said = "number"
[end]
turns = 3
silence = "12s"
max = "1m"
"""


def batch(folder: Path, text: str, *options: object, words: str = '"Hello."') -> tuple[Any, Any]:
    """How a batch came out: the command, and its summary."""
    file = folder / "call.toml"
    file.write_text(text.replace("WORDS", words))
    out = folder / "batch"
    done = play_here(file, "--clock", "virtual", "--ui", "plain", "--out", out, *map(str, options))
    path = out / "summary.json"
    return done, json.loads(path.read_text()) if path.is_file() else None


def verdict(at_least: str, more: str = "") -> str:
    return f'[verdict]\nat_least = "{at_least}"\n{more}\n'


def test_a_batch_that_is_far_below_the_bar_fails_and_says_what_plays_a_failed_run_again(tmp_path):
    done, summary = batch(tmp_path, CALL + verdict("95%"), "--repeat", 20)

    assert done.code == 1
    assert summary["verdict"] == "failed"
    (cell,) = summary["cells"]
    assert cell["passed"] < cell["judged"] == 20
    assert cell["low"] < cell["passed"] / 20 < cell["high"]
    first = summary["failing"][0]["seed"]
    assert f"call.toml --clock virtual --seed {first}" in done.out


def test_a_failed_run_does_not_fail_a_batch_that_may_have_some(tmp_path):
    done, summary = batch(tmp_path, CALL + verdict("20%"), "--repeat", 12)

    assert summary["outcomes"]["failed"] > 0
    assert (done.code, summary["verdict"]) == (0, "passed")


def test_too_few_runs_are_undecided_and_the_command_said_so_before(tmp_path):
    done, summary = batch(tmp_path, CALL + verdict("90%"), "--repeat", 3, words='"Your number?"')

    assert (done.code, summary["verdict"]) == (3, "undecided")
    assert "3 runs cannot show at_least = 0.9, even if all pass: that takes 29" in done.err
    assert "about 26 more would decide it" in done.out


def test_without_a_rule_the_exit_code_is_that_of_the_worst_run(tmp_path):
    done, summary = batch(tmp_path, CALL, "--repeat", 12)

    assert (done.code, summary["verdict"]) == (1, "")
    assert summary["cells"][0]["verdict"] is None


def test_each_cell_of_a_matrix_has_its_verdict_and_one_that_fails_fails_the_batch(tmp_path):
    matrix = '[matrix]\n"agents.caller.lines" = [["It is 12."], ["It is 13."]]\n'
    fussy = '[[expect]]\nid = "twelve"\nagent = "caller"\nsaid = "12"\n'
    text = CALL.replace('["support"]', '["caller"]') + fussy + matrix + verdict("40%")
    done, summary = batch(tmp_path, text, "--repeat", 6, words='"Your number?"')

    found = [each["verdict"]["verdict"] for each in summary["cells"]]
    assert found == ["passed", "failed"]
    assert (done.code, summary["verdict"]) == (1, "failed")
    assert summary["runs"] == 12
    assert "--set 'agents.caller.lines=[\"It is 13.\"]'" in done.out


def test_a_matrix_may_be_given_on_the_command_line(tmp_path):
    done, summary = batch(
        tmp_path, CALL, "--repeat", 2, "--matrix", "agents.caller.voice=ash,coral"
    )

    assert [each["cell"] for each in summary["cells"]] == ["voice-ash", "voice-coral"]
    assert summary["runs"] == 4
    assert done.code in {0, 1}


@pytest.mark.parametrize(("words", "bar"), [('"Hello."', "95%"), ('"Your number?"', "60%")])
def test_an_early_stop_comes_at_the_same_run_with_the_same_verdict_for_any_number_of_jobs(
    words, bar, tmp_path
):
    found = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        rule = verdict(bar, "max_runs = 60")
        done, summary = batch(folder, CALL + rule, "--until-decided", "--jobs", jobs, words=words)
        found.append((done.code, summary["verdict"], summary["cells"]))
        assert summary["runs"] < 60

    assert found[0] == found[1]


def test_a_batch_that_was_decided_makes_nothing_when_it_is_asked_for_again(tmp_path):
    rule = verdict("60%", "max_runs = 60")
    _, before = batch(tmp_path, CALL + rule, "--until-decided", words='"Your number?"')
    done, after = batch(tmp_path, CALL + rule, "--until-decided", words='"Your number?"')

    assert done.code == 0
    assert (after["runs"], after["cells"]) == (before["runs"], before["cells"])


@pytest.mark.parametrize(
    ("limit", "runs", "status", "code"),
    [("10s", 20, "passed", 0), ("100ms", 20, "failed", 1), ("10s", 3, "undecided", 3)],
)
def test_a_metric_over_all_runs_is_decided_by_its_interval(limit, runs, status, code, tmp_path):
    slow = '[[expect]]\nid = "quick"\nagent = "support"\nmetric = "response_gap.p95"\n'
    slow += f'at_most = "{limit}"\nover = "batch"\n'
    text = CALL + slow + verdict("30%")
    done, summary = batch(tmp_path, text, "--repeat", runs, words='"Your number?"')

    (found,) = summary["expectations"]
    assert (found["id"], found["status"], found["runs"]) == ("quick", status, runs)
    assert done.code == code
    assert f"over all quick: {status}: response_gap.p95 of {runs} runs is" in done.out
    if runs == 20:
        assert found["low"] <= found["value"] <= found["high"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--until-decided",), "--until-decided needs a table [verdict]"),
        (("--matrix", "a=b"), "--matrix makes the cells of --repeat"),
        (("--repeat", 2, "--matrix", "agents.caller.voice"), "write KEY=A,B,C"),
        (("--repeat", 2, "--matrix", "agents.caller.voise=ash"), 'did you mean "voice"?'),
        (("--until-decided", "--shard", "1/2"), "leave --shard out"),
    ],
)
def test_what_cannot_be_is_told_before_anything_runs(options, told, tmp_path):
    done, summary = batch(tmp_path, CALL, *options)

    assert done.code == 2
    assert told in done.err
    assert summary is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[verdict]\nat_least = "0%"', "met by every batch"),
        ("[verdict]\nat_least = 0.9", "percent"),
        ("[verdict]\n", "at_least"),
        ('[verdict]\nat_least = "90%"\nconfidence = "100%"', "below 100%"),
        ("[matrix]\nagents = { caller = { voice = ['ash'] } }", "put the whole path into quotes"),
        ('[matrix]\n"agents.caller.voice" = "ash"', "needs a list of values"),
        ('[matrix]\n"agents.caller.voice" = []', "needs a list of values"),
        ('[matrix]\n"agents.caller.voice" = ["ash", "ash"]', "has a value twice"),
        ('[matrix]\n"verdict.at_least" = ["90%"]', "no matter of a single run"),
        (f'[matrix]\n"a" = {list(range(40))}\n"b" = {list(range(40))}', "makes 1,600 cells"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(text, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(toml=CALL.replace("WORDS", '"Hi."') + text, clock="virtual")

    assert told in str(caught.value)


def test_the_check_says_how_many_cells_and_runs_there_are(tmp_path):
    matrix = '[matrix]\n"agents.caller.voice" = ["ash", "coral", "echo"]\n'
    done, _ = batch(tmp_path, CALL + matrix + verdict("95%"), "--check")

    assert done.code == 0
    assert "matrix: 3 cells" in done.out
    assert "verdict: 59 runs or more can show at_least = 95%" in done.out
