"""The event hub: every event of a run passes here on its way to the log and to the director."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from soundstage.kernel import Actor, handles
from soundstage.messages import Entry, Faulted, HangUpRequested, ReplyAsked, events

if TYPE_CHECKING:
    from soundstage.kernel import Address
    from soundstage.messages.events import Event


class EventHub(Actor):
    """Numbers turns, and tells every event to the recorder and to the director.

    It reads nothing that a model, a tool or a person has said, so that no such text can end it.

    Args:
        opening: the first event of the log.
        recorder: writes events down; it is told first, so that the log has an event before any
            actor acts on it.
        director: is told events, and also what is no event, but asked of the run or about it.
    """

    def __init__(self, opening: Event, recorder: Address, director: Address) -> None:
        super().__init__()
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
        if isinstance(event, events.Turn):
            self._turns += 1
            entry = Entry(replace(event, number=self._turns))
        self._recorder.tell(entry)
        self._director.tell(entry)

    @handles(Faulted)
    @handles(HangUpRequested)
    @handles(ReplyAsked)
    def ask(self, message: Faulted | HangUpRequested | ReplyAsked) -> None:
        """What is no event is the director's to judge."""
        self._director.tell(message)
