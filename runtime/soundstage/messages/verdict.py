"""What became of one expectation of a scenario: the same in the report, the tests and the views."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct

from soundstage.units import Samples

Status: TypeAlias = Literal["passed", "failed", "skipped", "unknown", "deferred"]
"""How an expectation came out.

`skipped`: what it is about did not occur. `unknown`: what it needs is missing, so it is neither
passed nor failed. `deferred`: many runs decide it, not this one.
"""

Need: TypeAlias = Literal["required", "advisory"]
"""Whether a failure fails the run, or is only shown."""

Kind: TypeAlias = Literal[
    "",
    "missing",
    "too_few",
    "too_many",
    "late",
    "forbidden",
    "out_of_order",
    "above_limit",
    "below_limit",
    "no_response",
    "other_first",
    "not_stopped",
    "stopped",
    "state_differs",
    "not_combined",
    "judged_false",
    "unanswered",
    "no_occasion",
    "not_selected",
    "not_recognized",
    "low_score",
    "not_measured",
    "not_searched",
    "state_unavailable",
    "judge_unavailable",
    "judge_unclear",
    "cut_short",
    "undecided_part",
    "batch",
]
"""Why an expectation did not pass; empty where it passed. The list is closed.

Failed: `missing` to `unanswered`. Skipped: `no_occasion`, `not_selected`. Unknown:
`not_recognized` to `undecided_part`. Deferred: `batch`.
"""

KINDS: Final[tuple[str, ...]] = get_args(Kind)


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of one expectation in one run.

    Attributes:
        id: the expectation's own.
        status: `passed`, `failed`, `skipped`, `unknown` or `deferred`.
        need: `required` or `advisory`.
        expected: what was expected, in words.
        sentence: what happened instead, or how it passed.
        kind: why it did not pass; empty where it did.
        owner: whose it is that it did not pass: `agent`, `simulator` or `infrastructure`; empty
            where it passed or was skipped.
        agent: the agent that it turns on; empty where there is none.
        pts: the moment to listen to, in samples of the run; None where there is none.
        at: the same in seconds.
        turn: the number of the turn in which that is; None where it is in none.
        measured: the value that was compared with a limit, in seconds, a count or a share.
        why: the scenario's own remark.
    """

    id: str
    status: Status
    need: Need
    expected: str
    sentence: str
    kind: Kind = ""
    owner: Literal["", "agent", "simulator", "infrastructure"] = ""
    agent: str = ""
    pts: Samples | None = None
    at: float | None = None
    turn: int | None = None
    measured: float | None = None
    why: str = ""
