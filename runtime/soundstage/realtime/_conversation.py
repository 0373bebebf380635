"""The items of a session, as one ordered list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from soundstage.realtime._codec import ClientFault
from soundstage.realtime._items import Item, Part
from soundstage.realtime._spoken_text import SpokenText
from soundstage.units import Samples, samples_of_ms

MOST_ITEMS: Final = 2000
"""The oldest items fall out of the context silently, as they do at the service."""

_TYPES: Final = {"message", "function_call", "function_call_output"}


class Conversation:
    """Items in order, and what was spoken of each."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._spoken: dict[str, SpokenText] = {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    @property
    def last(self) -> str | None:
        """The id of the last item."""
        return next(reversed(self._items), None)

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put an item at the end, at the `root`, or after another one.

        Returns:
            The id of the item before it.

        Raises:
            ClientFault: the item is of no offered kind, there is one with its id, or none to
                put it after.
        """
        ident = str(item.id)
        if ident in self._items:
            raise ClientFault(
                "invalid_value", f"An item with id '{ident}' already exists.", param="item.id"
            )
        self._check(item)
        ids = list(self._items)
        if after not in {None, "root"} and after not in ids:
            raise ClientFault(
                "invalid_value", f"There is no item '{after}'.", param="previous_item_id"
            )
        place = len(ids) if after is None else 0 if after == "root" else ids.index(after) + 1
        ids.insert(place, ident)
        items = {**self._items, ident: item}
        self._items = {key: items[key] for key in ids[-MOST_ITEMS:]}
        return ids[place - 1] if place else None

    def get(self, ident: str, *, code: str) -> Item:
        """An item.

        Raises:
            ClientFault: there is none of this id; `code` is the error's.
        """
        if ident not in self._items:
            raise ClientFault(code, f"Item with item_id '{ident}' not found.", param="item_id")
        return self._items[ident]

    def delete(self, ident: str) -> None:
        """Remove an item.

        Raises:
            ClientFault: there is none of this id.
        """
        self.get(ident, code="item_delete_invalid_item_id")
        del self._items[ident]
        self._spoken.pop(ident, None)

    def speak(self, ident: str, spoken: SpokenText) -> None:
        """Keep what is spoken of an item, so that it can be cut."""
        self._spoken[ident] = spoken

    def cut(self, ident: str, played: Samples) -> None:
        """Leave of an item what was heard when so much had been played."""
        item, spoken = self._items.get(ident), self._spoken.get(ident)
        if item is None or spoken is None:
            return
        item.content = [Part(type="output_audio", transcript=spoken.until(played))]

    def truncate(self, ident: str, audio_end_ms: int) -> None:
        """Cut an assistant's audio at a time.

        Raises:
            ClientFault: there is no such item, no audio in it, or it is shorter.
        """
        self.get(ident, code="item_truncate_invalid_item_id")
        spoken = self._spoken.get(ident)
        if spoken is None:
            raise ClientFault(
                "invalid_value", f"Item '{ident}' has no audio to truncate.", param="item_id"
            )
        end = samples_of_ms(audio_end_ms)
        if audio_end_ms < 0 or end > spoken.duration:
            length = spoken.duration * 1000 // samples_of_ms(1000)
            raise ClientFault(
                "invalid_value",
                f"Audio content of {length}ms is already shorter than {audio_end_ms}ms.",
                param="audio_end_ms",
            )
        self.cut(ident, end)

    def _check(self, item: Item) -> None:
        if item.type not in _TYPES:
            raise ClientFault(
                "invalid_value",
                f"Items of type '{item.type}' are not offered here.",
                param="item.type",
            )
        if item.type == "message" and item.role not in {"user", "system", "assistant"}:
            raise ClientFault(
                "invalid_value",
                "A message needs a role: user, system or assistant.",
                param="item.role",
            )
        for number, part in enumerate(item.content or []):
            if part.type == "input_image":
                raise ClientFault(
                    "invalid_value",
                    "Images are not offered here.",
                    param=f"item.content[{number}].type",
                )
