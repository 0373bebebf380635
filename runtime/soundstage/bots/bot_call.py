"""What a call to a bot is: the one interface of all transports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, Protocol

from msgspec import Struct

from soundstage.bots.playout_clock import PlayoutFigures
from soundstage.bots.wire_audio import WireFormat
from soundstage.secrets import Secret
from soundstage.servers import RunningServer
from soundstage.units import Samples, samples_of_seconds

CONNECTS_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long a bot may take to take the call."""

TAKES_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long it may leave a message unread."""

CLOSES_WITHIN: Final[Samples] = samples_of_seconds(0.8)
"""How long it may take to close the call; an agent has 1.2 s for stopping."""


class BotTarget(Struct, frozen=True, kw_only=True):
    """Which bot is called, and how: what the agent's table says, `{port}` replaced.

    Attributes:
        url: where the bot takes calls.
        webhook: what is asked where it takes them, in place of `url`.
        parameters: what the call tells the bot.
        form: the audio of the wire, where the table says it.
        frame: the length of the pieces that are sent.
        text: what is done with messages of text that are no audio: `ignore` or `record`.
        auth_token: what requests are signed with, or None.
        caller: the name of the agent, for what the bot is told of the caller.
        server: the program that serves the bot; None where it runs by itself.
        ids: makes ids for the call, from the run's seed: so many hex digits.
    """

    url: str = ""
    webhook: str = ""
    parameters: dict[str, str] = {}
    form: WireFormat = WireFormat()
    frame: Samples = 480
    text: str = "record"
    auth_token: Secret | None = None
    caller: str = ""
    server: RunningServer | None = None
    ids: Callable[[int], str] = "0".__mul__


class BotLine(Protocol):
    """What a call tells the one who has placed it; on the loop's thread."""

    def form(self, form: WireFormat) -> None:
        """The audio of the bot has this format from here on, and no longer the call's own."""
        ...

    def audio(self, audio: bytes) -> None:
        """The bot says this, in the call's own format.

        Raises:
            BotFailed: it says more than any caller would wait for.
        """
        ...

    def mark(self, name: str) -> bool:
        """Tell `BotCall.played` when all before this is played; True where it has been already."""
        ...

    def clear(self) -> list[str]:
        """Play nothing more of what waits; returns the marks in it."""
        ...

    def keys(self, keys: str) -> None:
        """The bot presses keys."""
        ...

    def note(self, name: str, data: dict[str, Any]) -> None:
        """The bot tells something that is no audio; it goes into the event log."""
        ...

    def warn(self, message: str) -> None:
        """Something of the bot is hardly meant so; the event log gets a warning `bot`."""
        ...


class Playout(Protocol):
    """What a caller hears of a bot, tick by tick; called by the thread that keeps time."""

    @property
    def figures(self) -> PlayoutFigures:
        """What became of the bot's audio so far."""
        ...

    @property
    def waiting(self) -> Samples:
        """How much has come and was not played."""
        ...

    def take(self) -> tuple[bytes, list[str]]:
        """The frame of this tick, and the marks that have been reached with it."""
        ...

    def drop(self) -> Samples:
        """Play nothing more: the call is over. Returns how much of what waited was no silence."""
        ...


class BotCall(Protocol):
    """One call to a bot. Everything is called on the loop's thread.

    An implementation is a class that takes a `BotTarget` and a `BotLine`. It is found by the name
    of an entry point of the group `soundstage.bot_transports`, or named as `./file.py:Class`.
    One whose audio comes at the pace of speech, as over RTP, has an attribute `playout` as well, a
    `Playout` of its own, and does not give audio to its `BotLine`.

    A class may also say `dials_in = True`, where the bot's program connects to Soundstage, and
    `notes`, a frozenset of the names that it gives to `BotLine.note`: `--check` then refuses a
    moment that waits for any other.

    Attributes:
        keys_used: the keys of an agent's table that the transport has a use for: those of
            `BotTarget`, `encoding` and `rate` for its `form`, and `jitter` where the audio of its
            `BotLine` is played.
        heard: the format of the bot's audio as it comes.
        plays_on: whether what waits is still played when the bot has hung up.
        delay: seconds that the transport adds to a response gap, both ways: a constant, by the
            median gap of a bot of our own.
    """

    keys_used: ClassVar[frozenset[str]]
    plays_on: ClassVar[bool]
    delay: ClassVar[float]
    heard: WireFormat

    async def open(self) -> None:
        """Place the call.

        Raises:
            BotUnreachable: the bot does not take it.
        """
        ...

    async def serve(self) -> str:
        """Carry the call until the bot hangs up; returns why, in a word or two.

        Raises:
            BotFailed: the bot breaks the call.
        """
        ...

    def hear(self, pcm: bytes) -> None:
        """Let the bot hear a frame: 20 ms of 24 kHz mono."""
        ...

    def played(self, marks: list[str]) -> None:
        """These marks have been reached."""
        ...

    def press(self, keys: str) -> bool:
        """Tell the bot of keys that its caller presses; False where the transport cannot."""
        ...

    async def close(self) -> None:
        """Hang up, if the call is up; never raises, and takes at most `CLOSES_WITHIN`."""
        ...


class MakeBotCall(Protocol):
    """Makes the call of a transport: usually its class."""

    keys_used: frozenset[str]

    def __call__(self, target: BotTarget, line: BotLine) -> BotCall:
        """Make it; nothing is opened yet."""
        ...
