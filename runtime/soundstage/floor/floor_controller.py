"""The controller of a room's floor: follows the log, and tells the members whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from soundstage.floor.floor_state import Give, PolicyFailed, Take
from soundstage.kernel import Actor, Timer, handles
from soundstage.messages import (
    Begin,
    Entry,
    Faulted,
    LoseFloor,
    Owner,
    TakeFloor,
    WindDown,
    cause_of,
    events,
    traceback_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from soundstage.floor.floor_state import Floor, Step
    from soundstage.kernel import Address
    from soundstage.messages.events import Event
    from soundstage.units import Samples


class _Check(Struct, frozen=True):
    """The time for something may have come."""


class FloorController(Actor):
    """Follows the members in the event log; what it decides is in the log, too.

    Args:
        room: its name.
        make: makes the floor; called in the actor's own turn, for the policy is its author's code.
        members: the members' addresses.
        journal: where its events go.
        outside: the members that have yet to come into the room.
    """

    def __init__(
        self,
        room: str,
        make: Callable[[], Floor],
        members: Mapping[str, Address],
        journal: Address,
        outside: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self._room = room
        self._floor = make()
        self._members = members
        self._journal = journal
        # An agent may be in the run and not in this room: it comes in and goes out by cues.
        self._outside = set(outside)
        self._timer: Timer | None = None
        self._armed: Samples | None = None

    @handles(Entry)
    def observe(self, entry: Entry) -> None:
        """One event of the log."""
        if entry.event.agent in self._members:
            self._carry_out(self._follow(entry.event))

    @handles(Begin)
    def begin(self, _: Begin) -> None:
        """All agents are ready."""
        self._carry_out(self._floor.begin(self.now))

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Give the floor to no member any more."""
        self._floor.end()

    @handles(_Check)
    def check(self, _: _Check) -> None:
        """A member may be out of time."""
        self._armed = None
        self._carry_out(self._floor.check(self.now))

    def _follow(self, event: Event) -> list[Step]:
        # A member speaks when the log says so. Agents report speech of their own; of an agent
        # that only sends frames, the mixer's meter does.
        floor, name = self._floor, event.agent
        match event:
            case events.Joined():
                return [] if name in self._outside else floor.join(name, self.now)
            case events.Left() | events.Fault(action="restart"):
                return floor.leave(name, self.now)
            case events.Entered(room=self._room):
                self._outside.discard(name)
                return floor.join(name, self.now)
            case events.Exited(room=self._room):
                self._outside.add(name)
                return floor.leave(name, self.now)
            case events.AgentSpeechStarted() | events.VoiceStarted(track="said"):
                return floor.starts(name, self.now)
            case events.AgentSpeechStopped() | events.VoiceStopped(track="said"):
                return floor.stops(name, self.now, event.pts)
            case events.Turn() if event.response:
                return floor.says(name, event.said, event.end)
            case events.FloorPassed():
                return floor.passes(name, event.to, self.now)
            case events.FloorWanted():
                return floor.wants(name, self.now)
            case _:
                return []

    def _carry_out(self, steps: Iterable[Step]) -> None:
        for step in steps:
            match step:
                case Give():
                    self._log(
                        events.FloorGiven(
                            pts=self.now, agent=step.to, room=self._room, why=step.why
                        )
                    )
                    self._members[step.to].tell(TakeFloor(self._room, step.after, step.ended))
                case Take():
                    self._log(
                        events.FloorTaken(
                            pts=self.now, agent=step.agent, room=self._room, why=step.why
                        )
                    )
                    self._members[step.agent].tell(LoseFloor(step.why))
                case PolicyFailed(error):
                    self._report(error)
        self._arm()

    def _arm(self) -> None:
        due = self._floor.due
        # Most events change nothing: the timer that is set stays.
        if due == self._armed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed = due
        self._timer = None if due is None else self.after(max(0, due - self.now), _Check())

    def _report(self, error: BaseException) -> None:
        """Say that the policy failed: a run that is judged by its turns is not sound any more."""
        name = f"rooms.{self._room}.floor.policy"
        cause = replace(cause_of(error, name), owner=Owner.SIMULATOR, reason=f"fault:{name}")
        self._journal.tell(Faulted(name, cause, traceback_text(error), "leave"))

    def _log(self, event: Event) -> None:
        self._journal.tell(Entry(event))
