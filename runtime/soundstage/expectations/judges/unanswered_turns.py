"""`unanswered`: whether the agents answered when it was theirs to answer.

An answer is owed after a turn to the one agent that could give it, or to the one that the turn
names; and in a room with a floor to the agent that the floor is given to. It is missing where the
agent was silent for 10 s in which none that it hears spoke and no tool kept it waiting. At the end
of a run less is enough: 2 s, where the run ended because of silence, or where the agent never said
anything. A farewell needs no answer from an agent that has spoken before, and a speaker who has
left needs none.

An agent under test that owes an answer fails the run. Where that was not its fault, the run says
nothing about it: its service made no reply, nothing was audible to it, or the other side was the
one that fell silent.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from soundstage.expectations.declared.expected_words import clock, quoted
from soundstage.expectations.judges.findings import Finding, failed, passed, skipped
from soundstage.expectations.judges.timeline import Occurrence
from soundstage.floor import named
from soundstage.messages import Owner, events
from soundstage.results import Interval, intersection, total, touching, union
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.expectations.declared.demands import Cast, Demands
    from soundstage.expectations.judges.timeline import Timeline
    from soundstage.units import Samples

WORDS: Final = "every agent answers within 10 s when it is spoken to"

PATIENCE: Final = samples_of_seconds(10)
"""Silence after which an answer is missing."""

PATIENCE_AT_THE_END: Final = samples_of_seconds(2)
"""The same where the run ends in that silence."""

_FAREWELL: Final = re.compile(
    r"\b(?:good\s?bye|bye|farewell|see you|good night|take care|thank you|thanks"
    r"|have an? (?:nice|good|great|lovely) \w+)\b",
    re.IGNORECASE,
)
_LAST_SENTENCE: Final = re.compile(r"[^.!?]*[.!?]*\s*$")


class _Call(Struct, frozen=True):
    """What an agent has said that may need an answer."""

    speaker: str
    start: Samples
    end: Samples
    text: str = ""
    turn: int = 0

    @property
    def moment(self) -> Occurrence:
        return Occurrence(self.start, self.end, self.speaker, self.turn, self.text)


def judge_unanswered(demands: Demands, line: Timeline) -> Finding:
    """Whether every answer came that an agent owed; those under test are looked at first."""
    cast = demands.cast
    calls = list(_calls(line))
    owing = [agent for agent in line.history.agents if agent in cast.answerers]
    missed, answered = _missed(
        [agent for agent in owing if agent in cast.under_test], calls, cast, line
    )
    if missed is None:
        others = [agent for agent in owing if agent not in cast.under_test]
        missed, _ = _missed(others, calls, cast, line)
        if missed is not None and missed.owner is None:
            missed = replace(missed, owner=Owner.SIMULATOR)
    if missed is not None:
        return missed
    if answered:
        return passed(f"{answered} times an answer was owed, and came")
    return skipped("no_occasion", "no agent under test was spoken to")


def _missed(
    owing: Sequence[str], calls: Sequence[_Call], cast: Cast, line: Timeline
) -> tuple[Finding | None, int]:
    """The first answer that one of some agents did not give; and how many came before it."""
    answered = 0
    for agent in owing:
        if agent in cast.floored:
            missed, given = _missed_floor(agent, line)
        else:
            missed, given = _missed_call(agent, calls, cast, line)
        if missed is not None:
            return missed, answered
        answered += given
    return None, answered


def _calls(line: Timeline) -> Iterator[_Call]:
    """What was said, by its end. Sound without speech, such as music, asks for no answer."""
    for turn in line.turns:
        yield _Call(turn.agent, turn.start, turn.end, turn.said, turn.number)


def _missed_call(
    agent: str, calls: Sequence[_Call], cast: Cast, line: Timeline
) -> tuple[Finding | None, int]:
    """The first turn that an agent did not answer; and how many it did."""
    answered = 0
    silent_since = -1
    for call in sorted(calls, key=lambda each: (each.end, each.start)):
        if call.end < silent_since or not _is_owed(agent, call, cast, line):
            continue
        voice = _answer(agent, call, line)
        if voice is not None and voice.start <= call.end:
            answered += 1
            continue
        until = line.now if voice is None else voice.start
        gone = line.gone_at(call.speaker, call.end)
        is_left_alone = gone is not None and gone < until
        quiet = _quiet(agent, call, until if gone is None else min(gone, until), line)
        enough = PATIENCE if is_left_alone else _patience(agent, call, voice, line)
        if quiet >= enough and not _is_muted(agent, call, until, line):
            return _silence(agent, call, quiet, _excuse(agent, call, until, line)), answered
        answered += voice is not None
        silent_since = until
    return _missed_opening(agent, cast, line), answered


def _is_owed(agent: str, call: _Call, cast: Cast, line: Timeline) -> bool:
    if not _can_answer(agent, call, line):
        return False
    others = [
        other
        for other in line.history.agents
        if other in cast.speakers and _can_answer(other, call, line)
    ]
    return others == [agent] or (bool(call.text) and named(call.text, others) == agent)


def _can_answer(agent: str, call: _Call, line: Timeline) -> bool:
    """Whether an agent hears a speaker that hears it, and takes part when the turn ends."""
    history = line.history
    both = call.speaker in history.heard_by(agent) and agent in history.heard_by(call.speaker)
    are_here = line.is_here(agent, call.end) and line.is_here(call.speaker, call.end)
    return agent != call.speaker and both and are_here


def _answer(agent: str, call: _Call, line: Timeline) -> Interval | None:
    """The voice that answers: later than the turn, or begun during it and still there after it."""
    later = touching(line.voices(agent), Interval(call.end, sys.maxsize))
    return next((each for each in later if each.start > call.start), None)


def _quiet(agent: str, call: _Call, until: Samples, line: Timeline) -> Samples:
    """How long neither an agent nor any that it hears spoke, and no tool kept it waiting."""
    span = Interval(call.end, until)
    if span.end <= span.start:
        return 0
    voices = (touching(line.voices(speaker), span) for speaker in line.history.heard_by(agent))
    busy = union(*voices, line.waits_for_tools(agent))
    return span.end - span.start - total(intersection([span], busy))


def _patience(agent: str, call: _Call, voice: Interval | None, line: Timeline) -> Samples:
    ended = line.history.ended
    if voice is not None or ended is None or not line.is_whole:
        return PATIENCE
    spoke = bool(line.voices(agent))
    if not spoke and ended.reason in {"silence", "max"}:
        return PATIENCE_AT_THE_END
    last = _LAST_SENTENCE.search(call.text)
    if spoke and last is not None and _FAREWELL.search(last[0] or call.text):
        return line.now + 1
    return PATIENCE_AT_THE_END if ended.reason == "silence" else PATIENCE


def _missed_opening(agent: str, cast: Cast, line: Timeline) -> Finding | None:
    """An agent that was to speak first and never spoke."""
    if (
        agent not in cast.openers
        or line.voices(agent)
        or any(map(line.voices, line.history.agents))
    ):
        return None
    ended = line.history.ended
    short = ended is not None and line.is_whole and ended.reason in {"silence", "max"}
    if line.now < (PATIENCE_AT_THE_END if short else PATIENCE):
        return None
    told = f"{agent} was to speak first, and no agent said anything for {clock(line.now)}"
    return failed("unanswered", told, Occurrence(0, 0, agent), is_final=True)


def _missed_floor(agent: str, line: Timeline) -> tuple[Finding | None, int]:
    """The first time that an agent was given the floor and did not speak; and how often it did."""
    answered = 0
    for start, end, is_passed in _floors(agent, line):
        voice = line.voice_from(agent, start)
        if voice is not None and voice.start < end:
            answered += 1
            continue
        quiet = _quiet(agent, _Call("", start, start), end, line)
        if quiet >= PATIENCE and not is_passed:
            told = (
                f"{agent} was given the floor at {clock(start)}, and was silent for {clock(quiet)}"
            )
            return failed(
                "unanswered", told, Occurrence(start, start, agent), is_final=True
            ), answered
    return None, answered


def _floors(agent: str, line: Timeline) -> Iterator[tuple[Samples, Samples, bool]]:
    """From when until when an agent had the floor, and whether it passed it on by itself."""
    since: Samples | None = None
    for event in line.history.events:
        if isinstance(event, events.FloorGiven):
            if since is not None:
                yield since, event.pts, False
            since = event.pts if event.agent == agent else None
        elif event.agent == agent and isinstance(event, events.FloorTaken | events.FloorPassed):
            if since is not None:
                yield since, event.pts, isinstance(event, events.FloorPassed)
            since = None
    if since is not None:
        yield since, line.now, False


class _Excuse(Struct, frozen=True):
    """Why an agent could not have answered, and whose fault that is."""

    told: str
    owner: Owner


def _excuse(agent: str, call: _Call, until: Samples, line: Timeline) -> _Excuse | None:
    """Its service did not make the reply that it had asked for, or it could hear nothing."""
    reply = _failed_reply(agent, call, until, line)
    if reply is not None:
        why = f" ({reply.reason})" if reply.reason else ""
        told = f"its service failed to make the reply at {clock(reply.pts)}{why}"
        return _Excuse(told, Owner.INFRASTRUCTURE)
    if not _reached(agent, call, until, line):
        return _Excuse("nothing was audible to it in this time", Owner.SIMULATOR)
    return None


def _reached(agent: str, call: _Call, until: Samples, line: Timeline) -> bool:
    """Whether anything was audible to an agent; it is believed where the log does not tell."""
    history = line.history
    if not any(history.audible(each, "heard") for each in history.agents):
        return True
    heard = history.audible(agent, "heard")
    return any(each.end > call.start and each.start < until for each in heard)


def _is_muted(agent: str, call: _Call, until: Samples, line: Timeline) -> bool:
    """Whether the scenario itself let a speaker be heard by none."""
    mutes = any(
        each.agent == call.speaker and each.act == "mute" and each.pts <= call.end
        for each in line.history.of(events.CueGiven)
    )
    return mutes and not _reached(agent, call, until, line)


def _failed_reply(
    agent: str, call: _Call, until: Samples, line: Timeline
) -> events.ResponseDone | None:
    """The reply that its service did not make, where the agent had asked for one."""
    return next(
        (
            done
            for done in line.of(events.ResponseDone)
            if done.agent == agent and done.status == "failed" and call.start <= done.pts <= until
        ),
        None,
    )


def _silence(agent: str, call: _Call, quiet: Samples, excuse: _Excuse | None) -> Finding:
    what = f" {quoted(call.text)}" if call.text else ""
    told = (
        f"{agent} did not answer {call.speaker}, who said{what} until {clock(call.end)}: "
        f"it was silent for {seconds_of(quiet):.1f} s"
    )
    found = failed("unanswered", told, call.moment, is_final=True)
    return replace(
        found,
        sentence=told if excuse is None else f"{told}; {excuse.told}",
        agent=agent,
        pts=call.end,
        owner=None if excuse is None else excuse.owner,
        measured=round(seconds_of(quiet), 6),
    )
