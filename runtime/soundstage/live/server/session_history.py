"""What has been said and done in a session, as its mind knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from soundstage.realtime import Item, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.live.protocol.session_fields import HistoryItem
    from soundstage.realtime import FunctionCall, Ids

MOST_ITEMS = 2000
"""How far back a mind remembers; the service sums up what is older."""


class History:
    """The items of a session, in the shapes of Realtime: the same minds answer both.

    Args:
        ids: for the items.
        given: the messages that the session begins with.
    """

    def __init__(self, ids: Ids, given: Iterable[HistoryItem] = ()) -> None:
        self._ids = ids
        self._items: list[Item] = []
        for message in given:
            role = str(message.__struct_config__.tag)
            self._add_message("system" if role == "developer" else role, message.content[0].text)

    def items(self) -> tuple[Item, ...]:
        """The items, the oldest first; copies, for what is being said still grows."""
        return tuple(_copied(item) for item in self._items)

    def add_user(self, text: str) -> None:
        """The user has said something."""
        self._add_message("user", text)

    def add_note(self, text: str) -> None:
        """The developer has the model know something."""
        self._add_message("system", text)

    def add_typed(self, role: str, parts: list[Part]) -> Item:
        """The application has written something."""
        return self._add(Item(id=self._ids.make("item"), type="message", role=role, content=parts))

    def begin_assistant(self) -> Part:
        """The assistant begins to speak; the words are put into this part as they are heard."""
        return self._add_message("assistant", "")

    def add_call(self, call: FunctionCall, call_id: str) -> None:
        """The backend calls a function."""
        self._add(
            Item(
                id=self._ids.make("item"),
                type="function_call",
                call_id=call_id,
                name=call.name,
                arguments=call.arguments,
            )
        )

    def add_output(self, call_id: str, output: str) -> Item:
        """A function has answered."""
        ident = self._ids.make("item")
        return self._add(
            Item(id=ident, type="function_call_output", call_id=call_id, output=output)
        )

    def _add_message(self, role: str, text: str) -> Part:
        part = Part(type="output_text" if role == "assistant" else "input_text", text=text)
        self._add(Item(id=self._ids.make("item"), type="message", role=role, content=[part]))
        return part

    def _add(self, item: Item) -> Item:
        self._items.append(item)
        del self._items[:-MOST_ITEMS]
        return item


def _copied(item: Item) -> Item:
    if not item.content:
        return item
    return structs.replace(item, content=[structs.replace(part) for part in item.content])
