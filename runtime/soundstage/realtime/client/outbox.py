"""Client events on their way out, held back until the session is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.realtime.protocol.event_codec import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.realtime.protocol.client_events import ClientEvent
    from soundstage.realtime.protocol.ids import Ids


def _note_nothing(_: ClientEvent) -> None:
    """No other session will ask."""


class ClientOutbox:
    """Gives events their ids and keeps them in order.

    Args:
        ids: where the ids come from.
        note: told of each event that another session would have to know of.
    """

    def __init__(self, ids: Ids, note: Callable[[ClientEvent], None] = _note_nothing) -> None:
        self._ids = ids
        self._note = note
        self._held: list[bytes] = []
        self._ready: list[bytes] = []
        self._open = False

    def send(self, event: ClientEvent, *, at_once: bool = False, noted: bool = True) -> str:
        """Send an event, when the outbox is open or `at_once`; returns its id.

        Args:
            event: the event; it is given an id.
            at_once: whether it is part of the configuration.
            noted: whether another session would have to know of it.
        """
        event.event_id = event_id = self._ids.make("event")
        if noted and not at_once:
            self._note(event)
        # What comes before the configuration would be answered without persona, tools and voice.
        place = self._ready if self._open or at_once else self._held
        place.append(encode(event))
        return event_id

    def open(self) -> None:
        """Let out what was held back, and hold nothing back any more."""
        self._open = True
        self._ready += self._held
        self._held.clear()

    def restart(self) -> None:
        """The call is lost, and what was to be sent with it: hold back until the next one is up."""
        self._open = False
        self._held.clear()
        self._ready.clear()

    def drain(self) -> list[bytes]:
        """The events to send, as JSON; each is given once."""
        drained, self._ready = self._ready, []
        return drained
