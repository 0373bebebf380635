"""The director: begins the run when every agent is ready, and decides when and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.kernel import Actor, Timer, handles
from soundstage.messages import (
    Begin,
    Entry,
    Faulted,
    HangUpRequested,
    Join,
    Leave,
    Outcome,
    Ready,
    Stopped,
    WindDown,
    attributed,
    events,
    outcome_of,
    outcome_of_end,
    outcome_of_hang_up,
    worse,
)
from soundstage.run.endings import Due
from soundstage.run.plan import Cast, Plan
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.kernel import Address

LAST_WORDS = samples_of_ms(3000)
"""How long the run waits, once it is to end, for what is being said and recognised."""

LAST_CHECK = samples_of_ms(100)
"""How often it looks whether they have come."""


class _Ends(Struct, frozen=True):
    due: Due


class _Silent(Struct, frozen=True):
    since: Samples


class _LastWords(Struct, frozen=True):
    until: Samples


_OWN = frozenset({events.Joined, events.Left, events.Fault, events.HangUp})
"""The events that the director makes. It judges each as it makes it, not when it comes back."""


class Director(Actor):
    """Follows every event, and says which agents take part and when the run ends.

    The floors and the cues are told every event by the director and not by the hub, so that none
    of them acts on an event that came after the one that ended the run.

    Args:
        plan: what is directed.
        hub: where its own events go.
        done: called in a turn when the outcome is known, and again if a later fault changes it.
    """

    def __init__(self, plan: Plan, hub: Address, done: Callable[[Outcome], None]) -> None:
        super().__init__()
        self._plan = plan
        self._hub = hub
        self._endings = plan.endings
        self._done = done
        self._cast: Cast | None = None
        self._early: list[Any] = []
        self._absent = set(plan.opening.agents)
        self._taking_part: set[str] = set()
        self._begun: Samples | None = None
        self._begins_after: events.Event | None = None
        self._outcome: Outcome | None = None
        self._over = False
        self._fault: Outcome | None = None
        self._silence: Timer | None = None
        self._watched: Samples | None = None
        self._unheard: set[tuple[str, str]] = set()

    def on_receive(self, message: Any) -> Any:
        """Keep for later what comes before the cast is known: actors are ready at any time."""
        if self._cast is None and type(message) is not Cast:
            self._early.append(message)
            return None
        return super().on_receive(message)

    @handles(Cast)
    def meet(self, cast: Cast) -> None:
        """The addresses of those it directs."""
        self._cast = cast
        early, self._early = self._early, []
        for message in early:
            super().on_receive(message)

    @handles(Ready)
    def welcome(self, ready: Ready) -> None:
        """An agent is ready, for the first time or again."""
        if ready.actor not in self._agents:
            return
        self._taking_part.add(ready.actor)
        self._tell_mixer(Join(ready.actor))
        joined = events.Joined(pts=self.now, agent=ready.actor)
        self._log(joined)
        self._absent.discard(ready.actor)
        if self._begun is not None:
            return
        self._begin_when_all_are_here(joined)

    @handles(Entry)
    def observe(self, entry: Entry) -> None:
        """Pass an event on to the followers, and see whether it ends the run."""
        event = entry.event
        for follower in self._cast.followers if self._cast is not None else ():
            follower.tell(entry)
        if event is self._begins_after:
            self._tell_followers(Begin(self._plan.openers))
        if type(event) in _OWN:
            return
        if isinstance(event, events.Turn):
            self._unheard |= {
                (listener, event.agent)
                for listener, speakers in self._plan.opening.hears.items()
                if event.agent in speakers and self._writes_down(listener)
            }
        elif isinstance(event, events.HeardText):
            self._unheard.discard((event.agent, event.speaker))
        self._judge(event)

    @handles(Faulted)
    def judge_fault(self, fault: Faulted) -> None:
        """An agent has failed: log it, and end the run where its policy says so."""
        cause = attributed(
            fault.cause, fault.actor, agents=self._agents, under_test=self._plan.under_test
        )
        self._log(
            events.Fault(
                pts=self.now,
                agent=fault.actor,
                error=cause.message,
                traceback=fault.traceback,
                action=fault.action,
                restarts=fault.restarts,
                cause=cause,
            )
        )
        self._tell_mixer(Leave(fault.actor))
        self._taking_part.discard(fault.actor)
        if fault.action == "restart":
            return
        outcome = outcome_of(cause)
        if self._outcome is not None:
            self._change(worse(self._outcome, outcome))
        if fault.actor not in self._agents:
            self._finish(outcome)
            return
        left = events.Left(pts=self.now, agent=fault.actor, reason="fault")
        self._log(left)
        self._absent.discard(fault.actor)
        if fault.action == "end" or outcome.kind == "invalid" or not self._can_go_on():
            self._finish(outcome)
            return
        self._fault = self._fault or outcome
        if self._begun is None:
            self._begin_when_all_are_here(left)

    @handles(Stopped)
    def farewell(self, stopped: Stopped) -> None:
        """An agent has ended as it was asked to, or by its own wish."""
        if stopped.actor not in self._taking_part:
            return
        self._taking_part.discard(stopped.actor)
        self._tell_mixer(Leave(stopped.actor))
        reason = "stopped" if self._outcome else "its own"
        self._log(events.Left(pts=self.now, agent=stopped.actor, reason=reason))
        if not self._outcome and not self._can_go_on():
            self._end(Due(f"left:{stopped.actor}"))

    @handles(HangUpRequested)
    def hang_up(self, asked: HangUpRequested) -> None:
        """Somebody outside wants the run to end: at once."""
        of_agent = asked.by in self._agents
        self._log(events.HangUp(pts=self.now, agent=asked.by if of_agent else "", by=asked.by))
        # Whoever stops the run from outside does not wait for its last words.
        if self._outcome is None or not of_agent:
            declared = of_agent or self._endings.hang_up_is_an_end
            self._conclude(outcome_of_hang_up(asked.by, declared=declared))

    @handles(_Ends)
    def end_later(self, ends: _Ends) -> None:
        """The time of an end has come."""
        self._end(ends.due)

    @handles(_Silent)
    def check_silence(self, silent: _Silent) -> None:
        """Nobody made a sound for as long as the scenario allows, unless somebody did."""
        if self._quiet_since == silent.since:
            self._end(Due("silence"))

    @handles(_LastWords)
    def check_last_words(self, last: _LastWords) -> None:
        """End once all that was said has been played and recognised, or the deadline is past."""
        waiting = self._endings.speaking or self._unheard
        if waiting and self.now < last.until:
            self.after(LAST_CHECK, last)
        elif self._outcome is not None:
            self._conclude(self._outcome)

    @property
    def _agents(self) -> Mapping[str, Address]:
        return self._cast.agents if self._cast is not None else {}

    def _begin_when_all_are_here(self, last: events.Event) -> None:
        if self._absent:
            return
        self._begun = self.now
        self._tell_agents(Begin(self._plan.openers))
        # The floors and the cues begin once the hub has brought them this event: otherwise a floor
        # would be given before it knows of the member that came last.
        self._begins_after = last
        self.after(self._plan.longest, _Ends(Due("max")))
        for due in self._endings.times():
            self.after(max(0, due.delay - self.now), _Ends(Due(due.reason)))
        self._watch_silence()

    def _log(self, event: events.Event) -> None:
        self._hub.tell(Entry(event))
        self._judge(event)

    def _judge(self, event: events.Event) -> None:
        due = self._endings.observe(event)
        if due is not None:
            if due.delay:
                self.after(due.delay, _Ends(Due(due.reason)))
            else:
                self._end(due)
        self._watch_silence()

    @property
    def _quiet_since(self) -> Samples | None:
        """Since when nobody has done anything; before the beginning nobody could."""
        since = self._endings.quiet_since
        return None if since is None else max(since, self._begun or 0)

    def _watch_silence(self) -> None:
        limit, since = self._endings.silence, self._quiet_since
        if limit is None or self._begun is None or since == self._watched:
            return
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        self._watched = since
        if since is not None:
            self._silence = self.after(max(0, since + limit - self.now), _Silent(since))

    def _end(self, due: Due) -> None:
        if self._outcome is not None or self._begun is None:
            return
        self._outcome = self._fault or outcome_of_end(due.reason, guarded=self._plan.guarded)
        self._tell_all(WindDown())
        self.after(LAST_CHECK, _LastWords(self.now + LAST_WORDS))

    def _finish(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._conclude(outcome)

    def _conclude(self, outcome: Outcome) -> None:
        if not self._over:
            self._over = True
            self._outcome = outcome
            self._done(outcome)

    def _change(self, outcome: Outcome) -> None:
        if outcome is not self._outcome:
            self._outcome = outcome
            if self._over:
                self._done(outcome)

    def _can_go_on(self) -> bool:
        hears = self._plan.opening.hears
        here = self._taking_part | self._absent
        return any(
            listener in here and speaker in here
            for listener, speakers in hears.items()
            for speaker in speakers
        )

    def _writes_down(self, listener: str) -> bool:
        known = self._plan.recognizers
        return listener in self._taking_part and (known is None or listener in known)

    def _tell_all(self, message: WindDown) -> None:
        self._tell_agents(message)
        self._tell_followers(message)

    def _tell_agents(self, message: Begin | WindDown) -> None:
        for name in self._taking_part_in_order():
            self._agents[name].tell(message)

    def _tell_followers(self, message: Begin | WindDown) -> None:
        for follower in self._cast.followers if self._cast is not None else ():
            follower.tell(message)

    def _taking_part_in_order(self) -> list[str]:
        return [name for name in self._plan.opening.agents if name in self._taking_part]

    def _tell_mixer(self, message: Join | Leave) -> None:
        if self._cast is not None:
            self._cast.mixer.tell(message)
