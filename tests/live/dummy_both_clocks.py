"""An agent whose session has a fault, on the virtual clock and on the wall's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage import Run, run_scenario

if TYPE_CHECKING:
    from pathlib import Path

Outcome = tuple[str, int, str | None, str]
"""How a run came out, its exit code, whose fault that is, and why."""

ENDED: Outcome = ("ended", 0, None, "")
"""The conversation goes on, and comes to one of its ends."""

LOST: Outcome = ("invalid", 3, "infrastructure", "connection_lost")
UNANSWERED: Outcome = ("failed", 1, "agent", "expect:unanswered")

OF_ANY_SESSION: dict[str, Outcome] = {
    'kind = "refuse", status = 401': ("invalid", 3, "infrastructure", "provider:401"),
    'kind = "refuse", status = 429': ("invalid", 3, "infrastructure", "provider:429"),
    'kind = "refuse", status = 503': ("invalid", 3, "infrastructure", "provider:503"),
    'kind = "slow_answer", delay = "500ms"': ENDED,
    'kind = "slow_response", nth = 1, delay = "500ms"': ENDED,
    'kind = "expire", after = "200ms"': LOST,
    'kind = "drop", what = "channel", after = "200ms"': LOST,
    'kind = "drop", what = "path"': LOST,
    'kind = "drop", what = "connection", nth = 1': LOST,
    # The caller got no answer: where its service made none, that is not the agent's fault.
    'kind = "failed", nth = 1': ("invalid", 3, "infrastructure", "expect:unanswered"),
    'kind = "cut_arguments", nth = 1': ENDED,
    'kind = "wrong_number"': ENDED,
    'kind = "talkative"': ENDED,
    'kind = "repeated_call"': ENDED,
    'kind = "deaf"': UNANSWERED,
}
"""Faults that come out alike, whichever protocol the session speaks."""

BOT = """
[scenario]
under_test = ["bot"]
[tools.look]
description = "Looks."
parameters = { type = "object", properties = { at = { type = "string" } } }
mock = [{ returns = { seen = "a kettle" } }]
[[links]]
between = ["bot", "caller"]
[agents.caller]
kind = "scripted"
voice = "coral"
wait = "300ms"
"""
"""What a scene has beside the words of its caller and of the agent `bot`, and its end."""


def played_on_both(toml: str, folder: Path) -> tuple[Run, Run]:
    """A run in simulated time, and one live."""
    simulated, live = (
        run_scenario(toml=toml, clock=clock, out=folder / clock, check=False)
        for clock in ("virtual", "wall")
    )
    return simulated, live


def check_alike(simulated: Run, live: Run, outcome: Outcome) -> None:
    """Both came out as they should."""
    assert outcome_of(simulated) == outcome
    assert outcome_of(live) == outcome
    assert [each.error for each in live.faults] == [each.error for each in simulated.faults]


def outcome_of(run: Run) -> Outcome:
    """What must not depend on the clock: how it came out, and whose fault it is."""
    if run.cause is None:
        return run.outcome, run.exit_code, None, ""
    return run.outcome, run.exit_code, run.cause.owner.value, run.cause.reason


def kinds_in(plan: dict[str, Outcome]) -> set[str]:
    """The kinds of its faults."""
    return {fault.split('"')[1] for fault in plan}
