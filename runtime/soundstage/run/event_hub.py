"""The event hub: every event of a run passes here on its way to the log and to those who follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from soundstage.kernel import Actor, Address, handles
from soundstage.messages import Entry, Faulted, HangUpRequested, events

if TYPE_CHECKING:
    from soundstage.messages.events import Event


class Followers(Struct, frozen=True):
    """The actors that are told every event.

    Attributes:
        addresses: in the order in which they are told; the recorder comes first, so that the log
            has an event before any actor acts on it.
        director: is told what is no event, but asked of the run or about it.
    """

    addresses: tuple[Address, ...]
    director: Address


class EventHub(Actor):
    """Numbers turns, and tells every event to the followers.

    It reads nothing that a model, a tool or a person has said, so that no such text can end it.

    Args:
        opening: the first event of the log.
    """

    def __init__(self, opening: Event) -> None:
        super().__init__()
        self._opening = opening
        self._followers: tuple[Address, ...] = ()
        self._director: Address | None = None
        self._early: list[Entry | Faulted | HangUpRequested] = []
        self._turns = 0

    @handles(Followers)
    def begin(self, followers: Followers) -> None:
        """The log begins, with the opening and with what came before the followers were known."""
        self._followers = followers.addresses
        self._director = followers.director
        early, self._early = self._early, []
        for entry in (Entry(self._opening), *early):
            self._tell(entry)

    @handles(Entry)
    @handles(Faulted)
    @handles(HangUpRequested)
    def pass_on(self, message: Entry | Faulted | HangUpRequested) -> None:
        """Tell one event to the followers; a fault and the wish to hang up, to the director."""
        if self._director is not None:
            self._tell(message)
        else:
            self._early.append(message)

    def _tell(self, message: Entry | Faulted | HangUpRequested) -> None:
        if not isinstance(message, Entry):
            if self._director is not None:
                self._director.tell(message)
            return
        entry = message
        event: Any = entry.event
        if isinstance(event, events.Turn):
            self._turns += 1
            entry = Entry(replace(event, number=self._turns))
        for follower in self._followers:
            follower.tell(entry)
