"""What a judge finds: the status of an expectation, and the moment that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.expectations.judges.timeline import Occurrence
    from soundstage.messages import Kind, Owner, Status
    from soundstage.units import Samples


class Finding(Struct, frozen=True, kw_only=True):
    """What was found of one expectation.

    Attributes:
        status: how it stands.
        kind: why it did not pass.
        sentence: what happened.
        agent: the agent that it turns on.
        pts: the moment to listen to.
        turn: its turn.
        owner: whose it is, where it is not that of the agent.
        measured: what was compared with a limit.
        is_final: whether nothing that may still come changes it.
    """

    status: Status
    sentence: str
    kind: Kind = ""
    agent: str = ""
    pts: Samples | None = None
    turn: int | None = None
    owner: Owner | None = None
    measured: float | None = None
    is_final: bool = False


def passed(sentence: str, at: Occurrence | None = None, *, is_final: bool = False) -> Finding:
    """It came as expected."""
    return Finding(
        status="passed",
        sentence=sentence,
        agent="" if at is None else at.agent,
        pts=None if at is None else at.start,
        turn=(at.turn or None) if at is not None else None,
        is_final=is_final,
    )


def failed(
    kind: Kind, sentence: str, at: Occurrence | None = None, *, is_final: bool = False
) -> Finding:
    """It did not; `at` is the moment to listen to."""
    return Finding(
        status="failed",
        kind=kind,
        sentence=sentence,
        agent="" if at is None else at.agent,
        pts=None if at is None else at.start,
        turn=(at.turn or None) if at is not None else None,
        is_final=is_final,
    )


def skipped(kind: Kind, sentence: str) -> Finding:
    """What it is about did not come."""
    return Finding(status="skipped", kind=kind, sentence=sentence)


def unknown(kind: Kind, sentence: str, owner: Owner) -> Finding:
    """It cannot be judged."""
    return Finding(status="unknown", kind=kind, sentence=sentence, owner=owner)


_WORST = ("failed", "unknown", "deferred", "passed", "skipped")


def worst(findings: Sequence[Finding]) -> Finding:
    """The one that decides: a failure before what is unknown, before what passed.

    It is final if it failed for good, or if all are.
    """
    found = min(
        findings, key=lambda each: (_WORST.index(each.status), not each.is_final, each.pts or 0)
    )
    if found.status == "failed" and found.is_final:
        return found
    return replace(found, is_final=all(each.is_final for each in findings))
