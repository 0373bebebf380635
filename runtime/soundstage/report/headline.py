"""The verdict at the top of a report: never better than the exit code of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.messages import Verdict
    from soundstage.results import ExpectationReport, Result

_EXIT_FAILED: Final = 1


class Headline(Struct, frozen=True):
    """The verdict over a run.

    Attributes:
        tone: `passed`, `ended`, `failed`, `invalid` or `interrupted`.
        word: the verdict in a word or two.
        sentence: why.
    """

    tone: str
    word: str
    sentence: str


def headline(result: Result, judged: ExpectationReport, unreadable: str = "") -> Headline:
    """The verdict over a run.

    The outcome and the exit code decide. Expectations can only make the verdict worse, as they may
    have been judged again after the run. A run of which nothing was expected has not passed: it
    has ended.

    Args:
        result: how it came out.
        judged: what became of its expectations.
        unreadable: why its expectations cannot be read, or empty.
    """
    listed = [each for each in judged.verdicts if each.need == "required"]
    failed = [each for each in listed if each.status == "failed"]
    missed = [each for each in failed if each.owner in {"", "agent"}]
    doubtful = [each for each in listed if each.status == "unknown" or each in failed]
    why = result.cause.message if result.cause is not None else _reason(result)
    if result.outcome == "failed" or result.exit_code == _EXIT_FAILED:
        return Headline("failed", "Failed", _counted("failed", failed, listed) or why)
    if result.outcome == "interrupted":
        return Headline("interrupted", "Interrupted", why)
    if result.exit_code != 0 or result.outcome != "ended":
        return Headline("invalid", "Could not be judged", why)
    if missed or judged.outcome == "failed":
        return Headline("failed", "Failed", _counted("failed", missed, listed) or judged.reason)
    if unreadable:
        return Headline("invalid", "Could not be judged", unreadable)
    if doubtful:
        why = _counted("could not be judged", doubtful, listed)
        return Headline("invalid", "Could not be judged", why)
    if judged.outcome not in {"", "ended"}:
        return Headline("invalid", "Could not be judged", judged.reason)
    passed = sum(each.status == "passed" for each in listed)
    if passed:
        noun = "expectation" if passed == 1 else "expectations"
        rest = len(listed) - passed
        others = f"; {rest} had no occasion, or many runs decide" if rest else ""
        return Headline("passed", "Passed", f"{passed} {noun} passed{others}.")
    return Headline("ended", "Ended", f"{_reason(result)} Nothing was judged of this run.")


def _counted(what: str, found: Sequence[Verdict], listed: Sequence[Verdict]) -> str:
    """How many expectations came out so, and which; empty where none did."""
    names = ", ".join(each.id for each in found)
    return f"{len(found)} of {len(listed)} required expectations {what}: {names}." if found else ""


def _reason(result: Result) -> str:
    return f"The run {result.outcome}: {result.reason}." if result.reason else ""
