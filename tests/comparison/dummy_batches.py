"""Batches of rows that no run has made, to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dummy_report import record
from dummy_run import call
from msgspec.structs import replace

from soundstage.ledger import BatchPlan, ExpectationRow, MachineFacts, Row
from soundstage.ledger.batch_plan import write_plan
from soundstage.ledger.ledger_file import Ledger
from soundstage.messages.events import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from soundstage.messages.events import Event

DIGEST = "0123456789abcdef"
VARIES = {"agents.bob.local.think": "100ms to 900ms"}


def row(seed: int, outcome: str = "ended", *, words: str = "", **fields: Any) -> Row:
    """A run, whose fingerprint is that of its seed and the words that are other than usual."""
    code = {"ended": 0, "failed": 1}.get(outcome, 3)
    given = {
        "batch": DIGEST,
        "reason": "turns",
        "exit_code": code,
        "deterministic": True,
        "fingerprint": f"{seed} {words}",
        "machine": MachineFacts(processor="x86-64-v3"),
        "expectations": (
            ExpectationRow(id="greets", status="passed"),
            ExpectationRow(id="refunds", status="failed" if code == 1 else "passed"),
        ),
    }
    return Row(seed=seed, outcome=outcome, **{**given, **fields})


def batch(
    folder: Path,
    rows: Iterable[Row],
    *,
    runs: int = 0,
    logs: Mapping[int, str] | None = None,
    **plan: Any,
) -> Path:
    """A batch with these rows.

    Args:
        folder: of it.
        rows: in any order.
        runs: how many it declares; as many seeds as there are where it is 0.
        logs: by seed, what the last turn of the run says, whose log is kept.
        plan: what else its plan says.
    """
    made = list(rows)
    folder.mkdir()
    given = {"clock": "virtual", "varies": VARIES, "identity": {"tables": {"end": {"turns": 4}}}}
    write_plan(
        folder,
        BatchPlan(
            digest=DIGEST,
            scenario="refund",
            seed=0,
            runs=runs or len({each.seed for each in made}),
            **{**given, **plan},
        ),
    )
    ledger = Ledger(folder)
    try:
        for each in made:
            ledger.add(each)
    finally:
        ledger.close()
    for each in made:
        if logs and each.seed in logs:
            record(each.unit.folder(folder), saying(logs[each.seed]), ("alice", "bob"))
    return folder


def saying(words: str) -> list[Event]:
    """A call in which Bob's last turn has other words."""
    return [
        replace(event, said=words, generated=words)
        if isinstance(event, Turn) and event.number == 4 and words
        else event
        for event in call()
    ]
