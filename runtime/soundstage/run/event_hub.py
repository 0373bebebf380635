"""The event hub: every event of a run passes here on its way to the log and to those who follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from soundstage.kernel import Actor, Address, handles
from soundstage.messages import Entry, events

if TYPE_CHECKING:
    from soundstage.messages.events import Event


class Followers(Struct, frozen=True):
    """The actors that are told every event.

    Attributes:
        addresses: in the order in which they are told; the recorder comes first, so that the log
            has an event before any actor acts on it.
    """

    addresses: tuple[Address, ...]


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
        self._early: list[Entry] = []
        self._turns = 0

    @handles(Followers)
    def begin(self, followers: Followers) -> None:
        """The log begins, with the opening and with what came before the followers were known."""
        self._followers = followers.addresses
        early, self._early = self._early, []
        for entry in (Entry(self._opening), *early):
            self._tell(entry)

    @handles(Entry)
    def pass_on(self, entry: Entry) -> None:
        """Tell one event to the followers."""
        if self._followers:
            self._tell(entry)
        else:
            self._early.append(entry)

    def _tell(self, entry: Entry) -> None:
        event: Any = entry.event
        if isinstance(event, events.Turn):
            self._turns += 1
            entry = Entry(replace(event, number=self._turns))
        for follower in self._followers:
            follower.tell(entry)
