"""When agents spoke over each other, fell silent, and were not answered: by what was audible.

Each measure has its anchor here and in the documentation. All are taken from the intervals in which
the agents' `said` tracks were audible, so that a listener with the recordings finds the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.messages import events
from soundstage.results.history import Interval, intersection, total, touching, union
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.messages.events import Interrupted
    from soundstage.results.history import History, Intervals

BACKCHANNEL: Final[Samples] = samples_of_ms(1000)
"""A sound that is shorter asks for no answer: "mm-hm", "yes", a cough."""

DEAD_AIR: Final[Samples] = samples_of_ms(2000)
"""Silence from which on a caller wonders whether the line is dead."""


def time_to_silence(history: History, cut: Interrupted) -> Samples:
    """From the first audible sample of what interrupts to the last one of what is interrupted.

    Where no agent interrupts, but a cue or a floor, it counts from the interruption itself.
    """
    own = _last_begun(history.audible(cut.agent, "said"), cut.pts)
    if own is None:
        return 0
    other = _last_begun(history.audible(cut.by, "said"), cut.pts)
    start = cut.pts if other is None else max(other.start, own.start)
    ends = [turn.end for turn in _turns(history) if turn.response == cut.response]
    # What follows within a breath belongs to the same interval, but not to what was cut.
    end = min([own.end, *(end for end in ends if end > own.start)])
    return max(0, end - start)


def is_false_yield(history: History, cut: Interrupted) -> bool:
    """Whether an agent stopped for a backchannel: what interrupted it lasted less than a second."""
    other = _last_begun(history.audible(cut.by, "said"), cut.pts)
    return other is not None and other.end - other.start < BACKCHANNEL


def talk_over(history: History, agent: str) -> Intervals:
    """When an agent was audible with one that had been audible before it began.

    The agents are those that it hears, or that hear it.
    """
    partners = {*history.heard_by(agent), *history.listeners(agent)} - {agent}
    return union(
        *(
            intersection([own], [other])
            for own in history.audible(agent, "said")
            for name in partners
            for other in touching(history.audible(name, "said"), own)
            if other.start < own.start
        )
    )


def dead_air(history: History, agents: Sequence[str]) -> Samples:
    """How long the silences of at least two seconds are together, from the run's begin to its end.

    Silent are the agents, and those that they hear.
    """
    near = {*agents, *(speaker for agent in agents for speaker in history.heard_by(agent))}
    voices = union(*(history.audible(agent, "said") for agent in near))
    return sum(gap for gap in _gaps(voices, history.end) if gap >= DEAD_AIR)


def unanswered(history: History, agent: str) -> int:
    """How many turns of an agent no agent answered that hears it.

    Unanswered is a turn where, from its end on, no listener was audible for at least two seconds
    before the agent itself spoke again, or the run ended.
    """
    listeners = history.listeners(agent)
    turns = [turn for turn in _turns(history) if turn.agent == agent]
    voices = union(*(history.audible(listener, "said") for listener in listeners))
    count = 0
    ends = [*(turn.start for turn in turns[1:]), history.end]
    for turn, until in zip(turns, ends[-len(turns) :] if turns else (), strict=True):
        silence = Interval(turn.end, until)
        is_long = silence.end - silence.start >= DEAD_AIR
        count += bool(listeners) and is_long and not touching(voices, silence)
    return count


def talk_share(history: History, agents: Iterable[str]) -> float | None:
    """What share of all talk time some agents have, 0 to 1; None where no agent was audible."""
    everyone = sum(total(history.audible(agent, "said")) for agent in history.agents)
    own = sum(total(history.audible(agent, "said")) for agent in agents)
    return own / everyone if everyone else None


def _turns(history: History) -> list[events.Turn]:
    return sorted(history.of(events.Turn), key=lambda turn: turn.start)


def _last_begun(intervals: Sequence[Interval], pts: Samples) -> Interval | None:
    return next((each for each in reversed(intervals) if each.start <= pts), None)


def _gaps(voices: Sequence[Interval], end: Samples) -> Iterable[Samples]:
    since = 0
    for voice in voices:
        yield voice.start - since
        since = voice.end
    yield end - since
