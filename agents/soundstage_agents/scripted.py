"""An agent that says exactly its lines, whatever the provider of the others."""

from __future__ import annotations

from collections import deque
from typing import Final

from soundstage.agent import Agent, AgentContext, HasLines
from soundstage.config.values import Duration, slots_in
from soundstage.kernel import handles
from soundstage.messages import Begin, Frame, TakeFloor, Tick, WindDown
from soundstage.messages.events import Warned
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_seconds

ANSWERS_WITHIN: Final = samples_of_seconds(8)
"""How long it waits for an answer to a line; then it says the next one all the same."""


class Script:
    """When the next line is due.

    A line answers: after a line of its own, another agent must be heard before the next one, or
    have been silent for `ANSWERS_WITHIN`. An agent that hears no other says one line after the
    other.

    Args:
        wait: how long it must have been quiet.
        hears: the agents that it hears.
    """

    def __init__(self, wait: Samples, hears: tuple[str, ...]) -> None:
        self._wait = wait
        self._hears = hears
        self._own: Samples | None = None
        self._others: Samples | None = None
        self._begun: Samples | None = None
        self._opener = False

    def begin(self, now: Samples, openers: tuple[str, ...]) -> None:
        """All agents are ready; those with an opening speak before the first line."""
        self._begun = now
        self._opener = any(name in self._hears for name in openers)

    def heard(self, pts: Samples) -> None:
        """Another agent was audible in the frame at `pts`."""
        self._others = pts + FRAME_SAMPLES

    def spoke(self, pts: Samples) -> None:
        """One's own voice was in the frame at `pts`, or waits to be."""
        self._own = pts + FRAME_SAMPLES

    def is_due(self, now: Samples) -> bool:
        """Whether it has been quiet for long enough, after the words of another agent."""
        if self._begun is None:
            return False
        if not self._answers:
            # A person whom no voice answers asks again.
            patience = max(self._wait, ANSWERS_WITHIN)
            return now - max(self._begun, self._own or 0) >= patience
        own = 0 if self._hears or self._own is None else self._own
        last = max(self._begun, own, self._others or 0)
        return now - last >= self._wait

    def is_quiet(self, now: Samples) -> bool:
        """Whether no other agent has been heard for long enough."""
        return now - max(self._begun or 0, self._others or 0) >= self._wait

    @property
    def _answers(self) -> bool:
        if not self._hears:
            return True
        if self._own is None:
            return self._others is not None or not self._opener
        return self._others is not None and self._others > self._own


class ScriptedAgent(Agent):
    """Says its lines, each when those it hears have been quiet for a while.

    In a room with a floor it says the next line each time it has the floor, after the same wait.
    """

    class Settings(Agent.Settings, HasLines):
        """The keys of a scripted agent.

        Attributes:
            wait: how long those it hears must have been quiet before the next line; after a line
                that is not answered, at least 8 s.
        """

        wait: Duration = Duration("500ms")

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Never: it says its lines whether it is spoken to or not."""
        return False

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._lines = deque(self.settings.lines)
        self._script = Script(self.settings.wait, context.hears)
        self._has_turn = False

    @handles(Begin)
    def begin(self, begin: Begin) -> None:
        """All agents are ready."""
        self._script.begin(self.now, begin.openers)

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Notice when it is quiet."""
        if frame.speakers:
            self._script.heard(frame.pts)

    @handles(TakeFloor)
    def take_floor(self, _: TakeFloor) -> None:
        """Say what waits to be said, else the next line, if there is one."""
        self._has_turn = not self._speech_queue.busy
        if self._has_turn and not self._lines:
            self.give_floor()

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Say the next line when it is due."""
        super().speak_frame(tick)
        if self._speech_queue.busy:
            self._script.spoke(tick.pts)
        elif self._lines and self._is_due(tick.pts):
            self._has_turn = False
            self._script.spoke(tick.pts)
            line = self._lines.popleft()
            self._warn_of_slots(line)
            self.say(line)

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Begin no further line."""
        self._lines.clear()

    def _warn_of_slots(self, line: str) -> None:
        for slot in slots_in(line):
            message = f'a line has no slots, so "{{{slot}}}" is said as it stands: "{line}"'
            self.log_event(
                Warned(pts=self.now, agent=self.name, code="unbound_slot", message=message)
            )

    def _is_due(self, now: Samples) -> bool:
        if not self._floor_grant.room:
            return self._script.is_due(now)
        return self._floor_grant.held and self._has_turn and self._script.is_quiet(now)
