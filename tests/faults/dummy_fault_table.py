"""The table of the fault campaign: what breaks, how, and how the run must come out.

A new surface is a row of `SURFACES`, its code in `dummy_fault_code`, and a row here for each fault.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SURFACES: Final = (
    "agent",
    "effect",
    "policy",
    "engine",
    "tool",
    "model",
    "disk",
    "process",
    "network",
    "duplex",
    "clock",
    "judge",
    "collector",
    "server",
    "websocket bot",
    "twilio bot",
    "console bot",
    "pipecat bot",
    "webrtc bot",
)
FAULTS: Final = ("raise", "hang", "flood", "garbage", "die", "slow")
CLOCKS: Final = ("virtual", "wall")


class Expected(NamedTuple):
    """How a run comes out.

    Attributes:
        outcome: `ended`, `failed`, `invalid` or `interrupted`; `killed` where nothing is left that
            could say so.
        owner: of the cause; empty where there is none.
        or_else: other outcomes that are right, where the fault races with the end of the run.
        within: seconds of wall time until it is over, on a machine five times slower than ours.
    """

    outcome: str
    owner: str = ""
    or_else: tuple[str, ...] = ()
    within: float = 60.0


ENDED: Final = Expected("ended")
AGENT: Final = Expected("failed", "agent")
SIMULATOR: Final = Expected("invalid", "simulator")
INFRASTRUCTURE: Final = Expected("invalid", "infrastructure")
# A run may end by itself in the moment in which it is told to.
INTERRUPTED: Final = Expected("interrupted", or_else=("ended",))
FORCED: Final = Expected("killed", or_else=("interrupted", "ended"))
KILLED: Final = Expected("killed")

EXIT_CODES: Final = {"ended": 0, "failed": 1, "invalid": 3, "interrupted": 130}
"""What a command exits with, by the outcome."""

EXPECTED: Final[dict[tuple[str, str], Expected]] = {
    ("agent", "raise"): AGENT,
    ("agent", "hang"): AGENT,
    ("agent", "flood"): AGENT,
    ("agent", "garbage"): AGENT,
    ("agent", "die"): KILLED,
    ("agent", "slow"): ENDED,
    ("effect", "raise"): SIMULATOR,
    ("effect", "hang"): SIMULATOR,
    ("effect", "flood"): SIMULATOR,
    ("effect", "garbage"): SIMULATOR,
    ("effect", "die"): KILLED,
    ("effect", "slow"): ENDED,
    ("policy", "raise"): SIMULATOR,
    ("policy", "hang"): SIMULATOR,
    ("policy", "garbage"): SIMULATOR,
    ("policy", "die"): KILLED,
    ("policy", "slow"): ENDED,
    ("engine", "raise"): INFRASTRUCTURE,
    ("engine", "hang"): INFRASTRUCTURE,
    ("engine", "flood"): INFRASTRUCTURE,
    ("engine", "garbage"): INFRASTRUCTURE,
    ("engine", "die"): KILLED,
    ("engine", "slow"): ENDED,
    # What a tool does is told to the model, and the conversation goes on.
    ("tool", "raise"): ENDED,
    ("tool", "hang"): ENDED,
    ("tool", "flood"): ENDED,
    ("tool", "garbage"): ENDED,
    ("tool", "die"): KILLED,
    ("tool", "slow"): ENDED,
    ("model", "raise"): INFRASTRUCTURE,
    ("model", "hang"): INFRASTRUCTURE,
    # An answer without end is cut; what there is of it is spoken until the longest time is over.
    ("model", "flood"): AGENT,
    ("model", "garbage"): INFRASTRUCTURE,
    ("model", "die"): INFRASTRUCTURE,
    ("model", "slow"): ENDED,
    ("disk", "raise"): INFRASTRUCTURE,
    # A damaged entry of the cache is computed anew.
    ("disk", "garbage"): ENDED,
    # The folder of the run has gone while it ran: there is nothing that could be read.
    ("disk", "die"): Expected("RunFolderError"),
    ("process", "raise"): INTERRUPTED,
    ("process", "flood"): FORCED,
    ("process", "die"): KILLED,
    ("network", "raise"): INFRASTRUCTURE,
    ("network", "hang"): INFRASTRUCTURE,
    ("network", "flood"): ENDED,
    ("network", "garbage"): ENDED,
    ("network", "die"): INFRASTRUCTURE,
    ("network", "slow"): ENDED,
    # The same of a Live session, whose agent follows the sound and not turns.
    ("duplex", "raise"): INFRASTRUCTURE,
    ("duplex", "hang"): INFRASTRUCTURE,
    ("duplex", "garbage"): ENDED,
    ("duplex", "die"): INFRASTRUCTURE,
    ("duplex", "slow"): ENDED,
    # The process is stopped for longer than a live run bears; simulated time stands still with it.
    ("clock", "hang"): ENDED,
    # What could not be judged is neither passed nor failed.
    ("judge", "raise"): SIMULATOR,
    ("judge", "hang"): SIMULATOR,
    ("judge", "flood"): SIMULATOR,
    ("judge", "garbage"): SIMULATOR,
    ("judge", "die"): SIMULATOR,
    ("judge", "slow"): ENDED,
    # A run is what it is, whether or not its trace could be sent.
    ("collector", "raise"): ENDED,
    ("collector", "hang"): ENDED,
    ("collector", "flood"): ENDED,
    ("collector", "garbage"): ENDED,
    ("collector", "die"): ENDED,
    ("collector", "slow"): ENDED,
    # A program of the user that never became ready says nothing of the bot behind it.
    ("server", "raise"): INFRASTRUCTURE,
    ("server", "hang"): INFRASTRUCTURE,
    ("server", "flood"): ENDED,
    ("server", "garbage"): ENDED,
    ("server", "die"): AGENT,
    ("server", "slow"): ENDED,
    # What a bot does in a call that it has taken is its own.
    ("websocket bot", "raise"): AGENT,
    ("websocket bot", "hang"): AGENT,
    ("websocket bot", "flood"): AGENT,
    # Any bytes are samples, and any text is the bot's own affair.
    ("websocket bot", "garbage"): ENDED,
    ("websocket bot", "die"): AGENT,
    ("websocket bot", "slow"): ENDED,
    ("twilio bot", "raise"): AGENT,
    ("twilio bot", "hang"): AGENT,
    ("twilio bot", "flood"): AGENT,
    ("twilio bot", "garbage"): AGENT,
    ("twilio bot", "die"): AGENT,
    ("twilio bot", "slow"): ENDED,
    ("console bot", "raise"): AGENT,
    ("console bot", "hang"): AGENT,
    ("console bot", "flood"): AGENT,
    ("console bot", "garbage"): AGENT,
    ("console bot", "die"): AGENT,
    ("console bot", "slow"): ENDED,
    ("pipecat bot", "raise"): AGENT,
    ("pipecat bot", "hang"): AGENT,
    ("pipecat bot", "flood"): AGENT,
    ("pipecat bot", "garbage"): AGENT,
    ("pipecat bot", "die"): AGENT,
    ("pipecat bot", "slow"): ENDED,
    # Over WebRTC, a bot raises, or answers nonsense, when it is offered the call: it takes none.
    ("webrtc bot", "raise"): INFRASTRUCTURE,
    ("webrtc bot", "hang"): AGENT,
    # Nothing comes faster than SCTP lets it. The bot starves its own connection, which is then
    # lost, or closed by its end, as one that hangs up does.
    ("webrtc bot", "flood"): Expected("failed", "agent", or_else=("ended",), within=150.0),
    ("webrtc bot", "garbage"): INFRASTRUCTURE,
    ("webrtc bot", "die"): AGENT,
    ("webrtc bot", "slow"): ENDED,
}

ON_THE_WALL_CLOCK: Final[dict[tuple[str, str], Expected]] = {
    # The time that a process stands still is part of a live conversation.
    ("clock", "hang"): INFRASTRUCTURE,
    # No thread can be broken off from outside: all that is known is that the mixer, or the floor,
    # does not come back. Simulated time has its turns on the main thread, and names the line.
    ("effect", "hang"): INFRASTRUCTURE,
    ("policy", "hang"): INFRASTRUCTURE,
}
"""Where the wall clock makes another outcome than simulated time, and why that is right."""

NOT_THERE: Final[dict[tuple[str, str], str]] = {
    ("policy", "flood"): "a policy is asked for one name at a time, so it has nothing to send",
    ("disk", "hang"): "a file system that hangs holds the process in a call that cannot be ended",
    ("disk", "flood"): "a disk sends nothing; one that is full is the fault `raise`",
    ("disk", "slow"): "the log is written beside the conversation: a slow disk is a slow process",
    ("duplex", "flood"): "a Live session's track comes at the pace of time, whatever happens",
    ("process", "hang"): "a process that stands still is the fault `hang` of its clock",
    ("process", "garbage"): "a process has no answer that could be wrong",
    ("process", "slow"): "a slow process is a slow agent",
    ("clock", "raise"): "reading a clock does not fail",
    ("clock", "flood"): "a clock sends nothing",
    ("clock", "garbage"): "the monotonic clock, the only one that is read, does not jump",
    ("clock", "die"): "there is no machine without a clock",
    ("clock", "slow"): "a clock that runs slowly is a process that stands still now and then",
}


BOTS: Final = {
    "server": "websocket",
    "websocket bot": "websocket",
    "twilio bot": "twilio",
    "console bot": "livekit-console",
    "pipecat bot": "pipecat-websocket",
    "webrtc bot": "pipecat-webrtc",
}
"""The surfaces that are a bot of the user's own, with its transport: on the wall clock only."""


class Case(NamedTuple):
    """One run of the campaign."""

    surface: str
    fault: str
    clock: str
    seed: int

    @property
    def expected(self) -> Expected:
        """How it must come out."""
        key = self.surface, self.fault
        if self.clock == "wall" and key in ON_THE_WALL_CLOCK:
            return ON_THE_WALL_CLOCK[key]
        return EXPECTED[key]

    @property
    def leaves_all(self) -> bool:
        """Whether nothing keeps the run from writing all that belongs to it."""
        if self.surface == "disk" or (self.surface, self.fault) == ("process", "flood"):
            return False
        # A mixer that hangs mixes nothing more, and what it had mixed is there.
        return (self.surface, self.fault, self.clock) != ("effect", "hang", "wall")


def clocks(surface: str) -> tuple[str, ...]:
    """The clocks that a surface is there on."""
    return ("wall",) if surface in BOTS else CLOCKS


def cases(clock: str, count: int) -> list[Case]:
    """So many cases on a clock, the cells of the table in turn, each time with another seed."""
    cells = [cell for cell in EXPECTED if clock in clocks(cell[0])]
    return [
        Case(*cells[number % len(cells)], clock, 1 + number // len(cells))
        for number in range(count)
    ]
