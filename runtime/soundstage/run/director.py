"""The director: begins the run when every agent is ready, and decides when and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.kernel import Actor, Timer, handles
from soundstage.messages import (
    Begin,
    CutOff,
    Entry,
    Faulted,
    HangUpRequested,
    Join,
    Leave,
    Outcome,
    Ready,
    ReplyAsked,
    Stopped,
    WindDown,
    attributed,
    events,
    outcome_of,
    outcome_of_end,
    outcome_of_hang_up,
    worse,
)
from soundstage.run.attendance import Attendance
from soundstage.run.endings import Due, Endings, SpeechInProgress
from soundstage.scenario import Scenario, hears
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.run.addresses import Addresses

WRITES_WITHIN = samples_of_ms(3000)
"""How long a run that is to end waits, when all replies are played, for what is recognised of them.

So long it also waits for an agent that is audible with no reply: an open microphone may never be
silent.
"""

LAST_CHECK = samples_of_ms(100)
"""How often it looks whether they have come."""

SETTLES_WITHIN = samples_of_ms(600)
"""How long agents that were cut off have to tell what of their words was played.

A session far away is asked for it. With the time for stopping it must stay under the 3 s of Ctrl-C.
"""

SETTLES_LOOKS = samples_of_ms(20)
"""How often it looks whether they have told it."""


class RunPlan(Struct, frozen=True, kw_only=True):
    """What the director directs.

    Attributes:
        opening: the run's first event.
        under_test: the agents whose faults fail the run.
        endings: when it ends.
        longest: when it ends at the latest, counted from its beginning.
        guarded: whether `longest` is a guard that fails the run, other ends being declared.
        openers: the agents that have something to say as soon as every agent is ready.
        recognizers: the agents that write down what they hear; None for all.
    """

    opening: events.RunStarted
    under_test: frozenset[str]
    endings: Endings
    longest: Samples
    guarded: bool
    openers: tuple[str, ...] = ()
    recognizers: frozenset[str] | None = None


def plan_of(scenario: Scenario) -> RunPlan:
    """What is directed in a scenario."""
    end = scenario.end
    agents = tuple(scenario.agents)
    recognizers = frozenset(name for name, each in scenario.agents.items() if each.recognizes)
    opening = events.RunStarted(
        pts=0,
        schema=events.EVENT_SCHEMA_VERSION,
        scenario=scenario.stem,
        seed=scenario.seed,
        clock=scenario.clock,
        agents=agents,
        hears=hears(scenario),
        title=scenario.name,
        recognizers=tuple(name for name in agents if name in recognizers),
        finds_keys=scenario.finds_keys,
    )
    return RunPlan(
        opening=opening,
        under_test=scenario.under_test,
        endings=Endings(turns=end.turns, silence=end.silence, when=end.when),
        longest=end.max,
        guarded=end.has_conditions,
        openers=scenario.openers,
        recognizers=recognizers,
    )


class _Ends(Struct, frozen=True):
    due: Due


class _Silent(Struct, frozen=True):
    since: Samples


class _Quiet(Struct, frozen=True):
    """A silence that is waited for may have lasted long enough."""


class _LastWords(Struct, frozen=True):
    until: Samples


class _Settling(Struct, frozen=True):
    until: Samples


_OWN = frozenset({events.Joined, events.Left, events.Fault, events.HangUp})
"""The events that the director makes. It acts on each as it makes it, not when it comes back."""


class Director(Actor):
    """Follows every event, and says which agents take part and when the run ends.

    The floors and the cues are told every event by the director and not by the hub, so that none
    of them acts on an event that came after the one that ended the run.

    Args:
        plan: what is directed.
        addresses: the actors that it directs, and the hub, where its own events go.
        done: called in a turn when the outcome is known, and again if a later fault changes it.
    """

    def __init__(
        self, plan: RunPlan, addresses: Addresses, done: Callable[[Outcome], None]
    ) -> None:
        super().__init__()
        self._plan = plan
        self._addresses = addresses
        self._endings = plan.endings
        self._done = done
        opening = plan.opening
        self._attendance = Attendance(opening.agents, opening.hears, plan.recognizers)
        self._begun: Samples | None = None
        self._latest: Samples = 0
        self._outcome: Outcome | None = None
        self._over = False
        self._fault: Outcome | None = None
        self._speech = SpeechInProgress()
        self._is_cut_off = False
        self._silence: Timer | None = None
        self._watched: Samples | None = None
        self._quiet: Timer | None = None
        self._quiet_at: Samples | None = None

    @handles(Ready)
    def welcome(self, ready: Ready) -> None:
        """An agent is ready, for the first time or again."""
        self._attendance.arrive(ready.actor)
        self._addresses.mixer.tell(Join(ready.actor))
        self._log(events.Joined(pts=self.now, agent=ready.actor))
        self._begin_when_all_are_here()

    @handles(Entry)
    def observe(self, entry: Entry) -> None:
        """Pass an event on to the floors and the cues, and see whether it ends the run."""
        event = entry.event
        if type(event) not in _OWN:
            self._tell_subscribers(entry)
            self._attendance.observe(event)
            self._judge(event)

    @handles(Faulted)
    def judge_fault(self, fault: Faulted) -> None:
        """An agent has failed: log it, and end the run where its policy says so."""
        cause = attributed(
            fault.cause,
            fault.actor,
            agents=self._addresses.agents,
            under_test=self._plan.under_test,
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
        self._addresses.mixer.tell(Leave(fault.actor))
        self._attendance.pause(fault.actor)
        if fault.action == "restart":
            return
        outcome = outcome_of(cause)
        if self._outcome is not None:
            self._change(worse(self._outcome, outcome))
        if fault.actor not in self._addresses.agents:
            self._finish(outcome)
            return
        self._attendance.depart(fault.actor)
        self._log(events.Left(pts=self.now, agent=fault.actor, reason="fault"))
        if fault.action == "end" or outcome.kind == "invalid" or not self._attendance.can_go_on:
            self._finish(outcome)
            return
        self._fault = self._fault or outcome
        self._begin_when_all_are_here()

    @handles(Stopped)
    def farewell(self, stopped: Stopped) -> None:
        """An agent has ended as it was asked to, or by its own wish."""
        if not self._attendance.depart(stopped.actor):
            return
        self._addresses.mixer.tell(Leave(stopped.actor))
        self._log(self._parting(stopped))
        if self._outcome is not None:
            return
        if self._attendance.can_go_on:
            self._begin_when_all_are_here()
        elif self._begun is not None:
            self._end(Due(f"left:{stopped.actor}"))
        else:
            self._conclude(outcome_of_end(f"left:{stopped.actor}", guarded=False))

    def _parting(self, stopped: Stopped) -> events.Left:
        """What the log says of an agent that has ended by itself, or as it was asked to."""
        if stopped.by:
            return events.Left(pts=self.now, agent=stopped.actor, reason="hung_up", by=stopped.by)
        reason = "stopped" if self._outcome else "its own"
        return events.Left(pts=self.now, agent=stopped.actor, reason=reason)

    @handles(HangUpRequested)
    def hang_up(self, asked: HangUpRequested) -> None:
        """A person or an agent wants the run to end at once."""
        of_agent = asked.by in self._addresses.agents
        self._log(events.HangUp(pts=self.now, agent=asked.by if of_agent else "", by=asked.by))
        # A person who stops the run from outside does not wait for its last words.
        if self._outcome is None or not of_agent:
            declared = of_agent or self._endings.hang_up_is_an_end
            self._cut_off(outcome_of_hang_up(asked.by, declared=declared))

    @handles(_Ends)
    def end_later(self, ends: _Ends) -> None:
        """The time of an end has come."""
        self._end(ends.due)

    @handles(_Silent)
    def check_silence(self, silent: _Silent) -> None:
        """End if no agent has made a sound for as long as the scenario allows."""
        if self._quiet_since == silent.since:
            self._end(Due("silence"))

    @handles(_Quiet)
    def pass_time(self, _: _Quiet) -> None:
        """End if a silence of `when` has lasted long enough."""
        self._quiet_at = None
        self._take(self._endings.pass_time(self.now))

    @handles(_LastWords)
    def check_last_words(self, last: _LastWords) -> None:
        """End once all replies have been played and recognised, or the run's `max` is reached."""
        if self._is_cut_off or self._outcome is None:
            return
        if self.now >= self._latest:
            self._cut_off(self._outcome)
        elif self._speech.has_words(self.now):
            self.after(LAST_CHECK, _LastWords(self.now + WRITES_WITHIN))
        elif (
            self._speech.is_audible or self._attendance.waits_for_words
        ) and self.now < last.until:
            self.after(LAST_CHECK, last)
        else:
            self._cut_off(self._outcome)

    @handles(ReplyAsked)
    def expect_reply(self, asked: ReplyAsked) -> None:
        """An agent's session has been asked for a reply, which counts as in progress."""
        self._speech.expect(asked.agent, self.now)

    @handles(_Settling)
    def check_settled(self, settling: _Settling) -> None:
        """End once every turn that was cut off is in the log, or the deadline is past."""
        if self._speech.is_untold and self.now < settling.until:
            self.after(SETTLES_LOOKS, settling)
        elif self._outcome is not None:
            self._conclude(self._outcome)

    def _begin_when_all_are_here(self) -> None:
        if self._begun is not None or not self._attendance.is_complete:
            return
        self._begun = self.now
        self._latest = self.now + self._plan.longest
        begin = Begin(self._plan.openers)
        self._tell_agents(begin)
        self._tell_subscribers(begin)
        self.after(self._plan.longest, _Ends(Due("max")))
        for due in self._endings.times():
            self.after(max(0, due.delay - self.now), _Ends(Due(due.reason)))
        self._watch_silence()

    def _log(self, event: events.Event) -> None:
        entry = Entry(event)
        self._addresses.hub.tell(entry)
        self._tell_subscribers(entry)
        self._judge(event)

    def _judge(self, event: events.Event) -> None:
        self._speech.observe(event)
        self._take(self._endings.observe(event))
        self._watch_silence()

    def _take(self, due: Due | None) -> None:
        if due is not None:
            if due.delay:
                self.after(due.delay, _Ends(Due(due.reason)))
            else:
                self._end(due)
        following = self._endings.next_silence
        if following == self._quiet_at:
            return
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet_at = following
        if following is not None:
            self._quiet = self.after(max(0, following - self.now), _Quiet())

    @property
    def _quiet_since(self) -> Samples | None:
        """Since when no agent has done anything; before the run began, none could."""
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
        self._tell_agents(WindDown())
        self._tell_subscribers(WindDown())
        if self.now >= self._latest:
            self._cut_off(self._outcome)
        else:
            self.after(LAST_CHECK, _LastWords(self.now + WRITES_WITHIN))

    def _finish(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._cut_off(outcome)

    def _cut_off(self, outcome: Outcome) -> None:
        """Stop every agent that still speaks; the run ends when they have told what was played."""
        self._outcome = outcome
        if self._is_cut_off:
            return
        self._is_cut_off = True
        self._tell_agents(CutOff())
        if self._speech.is_untold:
            self.after(SETTLES_LOOKS, _Settling(self.now + SETTLES_WITHIN))
        else:
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

    def _tell_agents(self, message: Begin | CutOff | WindDown) -> None:
        for name in self._attendance.here:
            self._addresses.agents[name].tell(message)

    def _tell_subscribers(self, message: Entry | Begin | WindDown) -> None:
        for subscriber in self._addresses.subscribers:
            subscriber.tell(message)
