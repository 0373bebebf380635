"""How long an agent takes to answer, as the two who talk hear it.

The gap before a turn is the time from the last audible sample of the turn before it to its own
first audible sample. Of agent S who answers and agent P who spoke before:

- The turn before is the one that began last before S's turn among those of S itself and of the
  agents that S hears. If it is S's own, S answers nobody and there is no gap.
- S's beginning is taken where P hears it: where P's `heard` track became audible first since S's
  own `said` track did. If P does not hear S, it is the first agent that does.
- P's end is taken where S hears it: where the stretch ended in which S's `heard` track was audible
  last before S's beginning.
- A `heard` track is a mix, and a third voice or a noise in it can hide a beginning or an end: then
  it is audible already before S begins, or still when S begins. There the speaker's own `said`
  track takes its place.

A gap below zero means that S began before P had ended. There is none where nothing audible was
logged of one of the two turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.messages.events import Turn
    from soundstage.results._history import History
    from soundstage.results._stretches import Stretch

_LATE: Final = samples_of_ms(500)
"""How long after a turn's sound its session may say that it plays: the two travel apart."""


def gap_before(turn: Turn, turns: Sequence[Turn], history: History) -> Samples | None:
    """The gap before a turn, or None where there is none.

    Args:
        turn: one of `turns`.
        turns: all turns, by their start.
        history: whose turns they are.
    """
    near = {turn.agent, *history.heard_by(turn.agent)}
    before = [other for other in turns[: turns.index(turn)] if other.agent in near]
    if not before or before[-1].agent == turn.agent:
        return None
    previous = before[-1]
    start = _beginning(turn, previous.agent, history)
    end = None if start is None else _end(previous, turn.agent, start, history)
    return None if start is None or end is None else start - end


def _beginning(turn: Turn, previous: str, history: History) -> Samples | None:
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


def _end(turn: Turn, listener: str, before: Samples, history: History) -> Samples | None:
    """When a turn's sound ended for a listener who began to speak at `before`."""
    heard = _last_starting_before(before, history.audible(listener, "heard"))
    if heard is None or heard.end > before:
        heard = _last_starting_before(before, history.audible(turn.agent, "said"))
    return None if heard is None or heard.end <= turn.start else heard.end


def _first_ending_after(pts: Samples, stretches: Sequence[Stretch]) -> Stretch | None:
    return next((stretch for stretch in stretches if stretch.end > pts), None)


def _last_starting_before(pts: Samples, stretches: Sequence[Stretch]) -> Stretch | None:
    return next((stretch for stretch in reversed(stretches) if stretch.start < pts), None)
