"""The shipped refund scenario catches six planted faults; without one of its tables, only five."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundstage.cli.selftesting.selftest_command import cores, show_findings
from soundstage.selftest import Findings, SelftestRequest, run_selftest

pytestmark = [pytest.mark.prove, pytest.mark.timeout(2400)]

REFUND = Path(__file__).parents[2] / "scenarios" / "refund.toml"
RUNS = 10


def tested(file: Path, capsys: pytest.CaptureFixture[str]) -> Findings:
    found = run_selftest(
        SelftestRequest(file=str(file), runs=RUNS, jobs=min(2, cores())), done=lambda row: None
    )
    with capsys.disabled():
        import sys  # noqa: PLC0415 - as pytest has it now

        show_findings(found, sys.stdout)
    return found


def test_six_planted_faults_are_caught(capsys: pytest.CaptureFixture[str]) -> None:
    found = tested(REFUND, capsys)
    assert found.exit_code == 0
    assert (found.again.status, found.again.runs) == ("identical", RUNS)
    assert [each.status for each in found.faults] == ["caught"] * 6
    assert all(each.failed == RUNS for each in found.faults)


def test_the_fault_that_only_a_removed_expectation_catches_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = REFUND.read_text()
    start = whole.index('[[expect]]\nid = "brief"')
    end = whole.index("[[expect]]", start + 1)
    file = tmp_path / "refund.toml"
    file.write_text(whole[:start] + whole[end:])
    found = tested(file, capsys)
    assert found.exit_code == 1
    assert [each.fault for each in found.missed] == ["talkative"]
