"""Cues, as a scenario says them: what happens when something else has happened."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StrictBool, StrictInt, model_validator

from soundstage.config.values import AgentName, Moment, Table, Template, Text

Act: TypeAlias = Literal["say", "ask", "play", "mute", "join", "leave"]

ACTS: tuple[Act, ...] = ("say", "ask", "play", "mute", "join", "leave")

_SPOKEN = ("say", "ask", "play")


class Cue(Table):
    """What an agent is made to do at a moment.

    Exactly one of `say`, `ask`, `play`, `mute`, `join` and `leave` is set.

    Attributes:
        after: the moment.
        agent: who does it.
        say: words that the agent says exactly; for agents that speak by themselves.
        ask: a prompt that the agent's session answers in its own words.
        play: a WAV file that the agent plays.
        mute: whether the agent is muted for all others from then on, or heard again.
        join: a room that the agent comes into.
        leave: the agent leaves the rooms that it is in.
        overlap: whether it speaks at once, also while another agent speaks, and without the floor.
        times: how often it happens, each time that the moment does.
    """

    after: Moment
    agent: AgentName
    say: Template | None = None
    ask: Text | None = None
    play: str | None = None
    mute: StrictBool | None = None
    join: str | None = None
    leave: Literal[True] | None = None
    overlap: StrictBool = False
    times: Annotated[StrictInt, Field(ge=1)] | Literal["every"] = 1

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        given = [act for act in ACTS if getattr(self, act) is not None]
        if len(given) != 1:
            has = "has none" if not given else "has " + " and ".join(given)
            raise ValueError(f"a cue needs exactly one of {', '.join(ACTS)}; this {has}")
        if self.overlap and self.act not in _SPOKEN:
            raise ValueError(f"overlap goes with {', '.join(_SPOKEN)}")
        if self.after.at is not None and self.times != 1:
            raise ValueError("a time comes once: times does not go with at")
        unbound = [slot for slot in self.slots if slot not in self._bound(slot)]
        if unbound:
            raise ValueError(
                f'nothing binds "{{{unbound[0]}}}": after has no phrase with that slot'
            )
        return self

    @property
    def slots(self) -> tuple[str, ...]:
        """What its words need to be filled with."""
        return () if self.say is None else self.say.slots

    def _bound(self, slot: str) -> tuple[str, ...]:
        if self.after.tool is not None:
            return (slot,)
        return () if self.after.said is None else self.after.said.slots

    @property
    def act(self) -> Act:
        """Which it is."""
        return next(act for act in ACTS if getattr(self, act) is not None)

    @property
    def most(self) -> int | None:
        """How often it happens at most; None for every time."""
        return None if self.times == "every" else self.times
