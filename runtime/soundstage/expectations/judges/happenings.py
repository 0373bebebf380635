"""Whether a moment came as often as it must: `happens`, `never`, and their short forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from soundstage.expectations.declared.expected_words import clock, moment_in_words, quoted
from soundstage.expectations.declared.slot_values import Bindings
from soundstage.expectations.judges.findings import Finding, failed, passed, skipped, unknown, worst
from soundstage.expectations.judges.spans_of_time import matching, windows
from soundstage.expectations.judges.timeline import score_of
from soundstage.messages import Owner, events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.expectations.declared.expectation_tables import Expectation, ExpectedMoment
    from soundstage.expectations.judges.spans_of_time import Window
    from soundstage.expectations.judges.timeline import Occurrence, Timeline

LEAST_SCORE: Final = -1.0
"""The mean log probability below which recognised words say nothing: Whisper's own limit."""


def judge_moment(expectation: Expectation, line: Timeline) -> Finding:
    """Whether the moment of an expectation came as often as it must."""
    moment = expectation.moment
    if moment is None:
        raise AssertionError("only an expectation of a moment is judged here")
    if moment.form == "heard":
        return _judge_heard(expectation, moment, line)
    return _judge(expectation, moment, line, line.find(moment))


def _judge(
    expectation: Expectation, moment: ExpectedMoment, line: Timeline, found: list[Occurrence]
) -> Finding:
    found = matching(expectation, found)
    if expectation.before is not None:
        _, most = expectation.bounds
        judge = _judge_not_before if most == 0 else _judge_before
        return judge(expectation, moment, line, found)
    spans = windows(expectation, line)
    if not spans and expectation.after is not None:
        return skipped(
            "no_occasion", f"there was no time when {moment_in_words(expectation.after)}"
        )
    every = [_judge_window(expectation, moment, line, span, found) for span in spans]
    one = worst(every)
    # Another `after` may still come, and open a time in which it has to happen again.
    may_open = expectation.after is not None and not line.is_whole
    return replace(one, is_final=False) if may_open and one.status != "failed" else one


def _judge_window(
    expectation: Expectation,
    moment: ExpectedMoment,
    line: Timeline,
    span: Window,
    found: Sequence[Occurrence],
) -> Finding:
    inside = [each for each in found if span.holds(each) and span.bound.agrees(each.bound)]
    groups = _by_slots(inside) if expectation.times is not None else [inside]
    return worst([_count(expectation, moment, line, span, group, found) for group in groups])


def _by_slots(found: Sequence[Occurrence]) -> list[list[Occurrence]]:
    """Those that bind the same values: each order is refunded so often, not all of them."""
    groups: list[list[Occurrence]] = []
    for each in found:
        same = (group for group in groups if _same_slots(group[0], each))
        group = next(same, None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    return groups or [[]]


def _same_slots(one: Occurrence, other: Occurrence) -> bool:
    return Bindings(one.bound.slots).agrees(Bindings(other.bound.slots))


def _count(
    expectation: Expectation,
    moment: ExpectedMoment,
    line: Timeline,
    span: Window,
    inside: list[Occurrence],
    found: Sequence[Occurrence],
) -> Finding:
    least, most = expectation.bounds
    what, over = moment_in_words(moment), span.is_over(line)
    if most is not None and len(inside) > most:
        culprit = inside[most]
        if most == 0:
            return failed("forbidden", _told(culprit), culprit, is_final=True)
        many = f"{what}: {len(inside)} times, and {most} at most were expected"
        return failed("too_many", many, culprit, is_final=True)
    if len(inside) >= least:
        final = most is None or over
        if not inside:
            return replace(passed("it did not happen"), is_final=final)
        return passed(_told(inside[0]), inside[0], is_final=final)
    if inside:
        few = f"{what}: {len(inside)} times, and {least} at least were expected"
        return failed("too_few", few, inside[-1], is_final=over)
    return _missing(moment, line, span, found, is_final=over)


def _missing(
    moment: ExpectedMoment,
    line: Timeline,
    span: Window,
    found: Sequence[Occurrence],
    *,
    is_final: bool,
) -> Finding:
    later = next((each for each in found if span.end is not None and each.start > span.end), None)
    since = "" if span.opened_by is None else f" after {clock(span.opened_by.end)}"
    if later is not None and span.end is not None:
        late = (
            f"it came only at {clock(later.start)}, and the time for it ended at {clock(span.end)}"
        )
        return failed("late", late, later, is_final=is_final)
    sentence = f"it did not happen{since}{_instead(moment, line)}"
    finding = failed("missing", sentence, span.opened_by, is_final=is_final)
    return replace(finding, agent=moment.agent or moment.by or "")


def _instead(moment: ExpectedMoment, line: Timeline) -> str:
    """What was said where words are missing, so that a reader sees how near it was."""
    if moment.said is None:
        return ""
    texts = [turn.said for turn in line.turns if moment.agent in {None, turn.agent} and turn.said]
    who = moment.agent or "all agents"
    if not texts:
        return f": {who} said nothing" if moment.agent else ": no agent said anything"
    return f": the last of {len(texts)} turns of {who} was {quoted(texts[-1])}"


def _told(occurrence: Occurrence) -> str:
    who = f"{occurrence.agent}: " if occurrence.agent else ""
    return f"at {clock(occurrence.start)}, {who}{quoted(occurrence.text)}"


def _judge_before(
    expectation: Expectation, moment: ExpectedMoment, line: Timeline, found: list[Occurrence]
) -> Finding:
    """Each time that `before` comes, the moment must have come: each counts for one of them."""
    before = expectation.before
    occasions = [] if before is None else matching(expectation, line.find(before))
    spans = windows(expectation, line)
    least, most = expectation.bounds
    occasions = [each for each in occasions if any(span.start <= each.start for span in spans)]
    if not occasions or before is None:
        what = "" if before is None else moment_in_words(before)
        return skipped("no_occasion", f"there was no time when {what}")
    free = [each for each in found if any(span.holds(each) for span in spans)]
    findings: list[Finding] = []
    for occasion in occasions:
        fitting = [
            each
            for each in free
            if _is_over_before(each, occasion, before) and occasion.bound.agrees(each.bound)
        ]
        findings.append(_of_occasion(occasion, fitting, least, most, moment))
        used = fitting[: most if most is not None else least]
        free = [each for each in free if each not in used]
    one = worst(findings)
    return one if one.status == "failed" else replace(one, is_final=line.is_whole)


def _of_occasion(
    occasion: Occurrence,
    fitting: Sequence[Occurrence],
    least: int,
    most: int | None,
    moment: ExpectedMoment,
) -> Finding:
    what = moment_in_words(moment)
    if len(fitting) < least:
        missing = f"before {_told(occasion).removeprefix('at ')} there was no time when {what}"
        finding = failed("missing", missing, occasion, is_final=True)
        return replace(finding, agent=moment.agent or moment.by or "")
    if most is not None and len(fitting) > most:
        many = f"{what}: {len(fitting)} times before {clock(occasion.start)}"
        return failed("too_many", many, fitting[most], is_final=True)
    return passed(_told(fitting[0]), fitting[0]) if fitting else passed("it did not come before")


def _judge_not_before(
    expectation: Expectation, moment: ExpectedMoment, line: Timeline, found: list[Occurrence]
) -> Finding:
    """It must not come before the first `before`; where that never comes, not at all."""
    before = expectation.before
    ends = [] if before is None else matching(expectation, line.find(before))
    for span in windows(expectation, line):
        first = next((each for each in ends if span.holds(each)), None)
        early = [
            each
            for each in found
            if span.holds(each)
            and span.bound.agrees(each.bound)
            and (first is None or before is None or _began_before(each, first))
        ]
        if early:
            return failed("forbidden", _told(early[0]), early[0], is_final=first is not None)
    del moment
    return passed("it did not happen before", is_final=line.is_whole)


def _began_before(one: Occurrence, other: Occurrence) -> bool:
    return one.start < other.end


def _is_over_before(one: Occurrence, other: Occurrence, before: ExpectedMoment) -> bool:
    """Whether one was over when the other began; two speakers may overlap a little."""
    if before.form in {"said", "heard"}:
        return one.start < other.start
    return one.end <= other.start


def _judge_heard(expectation: Expectation, moment: ExpectedMoment, line: Timeline) -> Finding:
    """What was recognised says something only where a recogniser listened, and was sure."""
    listeners = [moment.by] if moment.by else list(line.history.agents)
    able = [name for name in listeners if line.history.recognizes(name)]
    if not able:
        who = moment.by or "no agent"
        nothing = f"{who} recognises no words" if moment.by else "no agent recognises words"
        return unknown("not_recognized", nothing, Owner.SIMULATOR)
    found = line.find(moment)
    sure = [each for each in found if each.score is None or each.score >= LEAST_SCORE]
    finding = _judge(expectation, moment, line, sure)
    doubtful = [
        each
        for each in line.of(events.HeardText)
        if moment.by in {None, each.agent}
        and moment.agent in {None, each.speaker}
        and (score_of(each) or 0.0) < LEAST_SCORE
    ]
    least, most = expectation.bounds
    settled = finding.status == "passed" and least and most is None
    if doubtful and not settled and finding.status != "skipped":
        told = quoted(doubtful[0].text)
        sentence = f"the recogniser was not sure of {told} at {clock(doubtful[0].start)}"
        return replace(
            unknown("low_score", sentence, Owner.SIMULATOR),
            pts=doubtful[0].start,
            agent=doubtful[0].agent,
        )
    if finding.status == "failed" and finding.kind in {"missing", "too_few", "late"}:
        return _blamed(finding, moment, line)
    return finding


def _blamed(finding: Finding, moment: ExpectedMoment, line: Timeline) -> Finding:
    """Words that were played and not recognised are the recogniser's failure, not the speaker's."""
    if moment.heard is None:
        return finding
    played = next(
        (
            turn
            for turn in line.turns
            if moment.agent in {None, turn.agent} and moment.heard.match(turn.said) is not None
        ),
        None,
    )
    if played is None:
        return replace(finding, agent=moment.agent or "")
    when = f"{played.agent} said it at {clock(played.start)}"
    sentence = f"{finding.sentence}; {when}, and it was not recognised"
    return replace(
        finding, sentence=sentence, owner=Owner.SIMULATOR, pts=played.start, turn=played.number
    )
