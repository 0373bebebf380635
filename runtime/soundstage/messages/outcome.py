"""How a run came out: made once, and the same in its log, its report and its exit code."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from soundstage.errors import KernelError, RunBrokenOff, is_interrupt
from soundstage.messages.cause import Cause, Owner, cause_of, cause_of_break_off
from soundstage.messages.events import Fault, RunEnded
from soundstage.units import Samples

EXIT_ENDED: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INVALID: Final = 3
EXIT_INTERRUPTED: Final = 130
EXIT_TERMINATED: Final = 143


class Outcome(Struct, frozen=True):
    """How a run came out.

    Attributes:
        kind: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it, in a word: `turns`, `max`, `fault:bob`, `provider:401` …
        exit_code: what the command exits with: 0, 1, 3, and 130 or 143 where it is interrupted.
        cause: why the run failed or is invalid; None for any other.
    """

    kind: str
    reason: str
    exit_code: int
    cause: Cause | None = None

    @property
    def explanation(self) -> str:
        """The reason in a sentence; empty where the word says it all."""
        return "" if self.cause is None else self.cause.message

    def event(self, pts: Samples) -> RunEnded:
        """The last line of the event log."""
        return RunEnded(
            pts=pts,
            outcome=self.kind,
            reason=self.reason,
            exit_code=self.exit_code,
            cause=UNSET if self.cause is None else self.cause,
        )


def outcome_of_end(reason: str, *, guarded: bool) -> Outcome:
    """The outcome of an end that was reached; `max` beside other ends is a guard that fails."""
    if reason == "max" and guarded:
        message = "no other end was reached before end.max"
        return outcome_of(Cause(owner=Owner.AGENT, reason="max", message=message))
    return Outcome("ended", reason, EXIT_ENDED)


def outcome_of_hang_up(by: str, *, declared: bool) -> Outcome:
    """The outcome of a call that was hung up: an end only where the scenario says so.

    An agent hangs up only as its table says, so that is declared too.
    """
    if declared:
        return Outcome("ended", "hang_up", EXIT_ENDED)
    code = EXIT_TERMINATED if by == "terminate" else EXIT_INTERRUPTED
    return Outcome("interrupted", by, code)


def outcome_of(cause: Cause) -> Outcome:
    """The outcome of a run that something went wrong in: failed by an agent, or else invalid."""
    if cause.owner is Owner.AGENT:
        return Outcome("failed", cause.reason, EXIT_FAILED, cause)
    return Outcome("invalid", cause.reason, EXIT_INVALID, cause)


def outcome_of_break(error: KernelError, under_test: Collection[str]) -> Outcome:
    """The outcome of a run that its kernel broke off.

    Args:
        error: why.
        under_test: the agents whose faults fail the run.
    """
    if not isinstance(error, RunBrokenOff):
        return outcome_of(cause_of_break_off(error))
    if is_interrupt(error.error):
        return outcome_of_hang_up("interrupt", declared=False)
    return outcome_of(cause_of_break(error, under_test))


def cause_of_break(broken: RunBrokenOff, under_test: Collection[str]) -> Cause:
    """Why an actor failed that its run cannot do without."""
    cause = cause_of(broken.error, broken.actor)
    return attributed(cause, broken.actor, agents=(), under_test=under_test)


def fault_of_break(broken: RunBrokenOff, pts: Samples) -> Fault:
    """The log's line about an actor that its run cannot do without."""
    cause = cause_of_break(broken, ())
    return Fault(
        pts=pts,
        agent=broken.actor,
        error=cause.message,
        traceback=broken.traceback,
        action="end",
        cause=cause,
    )


def attributed(
    cause: Cause, actor: str, *, agents: Collection[str], under_test: Collection[str]
) -> Cause:
    """The cause of an actor's fault, with its owner as the scenario has it.

    Args:
        cause: as it was found where the error was caught.
        actor: the actor's name.
        agents: all agents of the scenario.
        under_test: those whose faults fail the run.
    """
    if cause.owner is not Owner.AGENT or actor in under_test:
        return cause
    # Of what is no agent, only a floor's policy or the like is code of the user.
    is_machinery = actor not in agents and not cause.place
    return replace(cause, owner=Owner.INFRASTRUCTURE if is_machinery else Owner.SIMULATOR)


def worse(outcome: Outcome, later: Outcome) -> Outcome:
    """What a fault after the end makes of the outcome.

    A run that ended well fails if an agent under test fails while it is being stopped. All that
    was to be judged had happened by then, so a fault of anything else changes nothing.
    """
    return later if outcome.kind == "ended" and later.kind == "failed" else outcome


def spoiled(outcome: Outcome, cause: Cause) -> Outcome:
    """The outcome of a run whose recording is not whole: one that ended well cannot be judged."""
    return outcome_of(cause) if outcome.kind == "ended" else outcome
