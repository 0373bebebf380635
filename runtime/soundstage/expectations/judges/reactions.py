"""How an agent reacts to a moment: it responds, stops, or continues, by what was audible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from soundstage.expectations.declared.expected_words import clock, moment_in_words
from soundstage.expectations.judges.findings import Finding, failed, passed, skipped, worst
from soundstage.expectations.judges.spans_of_time import matching
from soundstage.messages import events
from soundstage.units import samples_of_ms, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.expectations.declared.expectation_tables import Expectation
    from soundstage.expectations.judges.timeline import Occurrence, Timeline
    from soundstage.results import Interval
    from soundstage.units import Samples

_BREATH: Final = samples_of_ms(1000)
"""How long an agent that continues may pause."""

_TOLD_WITHIN: Final = samples_of_seconds(1)
"""How much later than it happens a voice may stand in the log of a run that goes on."""


def judge_reaction(expectation: Expectation, line: Timeline) -> Finding:
    """Whether the agent reacted as it must, each time that the moment came."""
    after, agent = expectation.after, expectation.agent
    if after is None or agent is None:
        raise AssertionError("a reaction has an agent and a moment")
    occasions = matching(expectation, line.find(after))
    if not occasions:
        return skipped("no_occasion", f"there was no time when {moment_in_words(after)}")
    judges = {"responds": _responds, "stops": _stops, "continues": _continues}
    judge = judges[expectation.reacts or "responds"]
    one = worst([judge(expectation, agent, each, line) for each in occasions])
    # The moment may come again, unless only one of its times counts.
    again = not line.is_whole and "nth" not in after.model_fields_set
    return replace(one, is_final=False) if again and one.status != "failed" else one


def _responds(
    expectation: Expectation, agent: str, occasion: Occurrence, line: Timeline
) -> Finding:
    voice = _answer(agent, occasion, line)
    limit = None if expectation.within is None else occasion.end + int(expectation.within)
    over = line.is_whole or (limit is not None and line.now > limit + _TOLD_WITHIN)
    if voice is None:
        silent = f"{agent} was silent from {clock(occasion.end)} on"
        return _about(failed("no_response", silent, occasion, is_final=over), agent)
    gap = max(0, voice.start - occasion.end)
    if limit is not None and voice.start > limit:
        late = f"{agent} began {seconds_of(gap):.2f} s after {clock(occasion.end)}"
        return _at(failed("late", late, is_final=True), agent, voice.start, gap, line)
    if expectation.only:
        other = _first_other(agent, occasion, voice.start, line)
        if other:
            own = f"{agent} at {clock(voice.start)}"
            first = f"{other[0]} was audible at {clock(other[1])}, before {own}"
            return _at(failed("other_first", first, is_final=True), other[0], other[1], gap, line)
    soon = f"{agent} began {seconds_of(gap):.2f} s after {clock(occasion.end)}"
    return _at(passed(soon, is_final=True), agent, voice.start, gap, line)


def _answer(agent: str, occasion: Occurrence, line: Timeline) -> Interval | None:
    """The agent's first voice that is later than the moment; it may begin before its last word."""
    before = [
        each for each in line.voices(agent) if occasion.start < each.start < occasion.end < each.end
    ]
    return before[0] if before else line.voice_from(agent, occasion.end)


def _first_other(
    agent: str, occasion: Occurrence, until: Samples, line: Timeline
) -> tuple[str, Samples] | None:
    """The agent that was audible first between a moment and its answer, and when."""
    others = [
        (voice.start, name)
        for name in line.history.agents
        if name not in {agent, occasion.agent}
        and (voice := line.voice_from(name, occasion.end)) is not None
        and voice.start < until
    ]
    return (min(others)[1], min(others)[0]) if others else None


def _stops(expectation: Expectation, agent: str, occasion: Occurrence, line: Timeline) -> Finding:
    voice = line.voice_at(agent, occasion.start)
    if voice is None:
        return _silent_then(agent, occasion)
    within = int(expectation.within or 0)
    went_on = voice.end - occasion.start
    is_open = voice.end >= line.now and not line.is_whole
    if went_on <= within:
        stopped = f"{agent} was silent {seconds_of(went_on):.2f} s after {clock(occasion.start)}"
        return _at(passed(stopped, is_final=not is_open), agent, occasion.start, went_on, line)
    long = (
        f"{agent} was audible for {seconds_of(went_on):.2f} s more from {clock(occasion.start)} on"
    )
    return _at(failed("not_stopped", long, is_final=True), agent, occasion.start, went_on, line)


def _continues(
    expectation: Expectation, agent: str, occasion: Occurrence, line: Timeline
) -> Finding:
    if line.voice_at(agent, occasion.start) is None:
        return _silent_then(agent, occasion)
    wanted = occasion.start + int(expectation.for_ or 0)
    end = _end_of_speech(agent, occasion.start, line)
    went_on = end - occasion.start
    told = f"{agent} spoke on for {seconds_of(went_on):.2f} s from {clock(occasion.start)} on"
    if end >= wanted or _came_to_its_end(agent, occasion.start, end, line):
        return _at(passed(told, is_final=True), agent, occasion.start, went_on, line)
    over = line.is_whole or line.now > end + _BREATH + _TOLD_WITHIN
    return _at(failed("stopped", told, is_final=over), agent, end, went_on, line)


def _end_of_speech(agent: str, pts: Samples, line: Timeline) -> Samples:
    """When an agent that is audible falls silent for longer than a breath."""
    end = pts
    for voice in line.voices(agent):
        if voice.end > pts and voice.start <= end + _BREATH:
            end = max(end, voice.end)
    return end


def _came_to_its_end(agent: str, start: Samples, end: Samples, line: Timeline) -> bool:
    """Whether the agent said all that it wanted to say: such a turn was not stopped."""
    turns = [turn for turn in line.turns if turn.agent == agent and turn.start < end > start]
    last = max(turns, key=lambda turn: turn.start, default=None)
    cut = any(
        each.agent == agent and start <= each.pts <= end + _BREATH
        for each in line.of(events.Interrupted)
    )
    return last is not None and not last.cut_by and not cut and last.said == last.generated


def _silent_then(agent: str, occasion: Occurrence) -> Finding:
    return skipped("no_occasion", f"{agent} was not audible at {clock(occasion.start)}")


def _about(finding: Finding, agent: str) -> Finding:
    return replace(finding, agent=agent)


def _at(finding: Finding, agent: str, pts: Samples, measured: Samples, line: Timeline) -> Finding:
    return replace(
        finding,
        agent=agent,
        pts=pts,
        turn=line.turn_at(pts, agent),
        measured=round(seconds_of(measured), 6),
    )
