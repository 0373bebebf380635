"""Whether moments came one after the other: `order`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from soundstage.expectations.declared.expected_words import clock, moment_in_words
from soundstage.expectations.judges.findings import Finding, failed, passed, skipped, worst
from soundstage.expectations.judges.spans_of_time import windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.expectations.declared.expectation_tables import Expectation
    from soundstage.expectations.declared.slot_values import Bindings
    from soundstage.expectations.judges.spans_of_time import Window
    from soundstage.expectations.judges.timeline import Occurrence, Timeline
    from soundstage.messages import Kind


def judge_order(expectation: Expectation, line: Timeline) -> Finding:
    """Whether each step came after the last one, with the same values in the same slots."""
    spans = windows(expectation, line)
    if not spans and expectation.after is not None:
        return skipped(
            "no_occasion", f"there was no time when {moment_in_words(expectation.after)}"
        )
    return worst([_judge_window(expectation, line, span) for span in spans])


def _judge_window(expectation: Expectation, line: Timeline, span: Window) -> Finding:
    steps = expectation.order or ()
    found = [[each for each in line.find(step) if span.holds(each)] for step in steps]
    chain = _longest(found, 0, None, span.bound)
    over = span.is_over(line)
    if len(chain) == len(steps):
        final = expectation.after is None or over
        return passed(f"the last step came at {clock(chain[-1].start)}", chain[-1], is_final=final)
    missing = steps[len(chain)]
    last = chain[-1] if chain else span.opened_by
    since = f" after {clock(last.end)}" if last is not None else ""
    told = f"step {len(chain) + 1}, {moment_in_words(missing)}, did not come{since}"
    kind: Kind = "out_of_order" if found[len(chain)] else "missing"
    # The one whose step is missing has failed, and not the one that made the step before it.
    finding = failed(kind, told, last, is_final=over)
    return replace(finding, agent=missing.agent or missing.by or "")


def _longest(
    found: list[list[Occurrence]], step: int, last: Occurrence | None, bound: Bindings
) -> list[Occurrence]:
    """The longest chain of steps from one on; of equally long ones the earliest.

    The slots decide which of several moments a step is, so that the first need not be the one.
    Each value is tried once: what matters of a step is what it has bound, and when it was.
    """
    if step == len(found):
        return []
    best: list[Occurrence] = []
    tried: list[Mapping[str, object]] = []
    for each in found[step]:
        together = bound.joined(each.bound)
        if together is None or (last is not None and not _comes_after(each, last)):
            continue
        if together.slots in tried:
            continue
        tried.append(together.slots)
        chain = [each, *_longest(found, step + 1, each, together)]
        if len(chain) > len(best):
            best = chain
        if len(best) == len(found) - step:
            break
    return best


def _comes_after(one: Occurrence, other: Occurrence) -> bool:
    """Whether one began when the other was over; the answer to words may begin before the last."""
    if one == other:
        return False
    if one.turn and other.turn and one.turn != other.turn:
        return one.start > other.start and one.end > other.end
    return one.start >= other.end
