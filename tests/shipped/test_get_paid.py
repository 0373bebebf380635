"""Payment requests: heard right, confirmed by voice, made once, never lost."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from soundstage_agents._ledger import Ledger
from soundstage_agents.payments import LEDGER

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

SPOKEN = {
    "nineteen dollars and ninety nine cents": ("19.99", "USD"),
    "one hundred and twenty euros": ("120.00", "EUR"),
    "twelve hundred and fifty pounds": ("1250.00", "GBP"),
    "five point five US dollars": ("5.50", "USD"),
    "fifteen thousand yen": ("15000", "JPY"),
}


def kept(folder: Path) -> list[tuple[str, Decimal, str, str]]:
    ledger = Ledger(folder / LEDGER)
    found = [(r.reference, r.amount, r.currency, r.state) for r in ledger.all()]
    ledger.close()
    return found


def test_a_request_that_is_repeated_makes_one_payment(run_scenario: RunScenario) -> None:
    run = run_scenario("get_paid")
    assert len(run.tool_calls("create_payment_request")) == 3
    assert len(run.tool_calls("confirm_payment_request")) == 3
    assert kept(run.folder) == [
        ("1234", Decimal("25.50"), "USD", "accepted"),
        ("77", Decimal("120.00"), "EUR", "accepted"),
    ]
    assert run.said_by("assistant").count("request number 1 is on its way") == 2


def test_amounts_and_currencies_arrive_right_however_they_are_spoken(
    run_scenario: RunScenario,
) -> None:
    lines: list[str] = []
    for number, amount in enumerate(SPOKEN, 21):
        lines += [f"I want to pay {amount} for order {number}.", "Yes, please."]
    run = run_scenario("get_paid", set={"agents.customer.local.lines": lines, "end.turns": 21})
    assert kept(run.folder) == [
        (str(number), Decimal(amount), currency, "accepted")
        for number, (amount, currency) in enumerate(SPOKEN.values(), 21)
    ]


def test_a_request_that_is_refused_is_not_kept_as_one(run_scenario: RunScenario) -> None:
    lines = ["I want to pay twelve dollars for order seventy seven.", "No, that is wrong."]
    run = run_scenario("get_paid", set={"agents.customer.local.lines": lines, "end.turns": 5})
    assert kept(run.folder) == [("77", Decimal("12.00"), "USD", "cancelled")]


@pytest.mark.realtime
def test_a_killed_process_loses_no_accepted_request(tmp_path: Path) -> None:
    program = f"""
import os, signal
from decimal import Decimal
from soundstage_agents.payments import Cashier
cashier = Cashier.bare(ledger={str(tmp_path / LEDGER)!r})
cashier.create_payment_request(Decimal("25.5"), "dollars", "X 1234")
cashier.confirm_payment_request("X 1234")
print("accepted", flush=True)
cashier.create_payment_request(Decimal(7), "euros", "X 1235")
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (-9, "accepted\n"), done.stderr
    assert kept(tmp_path)[0] == ("X1234", Decimal("25.50"), "USD", "accepted")


@pytest.mark.realtime
def test_the_requests_of_a_run_are_listed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / LEDGER)
    ledger.request("X1234", Decimal("25.50"), "USD")
    ledger.close()
    command = [sys.executable, "-m", "soundstage_agents.payments"]
    listed = subprocess.run(
        [*command, tmp_path], capture_output=True, text=True, timeout=30, check=True
    )
    assert listed.stdout.split() == ["1", "X1234", "25.50", "USD", "waiting"]
    missing = subprocess.run(
        [*command, tmp_path / "nosuch"], capture_output=True, text=True, timeout=30, check=False
    )
    assert missing.returncode == 1
    assert "there is no ledger" in missing.stderr
