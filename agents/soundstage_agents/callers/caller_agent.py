"""When a caller speaks: the turns that it takes, and what its traits make of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from soundstage.agent import Agent, AgentContext
from soundstage.config.values import Duration
from soundstage.kernel import handles
from soundstage.messages import Begin, Frame, TakeFloor, Tick, WindDown
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_seconds
from soundstage_agents.callers.traits import (
    ASKS_AGAIN,
    LOOKS_UP,
    STILL_THERE,
    Listener,
    Temper,
    Traits,
)

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
        patience: how long it waits for an answer.
    """

    def __init__(
        self, wait: Samples, hears: tuple[str, ...], patience: Samples = ANSWERS_WITHIN
    ) -> None:
        self._wait = wait
        self._hears = hears
        self._patience = patience
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
            return self.is_out_of_patience(now)
        own = 0 if self._hears or self._own is None else self._own
        last = max(self._begun, own, self._others or 0)
        return now - last >= self._wait

    def wait(self, wait: Samples) -> None:
        """It must be quiet for so long before the next line."""
        self._wait = wait

    @property
    def has_spoken(self) -> bool:
        """Whether it has said anything yet."""
        return self._own is not None

    @property
    def is_answered(self) -> bool:
        """Whether another agent has been heard since its own last line, or need not be."""
        return self._answers

    def is_out_of_patience(self, now: Samples) -> bool:
        """Whether its last line has been without an answer for too long."""
        if self._begun is None or self._answers:
            return False
        patience = max(self._wait, self._patience)
        return now - max(self._begun, self._own or 0) >= patience

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


class CallerAgent(Agent):
    """Speaks in turn with those it hears, as its traits have it; a subclass says what it says.

    In a room with a floor it speaks each time it has the floor, after the same wait.
    """

    class Settings(Agent.Settings):
        """The keys of a caller.

        Attributes:
            wait: how long those it hears must have been quiet before it speaks; after words
                that are not answered, at least 8 s.
            traits: how it behaves beside that.
        """

        wait: Duration = Duration("500ms")
        traits: Traits = Traits()

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Never: it calls, and may be silent whether it is spoken to or not."""
        return False

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        traits = self.settings.traits
        self.pace_of_speech = traits.speed
        self._temper = Temper(traits, context.stream)
        self._listener = Listener(self._temper)
        patience = ANSWERS_WITHIN if traits.patience is None else traits.patience
        self._script = Script(self.settings.wait, context.hears, patience)
        self._has_turn = False
        self._is_aside = False
        self._asked_for = False
        self._is_over = False
        self._looks_for: Samples | None = None
        self._silent_since: Samples | None = None
        self._wait_anew()

    @property
    @abstractmethod
    def _has_more(self) -> bool:
        """Whether it has anything to say next."""

    @abstractmethod
    def _say_next(self, now: Samples) -> None:
        """Say what comes next."""

    @handles(Begin)
    def begin(self, begin: Begin) -> None:
        """All agents are ready."""
        self._script.begin(self.now, begin.openers)

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Notice when it is quiet."""
        if frame.speakers:
            self._script.heard(frame.pts)
            self._listener.heard(frame.pts)
            self._asked_for = False

    @handles(TakeFloor)
    def take_floor(self, _: TakeFloor) -> None:
        """Say what waits to be said, else what comes next, if there is anything."""
        self._has_turn = not self._speech_queue.busy
        if self._has_turn and not self._has_more:
            self.give_floor()

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Speak when it is due."""
        super().speak_frame(tick)
        if self._speech_queue.busy or self._tones.sound:
            if not self._is_aside:
                self._script.spoke(tick.pts)
            self._silent_since = None
            return
        self._is_aside = False
        if self._is_over:
            return
        if self._looks_for is not None:
            self._look_up(tick.pts, self._looks_for)
        elif self._has_more and self._is_due(tick.pts):
            self._has_turn = False
            self._answer(tick.pts)
        elif self._is_impatient(tick.pts):
            self._ask_who_is_there(tick.pts)
        elif not self._floor_grant.room:
            self._listen(tick.pts)

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Begin to say nothing further."""
        self._is_over = True

    def _answer(self, now: Samples) -> None:
        """Say what comes next, or ask for what was said once more."""
        if self._script.has_spoken and self._script.is_answered and self._temper.asks_again():
            self._script.spoke(now)
            self._wait_anew()
            self.say(ASKS_AGAIN)
            return
        knows = self._floor_grant.room or not self._script.has_spoken
        self._looks_for = None if knows else self._temper.looks_up()
        if self._looks_for is None:
            self._say_next(now)
            return
        self._script.spoke(now)
        self.say(LOOKS_UP)

    def _look_up(self, now: Samples, looks_for: Samples) -> None:
        """It looks for its next line, and says it once it is quiet; it does nothing else."""
        if self._silent_since is None:
            self._silent_since = now
        if now - self._silent_since >= looks_for and self._script.is_quiet(now):
            self._looks_for = None
            self._say_next(now)

    def _listen(self, now: Samples) -> None:
        """What it does while another agent speaks: interrupt, or say that it listens."""
        if self._listener.interrupts(now) and self._has_more:
            self._say_next(now)
        elif word := self._listener.take_backchannel(now):
            self._is_aside = True
            self.say(word)

    def _is_impatient(self, now: Samples) -> bool:
        if self.settings.traits.patience is None or self._floor_grant.room:
            return False
        return self._script.is_out_of_patience(now)

    def _ask_who_is_there(self, now: Samples) -> None:
        """No answer has come: ask once, then hang up."""
        self._script.spoke(now)
        if self._asked_for:
            self._is_over = True
            self._hang_up()
            return
        self._asked_for = True
        self.say(STILL_THERE)

    def _hang_up(self) -> None:
        """No answer has come for too long."""
        self.leave()

    def _wait_anew(self) -> None:
        pause = self._temper.pause()
        if pause is not None:
            self._script.wait(pause)

    def _is_due(self, now: Samples) -> bool:
        if not self._floor_grant.room:
            return self._script.is_due(now) and not self._is_impatient(now)
        return self._floor_grant.held and self._has_turn and self._script.is_quiet(now)
