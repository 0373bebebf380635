"""Who said what when, and what became of it at the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.messages import events
from soundstage.results._gaps import gap_before
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.messages.events import HeardText
    from soundstage.results._history import History
    from soundstage.units import Samples


class Turn(Struct, frozen=True, kw_only=True):
    """A reply of which at least something was played.

    Attributes:
        number: counts from 1 over the run, by the end of the turns.
        agent: who spoke.
        text: what was played, and so could be heard.
        generated: what it would have said in full.
        start: first frame played, in seconds of the run.
        end: one past the last frame played, in seconds of the run.
        gap: seconds from the last audible sample of the turn that this one answers to its own
            first one; below zero if it began earlier; None if it answers none.
        interrupted_by: who cut it short, or empty.
        estimated: whether `text` of a cut turn is an estimate.
        heard_by: each agent that hears the speaker, and the words that it recognised; empty
            words where it recognised none.
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


def turns_of(history: History) -> tuple[Turn, ...]:
    """The turns of a run, by their start."""
    played = sorted(history.of(events.Turn), key=lambda turn: (turn.start, turn.number))
    words = _words_by_turn(history, played)
    turns: list[Turn] = []
    for turn in played:
        gap = gap_before(turn, played, history)
        listeners = history.listeners(turn.agent)
        turns.append(
            Turn(
                number=turn.number,
                agent=turn.agent,
                text=turn.said,
                generated=turn.generated,
                start=seconds_of(turn.start),
                end=seconds_of(turn.end),
                gap=None if gap is None else seconds_of(gap),
                interrupted_by=turn.cut_by,
                estimated=turn.estimated,
                heard_by={
                    agent: " ".join(words.get((turn.number, agent), ())) for agent in listeners
                },
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
