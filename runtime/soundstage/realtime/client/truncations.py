"""What was heard of items whose audio was cut: the server is asked, for its event has no text.

Where it does not say, what was heard is reckoned from how long it was heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.realtime.client.notifications import Truncated
from soundstage.realtime.protocol.client_events import ConversationItemRetrieve
from soundstage.realtime.recent import Recent
from soundstage.units import SAMPLE_RATE, Samples, samples_of_ms

if TYPE_CHECKING:
    from soundstage.realtime.client.outbox import ClientOutbox
    from soundstage.realtime.protocol.items import ErrorBody, Item
    from soundstage.realtime.protocol.server_events import ConversationItemTruncated


WORDS_PER_SECOND: Final = 2.7
"""A usual pace of speech."""

FIRST_WORD: Final[Samples] = samples_of_ms(160)
"""From when on turn detection notices speech: what it heard is answered, as a first word."""


def words_in(length: Samples) -> int:
    """How many words are said in so much audio."""
    return max(int(length / SAMPLE_RATE * WORDS_PER_SECOND), int(length >= FIRST_WORD))


def words_heard(text: str, length: Samples) -> str:
    """The first words of a text, as many as are said in so much audio."""
    return " ".join(text.split()[: words_in(length)])


class _Cut(Struct, frozen=True):
    asked: str
    audio_end_ms: int


class Truncations:
    """Asks for each item that was truncated, and says what is left of it.

    Args:
        outbox: takes the events.
    """

    def __init__(self, outbox: ClientOutbox) -> None:
        self._outbox = outbox
        self._responses: Recent[str] = Recent()
        self._cut: Recent[_Cut] = Recent()
        self._asked: Recent[str] = Recent()

    def note(self, item: str, response: str) -> None:
        """Remember which response made an item."""
        # The first one counts: a server that names an item twice must not move it.
        if item not in self._responses:
            self._responses.put(item, response)

    def truncated(self, event: ConversationItemTruncated) -> None:
        """An item was cut."""
        # The event tells a time and no words; what was heard is in the item as the server keeps
        # it.
        asked = self._outbox.send(ConversationItemRetrieve(item_id=event.item_id))
        self._asked.put(asked, event.item_id)
        self._cut.put(event.item_id, _Cut(asked, event.audio_end_ms))

    def retrieved(self, item: Item) -> list[Truncated]:
        """An item, as the server has it."""
        words = [
            part.text if part.transcript is None else part.transcript for part in item.content or []
        ]
        # Not the same as an empty transcript, which says that nothing was heard.
        known = any(isinstance(text, str) for text in words)
        return self._tell(item.id or "", item.said if known else None)

    def refused(self, error: ErrorBody) -> list[Truncated]:
        """The server refused an event: perhaps it does not have the item any more."""
        item = self._asked.get(error.event_id or "")
        return [] if item is None else self._tell(item, None)

    def _tell(self, item: str, text: str | None) -> list[Truncated]:
        # Told once, and only of items that were cut: others may be retrieved for other reasons.
        cut = self._cut.pop(item)
        if cut is None:
            return []
        self._asked.pop(cut.asked)
        return [Truncated(item, self._responses.get(item) or "", cut.audio_end_ms, text)]
