"""An agent that says exactly its lines, whatever the provider of the others."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from soundstage.agent import AgentContext, HasLinesAndKeys
from soundstage.config.values import KeyLine, slots_in
from soundstage.kernel import handles
from soundstage.messages import WindDown
from soundstage.messages.events import Warned
from soundstage_agents.callers.caller_agent import CallerAgent

if TYPE_CHECKING:
    from soundstage.units import Samples


class ScriptedAgent(CallerAgent):
    """Says its lines, each when those it hears have been quiet for a while.

    A line may be keys of a telephone: it presses them, and goes on as after words. In a room with
    a floor it says the next line each time it has the floor, after the same wait.
    """

    class Settings(CallerAgent.Settings, HasLinesAndKeys):
        """The keys of a scripted agent: those of a caller, and its lines."""

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._lines = deque(self.settings.lines)

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Begin no further line."""
        super().wind_down(_)
        self._lines.clear()

    @property
    def _has_more(self) -> bool:
        return bool(self._lines)

    def _say_next(self, now: Samples) -> None:
        self._script.spoke(now)
        self._wait_anew()
        line = self._lines.popleft()
        if isinstance(line, KeyLine):
            self.press(line.keys)
            if self._floor_grant.held:
                self.give_floor()
            return
        self._warn_of_slots(line)
        self.say(self._temper.spoken(line))

    def _warn_of_slots(self, line: str) -> None:
        for slot in slots_in(line):
            message = f'a line has no slots, so "{{{slot}}}" is said as it stands: "{line}"'
            self.log_event(
                Warned(pts=self.now, agent=self.name, code="unbound_slot", message=message)
            )
