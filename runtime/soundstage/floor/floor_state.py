"""The floor of a room, with no actor and no clock: who may speak, and who is next."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from msgspec import Struct

from soundstage.errors import is_interrupt
from soundstage.floor.floor_policy import FloorTurn, following
from soundstage.units import Samples, samples_of_seconds

if TYPE_CHECKING:
    from soundstage.floor.floor_policy import FloorPolicy

STARTS_WITHIN: Final = samples_of_seconds(12)
"""How long a member may think until the floor goes to another one."""

SETTLES_WITHIN: Final = samples_of_seconds(2)
"""How long a member that loses the floor may take to fall silent."""

QUIET_WITHIN: Final = samples_of_seconds(20)
"""How long the floor waits for a member that speaks without having it."""

REST: Final = samples_of_seconds(5)
"""How long no member is given the floor after no member had anything to say; doubles each time."""

_MOST_DOUBLINGS: Final = 6


class Give(Struct, frozen=True):
    """A member may speak from now on.

    Attributes:
        to: which one.
        why: `opening`, `passed`, `chosen`, `wanted` or `fallback`.
        after: whose words it answers, or empty.
        ended: when those had been played.
    """

    to: str
    why: str
    after: str
    ended: Samples


class Take(Struct, frozen=True):
    """A member may speak no longer: it is `late`, has had its `max_turn`, or has `left`."""

    agent: str
    why: str


class PolicyFailed(Struct, frozen=True):
    """The policy raised, or what it gave back was no name; the fallback decides.

    Attributes:
        error: what was raised.
    """

    error: BaseException


Step: TypeAlias = Give | Take | PolicyFailed


class Floor:
    """Gives the floor to one member after the other; time is given with every call.

    A member keeps the floor until it passes it on, leaves, or is out of time. While any member
    speaks, no other one is given it. A member that says nothing is passed over until another one
    has spoken.

    Args:
        policy: who is next.
        fallback: a member, or empty for the next in the circle: who is next where the policy's
            choice cannot speak.
        max_turn: how long a turn lasts at most, or None.

    Attributes:
        holder: who has the floor, or None.
    """

    def __init__(
        self, policy: FloorPolicy, *, fallback: str = "", max_turn: Samples | None = None
    ) -> None:
        self._policy = policy
        self._members = policy.setup.members
        self._fallback = fallback
        self._max_turn = max_turn
        self.holder: str | None = None
        self._present: set[str] = set()
        self._speaking: set[str] = set()
        self._silent: set[str] = set()
        self._wanted: deque[str] = deque()
        self._turns = dict.fromkeys(self._members, 0)
        self._last = ("", 0)
        self._before = ""
        self._circle = ""
        self._said: list[str] = []
        self._has_spoken = False
        self._losing = False
        self._next: tuple[str, bool] | None = None
        self._rests = 0
        self._due: Samples | None = None
        self._open = False

    @property
    def due(self) -> Samples | None:
        """When `check` is to be called, if nothing happens before."""
        return self._due

    @property
    def present(self) -> tuple[str, ...]:
        """The members that take part, in the order of declaration."""
        return tuple(name for name in self._members if name in self._present)

    def begin(self, now: Samples) -> list[Step]:
        """The conversation begins."""
        self._open = True
        return self._hand_over(now)

    def end(self) -> None:
        """No member is given the floor any more."""
        self._open = False
        self._due = None

    def join(self, name: str, now: Samples) -> list[Step]:
        """A member takes part."""
        self._present.add(name)
        # It may have been passed over for having nothing to say: it comes back with a new chance.
        self._silent.discard(name)
        return [] if self.holder or self._next else self._hand_over(now)

    def leave(self, name: str, now: Samples) -> list[Step]:
        """A member takes part no more."""
        self._present.discard(name)
        self._speaking.discard(name)
        self._wanted = deque(each for each in self._wanted if each != name)
        if name == self.holder:
            return [Take(name, "left"), *self._finish("", now)]
        return self._go_on(now)

    def starts(self, name: str, now: Samples) -> list[Step]:
        """A member is audible."""
        self._speaking.add(name)
        if name == self.holder and not self._has_spoken and not self._losing:
            self._has_spoken = True
            self._due = None if self._max_turn is None else now + self._max_turn
        return []

    def stops(self, name: str, now: Samples, ended: Samples | None = None) -> list[Step]:
        """A member has fallen silent, perhaps some time ago; its words may be known later."""
        self._speaking.discard(name)
        if name == self.holder and self._has_spoken and not self._said:
            self._last = (name, now if ended is None else ended)
        return self._go_on(now)

    def says(self, name: str, words: str, ended: Samples) -> list[Step]:
        """A member's words, as far as they were played."""
        self._last = (name, ended)
        if name == self.holder:
            self._said.append(words)
        return []

    def wants(self, name: str, now: Samples) -> list[Step]:
        """A member has something to say: it is next."""
        if name in self._present and name not in {self.holder, *self._wanted}:
            self._wanted.append(name)
            if self.holder is None and self._next is None:
                return self._hand_over(now)
        return []

    def passes(self, name: str, to: str, now: Samples) -> list[Step]:
        """A member has spoken, or has nothing to say; `to` is the member it names, or empty."""
        if name == self.holder:
            return self._finish(to, now)
        if to and self.holder is None and self._next is None:
            self._before, self._said = name, []
            return self._hand_over(now, to)
        return []

    def check(self, now: Samples) -> list[Step]:
        """The time for something has come."""
        if self._due is None or now < self._due:
            return []
        if self._next is not None:
            self._speaking.clear()
            return self._go_on(now)
        if self.holder is None:
            self._silent.clear()
            return self._hand_over(now)
        if self._losing:
            self._speaking.discard(self.holder)
            return self._finish("", now)
        self._losing = True
        self._due = now + SETTLES_WITHIN
        return [Take(self.holder, "max_turn" if self._has_spoken else "late")]

    def _finish(self, to: str, now: Samples) -> list[Step]:
        holder = self.holder or ""
        # The policy chose a member that did not come: asked again, it would choose the same one.
        late = self._losing and not self._has_spoken
        if self._has_spoken or self._said:
            self._silent.clear()
            self._rests = 0
        else:
            self._silent.add(holder)
        self.holder, self._before = None, holder
        self._speaking.discard(holder)
        return self._hand_over(now, to, late=late)

    def _go_on(self, now: Samples) -> list[Step]:
        if self._next is None or self._speaking:
            return []
        (to, late), self._next = self._next, None
        return self._hand_over(now, to, late=late)

    def _hand_over(self, now: Samples, to: str = "", *, late: bool = False) -> list[Step]:
        self._due = None
        if not self._open or len(self._present) < 2:  # noqa: PLR2004 - a talk needs two
            return []
        # Two voices at once are what a floor is there to prevent; a member that never falls
        # silent must not stop the room, so the wait has an end.
        if self._speaking:
            self._next, self._due = (to, late), now + QUIET_WITHIN
            return []
        able = [name for name in self.present if name not in self._silent]
        steps: list[Step] = []
        chosen, why = self._choose(to, able, steps, late=late)
        if chosen is None:
            self._due = now + (REST << min(self._rests, _MOST_DOUBLINGS))
            self._rests += 1
            return steps
        return [*steps, self._give(chosen, why, now)]

    def _give(self, to: str, why: str, now: Samples) -> Give:
        self.holder = to
        self._turns[to] += 1
        self._said, self._has_spoken, self._losing = [], False, False
        self._due = now + STARTS_WITHIN
        # The moderator speaks after each turn: the circle goes on behind the member before it.
        if to != self._policy.setup.moderator:
            self._circle = to
        return Give(to, why, *self._last)

    def _choose(
        self, to: str, able: list[str], steps: list[Step], *, late: bool
    ) -> tuple[str | None, str]:
        if self._wanted:
            return self._wanted.popleft(), "wanted"
        others = [name for name in able if name != self._before]
        choice = None if late else self._ask_policy(to, steps)
        if choice in others:
            why = "passed" if choice == to else "chosen" if self._before else "opening"
            return choice, why
        if self._fallback in others and self._fallback:
            return self._fallback, "fallback"
        moderator = self._policy.setup.moderator
        panel = [name for name in others if name != moderator] or others or able
        circle = following(self._circle, self._members, panel)
        return circle or next(iter(panel), None), "fallback"

    def _ask_policy(self, to: str, steps: list[Step]) -> str | None:
        turn = FloorTurn(
            speaker=self._before,
            said=" ".join(filter(None, self._said)),
            to=to,
            members=self.present,
            turns=dict(self._turns),
        )
        # A policy is its author's own code: what it raises must not stop the room, and what it
        # gives back may not even be comparable.
        try:
            choice = cast("object", self._policy.choose(turn))
            if choice is None or isinstance(choice, str):
                return choice
            kind = type(choice).__name__
            raise TypeError(f"choose gave back {kind}, not the name of a member or None")  # noqa: TRY301
        except BaseException as error:
            if is_interrupt(error):
                raise
            steps.append(PolicyFailed(error))
            return None
