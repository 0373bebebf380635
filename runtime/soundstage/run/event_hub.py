"""The event hub: every event of a run passes here on its way to the log and to the director."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from soundstage.kernel import Actor, handles
from soundstage.messages import (
    Entry,
    Faulted,
    HangUpRequested,
    LastEntry,
    ReplyAsked,
    Transcribed,
    events,
)

if TYPE_CHECKING:
    from soundstage.kernel import Address
    from soundstage.messages.events import Event


_OF_REPLIES: Final = frozenset(
    {
        events.ResponseStarted,
        events.AgentSpeechStarted,
        events.Turn,
        events.Left,
        events.Fault,
    }
)
"""The events that tell which replies there are, and what became of them."""


class EventHub(Actor):
    """Numbers turns, and tells every event to the recorder and to the director.

    It reads nothing that a model, a tool or a person has said, so that no such text can end it.

    Args:
        opening: the first event of the log.
        recorder: writes events down; it is told first, so that the log has an event before any
            actor acts on it.
        director: is told events, and also what is no event, but asked of the run or about it.
        transcriber: is told of replies, and of turns whose words are a guess before they are
            logged: it tells them again with what it found; None where there is none.
    """

    def __init__(
        self,
        opening: Event,
        recorder: Address,
        director: Address,
        transcriber: Address | None = None,
    ) -> None:
        super().__init__()
        self._transcriber = transcriber
        self._opening = opening
        self._recorder = recorder
        self._director = director
        self._turns = 0

    def started(self) -> None:
        """The log begins."""
        self.pass_on(Entry(self._opening))

    @handles(Entry)
    def pass_on(self, entry: Entry) -> None:
        """Tell one event to both."""
        event = entry.event
        if self._transcriber is not None and type(event) in _OF_REPLIES:
            self._transcriber.tell(entry)
            if isinstance(event, events.Turn) and event.estimated:
                return
        self._log(event)

    @handles(Transcribed)
    def log_turn(self, transcribed: Transcribed) -> None:
        """Tell a turn to both, as the transcriber has it."""
        self._log(transcribed.turn)

    @handles(LastEntry)
    def release(self, last: LastEntry) -> None:
        """The transcriber ends: it was told all that came before this."""
        self._transcriber = None
        last.to.tell(last)

    def _log(self, event: Event) -> None:
        if isinstance(event, events.Turn):
            self._turns += 1
            event = replace(event, number=self._turns)
        entry = Entry(event)
        self._recorder.tell(entry)
        self._director.tell(entry)

    @handles(Faulted)
    @handles(HangUpRequested)
    @handles(ReplyAsked)
    def ask(self, message: Faulted | HangUpRequested | ReplyAsked) -> None:
        """What is no event is the director's to judge."""
        self._director.tell(message)
