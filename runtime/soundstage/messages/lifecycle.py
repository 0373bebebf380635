"""How actors are started, paced and stopped."""

from __future__ import annotations

from msgspec import Struct

from soundstage.messages.cause import Cause
from soundstage.messages.tool_requests import Tellable
from soundstage.units import Samples


class Tick(Struct, frozen=True, gc=False):
    """The kernel's 20 ms pace; `pts` is a multiple of `FRAME_SAMPLES`."""

    pts: Samples


class Begin(Struct, frozen=True, gc=False):
    """Every agent is ready: an agent that has an opening says it now.

    Attributes:
        openers: the agents that have one.
    """

    openers: tuple[str, ...] = ()


class Stop(Struct, frozen=True, gc=False):
    """Finish what is queued before this, then end; travels in order."""


class Kill(Struct, frozen=True, gc=False):
    """End now: urgent, queued letters are dropped and counted."""


class Ready(Struct, frozen=True, gc=False):
    """An actor can do its work."""

    actor: str


class Stopped(Struct, frozen=True, gc=False):
    """An actor has ended as it was asked to, or by its own wish.

    Attributes:
        actor: its name.
        by: who hung up, where the far end of its call did; empty otherwise.
    """

    actor: str
    by: str = ""


class Faulted(Struct, frozen=True, gc=False):
    """An actor has failed, and what the supervisor does about it.

    Attributes:
        actor: its name.
        cause: why, as far as the place knows where the error was caught.
        traceback: the full text, for the log; empty where nothing was raised.
        action: `leave`, `restart` or `end`.
        restarts: how often it has been restarted before this.
    """

    actor: str
    cause: Cause
    traceback: str
    action: str
    restarts: int = 0


class Join(Struct, frozen=True, gc=False):
    """An agent takes part in the mix from now on; with a room named, it is in that room again.

    Attributes:
        agent: the agent.
        room: the room, of which the agent is a member; empty for the mix as a whole.
    """

    agent: str
    room: str = ""


class Leave(Struct, frozen=True, gc=False):
    """An agent takes no part in the mix any more: the mixer does not wait for its frames.

    Attributes:
        agent: the agent.
        room: where only the edges of this room are closed to it; empty for the mix as a whole.
    """

    agent: str
    room: str = ""


class WindDown(Struct, frozen=True, gc=False):
    """The run is about to end: hear what is still in the air, start nothing new."""


class CutOff(Struct, frozen=True, gc=False):
    """The run ends now: stop speaking at once, log what was played, and say nothing more."""


class ReplyAsked(Struct, frozen=True, gc=False):
    """When the run wound down, the agent had asked its session for a reply that has not begun."""

    agent: str


class LastEntry(Struct, frozen=True, gc=False):
    """The sender is told nothing after this, which comes back to it as the last.

    Attributes:
        to: the sender, an address.
    """

    to: Tellable


class HangUpRequested(Struct, frozen=True, gc=False):
    """The run is to end: `by` is `interrupt`, `terminate` or an agent's name."""

    by: str
