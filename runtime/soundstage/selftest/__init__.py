"""Proof that a suite can fail: faults planted in the agents under test, and what catches them."""

from soundstage.selftest.planted_faults import FAULTS, Plant, planted
from soundstage.selftest.selftest_findings import AgainFinding, Finding, Findings, findings_of
from soundstage.selftest.selftest_runs import SelftestRequest, run_selftest

__all__ = [
    "FAULTS",
    "AgainFinding",
    "Finding",
    "Findings",
    "Plant",
    "SelftestRequest",
    "findings_of",
    "planted",
    "run_selftest",
]
