"""The turns of a run: what each agent said, what the others heard of it, and the gap before it.

The gap before a turn is the time from the last audible sample of the turn before it to its own
first audible sample, as the two agents hear it. S is the agent that answers, P the one that spoke
before:

- The turn before is the one that began last before S's turn, among the turns of S itself and of
  the agents that S hears. If it is a turn of S, there is no gap.
- S begins when P hears it: where P's `heard` track became audible first since S's own `said` track
  did. If P does not hear S, the first agent that hears S takes the place of P.
- P ends when S hears it: where the interval ended in which S's `heard` track was audible last
  before S began.
- A `heard` track is a mix, and a third voice or a noise in it can hide a beginning or an end: the
  mix is audible already before S begins, or still when S begins. Then the speaker's own `said`
  track is taken instead.

A gap below zero means that S began before P had ended. There is no gap if the log has nothing
audible of one of the two turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET, Struct

from soundstage.messages import events
from soundstage.results.history import Interval
from soundstage.results.latency import LatencyPoints
from soundstage.units import Samples, samples_of_ms, seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.messages.events import HeardText
    from soundstage.results.history import History

_LATE: Final = samples_of_ms(500)
"""How long after a turn's sound the session may report that it plays: they travel separately."""


class Turn(Struct, frozen=True, kw_only=True):
    """A reply of which at least something was played, or speech that was found in the sound.

    Attributes:
        number: counts from 1 over the run, by the end of the turns.
        agent: the agent that spoke.
        text: what was played, and so could be heard.
        generated: what it would have said in full.
        start: first frame played, in seconds of the run.
        end: one past the last frame played, in seconds of the run.
        gap: seconds from the last audible sample of the turn that this one answers to its own
            first one; below zero if it began earlier; None if it answers none.
        gap_end: where that gap ends, in seconds of the run: the agent that it answers hears it.
        made_by: the language model that made the words of a persona; empty for any other turn.
        interrupted_by: the agent that cut it short, or empty.
        estimated: whether `text` of a cut turn is an estimate.
        text_source: where `text` comes from: `told` by the agent itself, `recognised` in what it
            said, or `unknown`, and then the text is empty.
        heard_by: each agent that hears the speaker and recognises words, and those that it
            recognised; empty words where it recognised none.
        spans: what the gap was spent on, in seconds: pieces in their order that add up to it, named
            as in `soundstage.results.latency`; empty where there is no gap, or one below zero.
    """

    number: int
    agent: str
    text: str
    generated: str
    start: float
    end: float
    gap: float | None
    interrupted_by: str
    estimated: bool
    heard_by: dict[str, str]
    spans: dict[str, float] = {}
    text_source: str = "told"
    gap_end: float | None = None
    made_by: str = ""


def turns_of(history: History) -> tuple[Turn, ...]:
    """The turns of a run, by their start."""
    return history.derived(_turns_of)


def _turns_of(history: History) -> tuple[Turn, ...]:
    played = sorted(history.of(events.Turn), key=lambda turn: (turn.start, turn.number))
    words = _words_by_turn(history, played)
    points = LatencyPoints(history)
    turns: list[Turn] = []
    for number, turn in enumerate(played):
        answered = _answered(number, played, history)
        pause = None if answered is None else _pause(turn, answered, history)
        listeners = history.listeners(turn.agent)
        turns.append(
            Turn(
                number=turn.number,
                agent=turn.agent,
                text=turn.said,
                generated=turn.generated,
                start=seconds_of(turn.start),
                end=seconds_of(turn.end),
                gap=None if pause is None else seconds_of(pause.end - pause.start),
                gap_end=None if pause is None else seconds_of(pause.end),
                interrupted_by=turn.cut_by,
                estimated=turn.estimated,
                text_source="told" if turn.text_source is UNSET else turn.text_source,
                made_by="" if turn.made_by is UNSET else turn.made_by,
                heard_by={
                    agent: " ".join(words.get((turn.number, agent), ()))
                    for agent in listeners
                    if history.recognizes(agent)
                },
                spans={}
                if answered is None or pause is None
                else points.spans(turn, answered, pause),
            )
        )
    return tuple(turns)


def _words_by_turn(
    history: History, turns: Sequence[events.Turn]
) -> dict[tuple[int, str], list[str]]:
    """What each listener recognised of each turn: (number, listener) to the texts, in order."""
    words: dict[tuple[int, str], list[str]] = {}
    for heard in history.of(events.HeardText):
        speakers = {heard.speaker} if heard.speaker else set(history.heard_by(heard.agent))
        candidates = [turn for turn in turns if turn.agent in speakers and turn.start < heard.end]
        if heard.text and candidates:
            turn = max(candidates, key=lambda turn: (_shared(turn, heard), turn.start))
            words.setdefault((turn.number, heard.agent), []).append(heard.text)
    return words


def _shared(turn: events.Turn, heard: HeardText) -> Samples:
    """How long a turn was being played while a listener noticed speech."""
    return max(min(turn.end, heard.end) - max(turn.start, heard.start), 0)


def gap_before(turn: events.Turn, turns: Sequence[events.Turn], history: History) -> Samples | None:
    """The gap before a turn, or None where there is none.

    Args:
        turn: one of `turns`.
        turns: all turns, by their start.
        history: the run they are from.
    """
    answered = _answered(turns.index(turn), turns, history)
    pause = None if answered is None else _pause(turn, answered, history)
    return None if pause is None else pause.end - pause.start


def _answered(number: int, turns: Sequence[events.Turn], history: History) -> events.Turn | None:
    """The turn that a turn answers, or None where it answers none."""
    agent = turns[number].agent
    near = {agent, *history.heard_by(agent)}
    for place in range(number - 1, -1, -1):
        if turns[place].agent in near:
            return None if turns[place].agent == agent else turns[place]
    return None


def _pause(turn: events.Turn, answered: events.Turn, history: History) -> Interval | None:
    """From the end of the turn that is answered to the beginning of the answer."""
    start = _beginning(turn, answered.agent, history)
    end = None if start is None else _end(answered, turn.agent, start, history)
    return None if start is None or end is None else Interval(end, start)


def _beginning(turn: events.Turn, previous: str, history: History) -> Samples | None:
    """When a turn became audible to the agent it answers."""
    said = _first_ending_after(turn.start, history.audible(turn.agent, "said"))
    if said is None or said.start >= turn.end:
        return None
    start = said.start if said.start >= turn.start - _LATE else turn.start
    listeners = history.listeners(turn.agent)
    listener = previous if previous in listeners else next(iter(listeners), "")
    heard = _first_ending_after(start, history.audible(listener, "heard"))
    if heard is None or not start <= heard.start < turn.end:
        return start
    return heard.start


def _end(turn: events.Turn, listener: str, before: Samples, history: History) -> Samples | None:
    """When a turn's sound ended for a listener that began to speak at `before`."""
    heard = _last_starting_before(before, history.audible(listener, "heard"))
    if heard is None or heard.end > before:
        heard = _last_starting_before(before, history.audible(turn.agent, "said"))
    return None if heard is None or heard.end <= turn.start else heard.end


def _first_ending_after(pts: Samples, intervals: Sequence[Interval]) -> Interval | None:
    return next((interval for interval in intervals if interval.end > pts), None)


def _last_starting_before(pts: Samples, intervals: Sequence[Interval]) -> Interval | None:
    return next((interval for interval in reversed(intervals) if interval.start < pts), None)
