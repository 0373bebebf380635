"""How a run came out, and what the command exits with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.errors import RunBrokenOff
from soundstage.messages import Faulted

if TYPE_CHECKING:
    from soundstage.errors import KernelError, RunInvalid

EXIT_CODES = {"ended": 0, "failed": 1, "invalid": 3}

WEATHER = {
    "CallRefused": "provider",
    "ConnectError": "provider",
    "ConnectTimeout": "provider:timeout",
    "ConnectionLost": "connection_lost",
    "RecordingFailed": "recording",
    "EngineMissing": "engine",
    "WeightsMismatch": "weights",
    "DeviceMissing": "device",
    "PortTaken": "port",
}
"""Errors that say nothing about what is under test, by name, and the reason they give."""


class Verdict(Struct, frozen=True):
    """The outcome of a run.

    Attributes:
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it, in a word: `turns`, `max`, `fault:bob`, `provider:401` …
        exit_code: what the command exits with.
        explanation: the same in a sentence, for people; empty where the reason says all.
    """

    outcome: str
    reason: str
    exit_code: int
    explanation: str = ""


def verdict_of_end(reason: str, *, guarded: bool) -> Verdict:
    """The outcome of an end that was reached; `max` beside other ends is a guard that fails."""
    if reason == "max" and guarded:
        return Verdict(
            "failed", "max", EXIT_CODES["failed"], "no other end was reached before end.max"
        )
    return Verdict("ended", reason, EXIT_CODES["ended"])


def verdict_of_hang_up(by: str, *, declared: bool) -> Verdict:
    """The outcome of a call that was hung up: an end only where the scenario says so.

    An agent hangs up only as its table says, so that is declared too.
    """
    if declared:
        return Verdict("ended", "hang_up", EXIT_CODES["ended"])
    return Verdict("interrupted", by, 143 if by == "terminate" else 130)


def verdict_of_fault(fault: Faulted, under_test: frozenset[str]) -> Verdict:
    """The outcome of a fault that no restart mended.

    Weather (an endpoint that cannot be reached, a disk that is full) makes a run invalid, and so
    does a fault of an agent that is not under test.
    """
    kind = fault.error.partition(":")[0]
    if kind in WEATHER:
        reason = _reason_of_weather(kind, fault.error)
        return Verdict("invalid", reason, EXIT_CODES["invalid"], fault.error)
    outcome = "failed" if fault.actor in under_test else "invalid"
    return Verdict(outcome, f"fault:{fault.actor}", EXIT_CODES[outcome], fault.error)


def verdict_of_break(error: KernelError, under_test: frozenset[str]) -> Verdict:
    """The outcome of a run that the kernel could not carry on with."""
    if not isinstance(error, RunBrokenOff):
        return Verdict("invalid", "kernel", EXIT_CODES["invalid"], str(error))
    if isinstance(error.error, KeyboardInterrupt):
        return verdict_of_hang_up("interrupt", declared=False)
    return verdict_of_fault(fault_of_break(error), under_test)


def fault_of_break(broken: RunBrokenOff) -> Faulted:
    """What a watcher would have been told, had the actor had one."""
    error = f"{type(broken.error).__name__}: {broken.error}"
    return Faulted(broken.actor, error, broken.traceback, "end", 0)


def verdict_of_start(error: RunInvalid) -> Verdict:
    """The outcome of a run that could not be started."""
    reason = WEATHER.get(type(error).__name__, "start")
    return Verdict("invalid", reason, EXIT_CODES["invalid"], str(error))


def _reason_of_weather(kind: str, error: str) -> str:
    if kind == "CallRefused":
        status = re.search(r"\b([45]\d\d)\b", error)
        return f"provider:{status[1]}" if status else "provider"
    return WEATHER[kind]
