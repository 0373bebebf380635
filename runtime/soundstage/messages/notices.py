"""Messages for the event log, and for the person who started the run."""

from __future__ import annotations

from msgspec import Struct

from soundstage.messages.events import Event, Turn
from soundstage.messages.verdict import Verdict


class Entry(Struct, frozen=True):
    """One event on its way to the log."""

    event: Event


class Transcribed(Struct, frozen=True):
    """A turn for the log, as it is: one that its agent did not tell, or not for certain."""

    turn: Turn


class Decided(Struct, frozen=True, gc=False):
    """What has become of an expectation while the run goes on."""

    verdict: Verdict


class Notice(Struct, frozen=True, gc=False):
    """A line for the person who started the run, such as an address; the log does not keep it.

    Attributes:
        agent: the agent that it is from; empty for the run itself.
        text: one line.
    """

    agent: str
    text: str
