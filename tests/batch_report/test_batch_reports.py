"""The reports of a batch, made from ledgers that no run has written."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from dummy_batches import batch, row
from dummy_chromium import find_chromium, scan
from playwright.sync_api import sync_playwright

from soundstage.batch_report import (
    JUNIT,
    PAGE,
    expectation_cases,
    job_summary,
    workflow_commands,
    write_batch_page,
    write_junit,
)
from soundstage.ledger import ExpectationRow, read_plan, sorted_rows
from soundstage.sweep import write_tables
from soundstage.verdict import VerdictRule

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.batch_report import ExpectationCase
    from soundstage.ledger import Row
    from soundstage.sweep import Summary

HOSTILE = 'said <img src=x onerror="x()"> | `a` \u202eb\x1b[2J\n::error::no'


def again(cell: str, seed: int) -> str:
    return f"run-scenario x.toml --set 'a={cell}' --seed {seed}"


def refund(seed: int, status: str, **fields: Any) -> Row:
    """A run in which a required expectation has come out like this."""
    outcome = {"failed": "failed", "unknown": "invalid"}.get(status, "ended")
    found = ExpectationRow(
        id="refunds", status=status, sentence=HOSTILE, agent="bob", pts=36_000, turn=2
    )
    polite = ExpectationRow(id="polite", status="failed", need="advisory", sentence="rude")
    return row(seed, outcome, **{"expectations": (found, polite), **fields})


def reported(folder: Path, rows: list[Row], **plan: Any) -> tuple[Summary, list[ExpectationCase]]:
    """Both files of a batch with these rows."""
    made = batch(folder / "batch", rows, **plan)
    read = read_plan(made)
    assert read is not None
    summary = write_tables(made, read)
    cases = expectation_cases(sorted_rows(made, read))
    write_junit(made, summary, cases, again)
    write_batch_page(made, summary, cases, again)
    return summary, cases


def junit(folder: Path) -> dict[str, tuple[str, str]]:
    """By the name of each case: what it holds, and its text."""
    root = ET.parse(folder / "batch" / JUNIT).getroot()
    counts = {kind: sum(1 for _ in root.iter(kind)) for kind in ("failure", "error")}
    assert (root.get("failures"), root.get("errors")) == tuple(map(str, counts.values()))
    return {
        f"{case.get('classname')} {case.get('name')}": next(
            ((each.tag, each.text or "") for each in case), ("", "")
        )
        for case in root.iter("testcase")
    }


def test_a_failed_expectation_has_its_moment_its_words_and_its_command(tmp_path):
    reported(tmp_path, [refund(0, "passed"), refund(1, "failed"), refund(2, "failed")])
    cases = junit(tmp_path)

    kind, text = cases["refund refunds"]
    assert kind == "failure"
    assert text.startswith("seed 1 at 1.50 s, bob: said <img")
    assert "2 failed, 1 passed in 3 runs" in text
    assert text.endswith(again("", 1))
    assert r"\u202e" in text
    assert r"\x1b" in text
    assert cases["refund runs"][0] == "failure"
    # What only advises is told, and fails nothing.
    assert cases["refund polite"][0] == "system-out"


def test_what_could_not_be_judged_is_an_error_and_no_failure(tmp_path):
    summary, _ = reported(tmp_path, [refund(0, "passed"), refund(1, "unknown")])
    cases = junit(tmp_path)

    assert summary.exit_code == 3
    assert cases["refund refunds"][0] == "error"
    assert cases["refund runs"][0] == "error"


def test_a_batch_that_passes_is_green_in_each_report(tmp_path):
    rows = [row(seed, expectations=(ExpectationRow(id="a", status="passed"),)) for seed in (0, 1)]
    summary, found = reported(tmp_path, rows)

    assert summary.exit_code == 0
    assert {kind for kind, _ in junit(tmp_path).values()} == {""}
    assert workflow_commands(summary, found) == []
    assert "refund: passed" in job_summary(summary, found, again)


@pytest.mark.parametrize(("failed", "verdict"), [(2, "passed"), (40, "failed"), (10, "undecided")])
def test_with_a_rule_the_verdict_decides_and_not_each_run(tmp_path, failed, verdict):
    rows = [refund(seed, "failed" if seed < failed else "passed") for seed in range(100)]
    rule = VerdictRule(at_least=0.9)
    summary, found = reported(tmp_path, rows, rule=rule)
    cases = junit(tmp_path)

    assert summary.verdict == verdict
    kinds = {"passed": "", "failed": "failure", "undecided": "error"}
    assert cases["refund verdict"][0] == kinds[verdict]
    assert cases["refund refunds"][0] == "system-out"
    told = workflow_commands(summary, found)
    assert all(line.startswith("::warning") for line in told) == (summary.exit_code == 0)


def test_each_cell_of_a_matrix_is_a_suite_of_its_own(tmp_path):
    cells = ({"a.voice": "ash"}, {"a.voice": "echo"})
    rows = [
        refund(seed, "failed" if cell is cells[1] else "passed", cell=cell)
        for cell in cells
        for seed in (0, 1)
    ]
    reported(tmp_path, rows, cells=cells)
    cases = junit(tmp_path)

    assert cases["refund [voice-ash] refunds"][0] == ""
    assert cases["refund [voice-echo] refunds"][0] == "failure"


def test_a_run_that_is_owed_keeps_a_report_from_being_green(tmp_path):
    rows = [row(0, expectations=())]
    summary, _ = reported(tmp_path, rows, runs=3)

    assert summary.owed == 2
    assert junit(tmp_path)["refund runs"][0] == "error"


def test_nothing_that_an_agent_said_is_obeyed_by_github(tmp_path):
    summary, cases = reported(tmp_path, [refund(0, "failed")])

    (first, *others) = workflow_commands(summary, cases)
    assert first.startswith("::error title=refund%3A refunds::failed in 1 of 1 runs; seed 0: said")
    assert all("\n" not in line for line in (first, *others))
    text = job_summary(summary, cases, again)
    assert "<img" not in text.replace(r"\<img", "")
    assert "`run-scenario x.toml --set 'a=' --seed 0`" in text


def test_the_page_is_never_greener_than_the_exit_code(tmp_path):
    words = {"passed": "Passed", "failed": "Failed", "unknown": "Not judged"}
    for status, word in words.items():
        folder = tmp_path / status
        folder.mkdir()
        reported(folder, [refund(0, status)])
        page = (folder / "batch" / PAGE).read_text()
        assert f'<span class="word">{word}</span>' in page
        assert "<img" not in page


@pytest.mark.realtime
@pytest.mark.timeout(180)
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed")
def test_the_page_of_many_runs_asks_no_network_and_reads_well(tmp_path):
    rows = [refund(seed, "failed" if seed % 7 == 0 else "passed") for seed in range(2_000)]
    reported(tmp_path, rows)
    path = tmp_path / "batch" / PAGE
    assert path.stat().st_size < 100_000
    axe = files("axe_core_python").joinpath("axe.min.js").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_context(bypass_csp=True).new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text() == "Failed refund"
        assert page.locator("#missed").is_visible()
        assert asked == [path.as_uri()]
        assert complaints == []
        assert scan(page, axe) == []
        browser.close()
