"""The items of a session, as one ordered list."""

from __future__ import annotations

from operator import is_not
from typing import TYPE_CHECKING, Final, TypeVar, cast

import msgspec
from msgspec import UNSET, Struct, field, structs

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.items import Item, Part
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soundstage.realtime.images import Image
    from soundstage.realtime.spoken_text import SpokenText


T = TypeVar("T")

MOST_ITEMS: Final = 2000
"""The oldest items fall out of the context silently, as they do at the service."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""How much text the items may hold together before the oldest fall out."""

ROOT: Final = "root"
"""The `previous_item_id` of what is to be first."""


class Entry(Struct, eq=False):
    """An item and what the server knows of it beside.

    Attributes:
        item: as clients see it; never changed in place.
        samples: length of its audio.
        pending: whether its audio is still to be recognised.
        heard: what was recognised in it; None where there was nothing to recognise.
        private: whether what is recognised is for the assistant alone.
        spoken: of an assistant's audio, its words in time.
        cut: where its audio was truncated, or None.
        images: what it shows, as far as that is kept.
    """

    item: Item
    samples: Samples = 0
    pending: bool = False
    heard: str | None = None
    private: bool = False
    spoken: SpokenText | None = None
    cut: Samples | None = None
    images: tuple[Image, ...] = ()
    _derived: dict[Callable[[Entry], object], object] = field(default_factory=dict)
    _derived_from: tuple[object, ...] = ()

    @property
    def ident(self) -> str:
        """The item's id."""
        return str(self.item.id)

    def known(self) -> Item:
        """The item with the words that were recognised in it, and the images."""
        return self.derived(_with_words_and_images)

    def derived(self, make: Callable[[Entry], T]) -> T:
        """What a function makes of the item, its length, its words and its images.

        Made once while these stay the same: every response asks it of every item, and an hour of a
        call has a thousand of both.
        """
        now = (self.item, self.samples, self.heard, self.images)
        if not self._derived_from or any(map(is_not, self._derived_from, now)):
            self._derived.clear()
            self._derived_from = now
        if make not in self._derived:
            self._derived[make] = make(self)
        return cast("T", self._derived[make])

    def lengthen(self, samples: Samples) -> None:
        """The assistant has gone on to speak, which no longer matters once it was cut."""
        # What comes after a cut was made, but is never heard.
        if self.cut is None:
            self.samples += samples

    def shorten(self, played: Samples) -> None:
        """Leave of an assistant's audio what had been played."""
        if self.spoken is not None:
            # A second cut can only take more away: the client heard no more meanwhile.
            self.cut = played if self.cut is None else min(self.cut, played)
            self.samples = min(self.samples, self.cut)
            part = Part(type="output_audio", transcript=self.spoken.until(self.cut))
            # A new one: events that hold the old one may not have been written yet.
            self.item = structs.replace(self.item, content=[part], status="incomplete")

    def update(self, item: Item, samples: Samples) -> None:
        """The response that makes the item has gone on with it."""
        # The response still reports its whole text, and then the cut has to be made again.
        self.item, self.samples = item, samples
        if self.cut is not None:
            self.shorten(self.cut)


class Conversation:
    """The items in their order, bounded in number and size.

    Args:
        ident: the conversation's id.

    Attributes:
        audio: the sound of the items, as far as it is kept.
    """

    def __init__(self, ident: str) -> None:
        self.ident = ident
        self.audio = AudioStore()
        self._entries: dict[str, Entry] = {}
        self._sizes: dict[str, int] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything in it, in order."""
        return tuple(self._entries.values())

    @property
    def last(self) -> str | None:
        """The id of the last item."""
        return next(reversed(self._entries), None)

    @property
    def has_spoken(self) -> bool:
        """Whether there is audio of the assistant."""
        return any(entry.spoken and entry.spoken.duration for entry in self._entries.values())

    def __contains__(self, ident: str) -> bool:
        return ident in self._entries

    def check_place(self, ident: str, after: str | None) -> None:
        """Make sure that an item of this id can be added.

        Raises:
            ClientFault: there is one already, or none to put it after.
        """
        if ident in self._entries:
            message = f"Error adding item: an item with ID '{ident}' already exists."
            raise ClientFault("invalid_value", message, param="item.id")
        if after not in (None, ROOT) and after not in self._entries:
            message = f"Error adding item: the previous item with id '{after}' does not exist."
            raise ClientFault("invalid_value", message, param="previous_item_id")

    def add(self, entry: Entry, after: str | None = None) -> str | None:
        """Put an item at the end, at the `root`, or after another one.

        Returns:
            The id of the item before it, None for the first.
        """
        ids = list(self._entries)
        place = len(ids) if after is None else 0 if after == ROOT else ids.index(after) + 1
        before = ids[place - 1] if place else None
        # Taken when it enters: a reply grows later, but its words are few beside the bounds.
        self._sizes[entry.ident] = len(msgspec.json.encode(_without_images(entry.item)))
        if place == len(ids):
            self._entries[entry.ident] = entry
        else:
            ids.insert(place, entry.ident)
            # A dict has no insertion in the middle; this is rare, and the conversation is bounded.
            entries = {**self._entries, entry.ident: entry}
            self._entries = {ident: entries[ident] for ident in ids}
        self._forget_oldest(entry.ident)
        self._forget_images(entry)
        return before

    def find(self, ident: str) -> Entry | None:
        """The entry of an item, or None."""
        return self._entries.get(ident)

    def get(self, ident: str, action: str) -> Entry:
        """The entry of an item.

        Raises:
            ClientFault: there is none, with the code of this `action`: `retrieve`, `truncate` or
                `delete`.
        """
        if ident not in self._entries:
            # The service's words: retrieving, truncating, deleting.
            message = f"Error {action[:-1]}ing item: the item with id '{ident}' does not exist."
            raise ClientFault(f"item_{action}_invalid_item_id", message, param="item_id")
        return self._entries[ident]

    def delete(self, ident: str) -> None:
        """Remove an item.

        Raises:
            ClientFault: there is none of this id.
        """
        self.get(ident, "delete")
        self._remove(ident)

    def truncate(self, ident: str, content_index: int, audio_end_ms: int) -> None:
        """Cut an assistant's audio at a time.

        Raises:
            ClientFault: there is no such item, no such audio in it, or it is shorter.
        """
        entry = self.get(ident, "truncate")
        if entry.spoken is None:
            message = "Only model output audio messages can be truncated."
            raise ClientFault("invalid_value", message, param="item_id")
        if content_index != 0:
            message = f"Content index {content_index} does not exist in this item."
            raise ClientFault("invalid_value", message, param="content_index")
        if audio_end_ms < 0:
            message = "Invalid value: 'audio_end_ms' is at least 0."
            raise ClientFault("invalid_value", message, param="audio_end_ms")
        # Not the whole reply: over a WebSocket, what has not been sent cannot have been heard.
        if audio_end_ms > ms_of(entry.samples):
            message = (
                f"Audio content of {ms_of(entry.samples)}ms is already shorter than "
                f"{audio_end_ms}ms"
            )
            raise ClientFault("invalid_value", message, param="audio_end_ms")
        self.cut(entry, audio_end_ms * SAMPLE_RATE // 1000)

    def cut(self, entry: Entry, played: Samples) -> None:
        """Leave of an assistant's item what was heard when so much had been played."""
        entry.shorten(played)
        self.audio.cut(entry.ident, played)

    def _remove(self, ident: str) -> None:
        del self._entries[ident], self._sizes[ident]
        self.audio.drop(ident)

    def _forget_images(self, newest: Entry) -> None:
        shown = [entry for entry in self._entries.values() if entry.images]
        excess = sum(len(image.url) for entry in shown for image in entry.images)
        excess -= MOST_KEPT_IMAGES
        for entry in shown:
            if excess <= 0 or entry is newest:
                return
            excess -= sum(len(image.url) for image in entry.images)
            entry.images, entry.item = (), _without_images(entry.item)

    def _forget_oldest(self, newest: str) -> None:
        excess = sum(self._sizes.values()) - MOST_BYTES
        for ident in list(self._entries):
            # The newest stays even alone: a client has just been told that it is there.
            if (excess <= 0 and len(self._entries) <= MOST_ITEMS) or ident == newest:
                return
            excess -= self._sizes[ident]
            self._remove(ident)


def _without_images(item: Item) -> Item:
    """The item as it is when its images are no longer kept."""
    if not any(part.image_url for part in item.content or []):
        return item
    content = [structs.replace(part, image_url=UNSET) for part in item.content or []]
    return structs.replace(item, content=content)


def _with_words_and_images(entry: Entry) -> Item:
    item = entry.item if entry.heard is None else transcribed(entry.item, entry.heard)
    if not entry.images:
        return item
    content = list(item.content or [])
    for image in entry.images:
        content[image.place] = structs.replace(content[image.place], image_url=image.url)
    return structs.replace(item, content=content)


def transcribed(item: Item, transcript: str) -> Item:
    """A user's item with words in its first audio part."""
    content = list(item.content or [])
    for place, part in enumerate(content):
        # The first one: a client may send text beside its audio.
        if part.type == "input_audio":
            content[place] = structs.replace(part, transcript=transcript)
            break
    return structs.replace(item, content=content)


def said_since(entries: Iterable[Entry]) -> tuple[str | None, tuple[Item, ...]]:
    """What came after the assistant last did something.

    Returns:
        The user's words, None where there was no turn of the user; and the outputs of tools.
    """
    words: list[str] = []
    outputs: list[Item] = []
    # Backwards, as only what came after the assistant's last act is new to it.
    for entry in reversed(tuple(entries)):
        item = entry.item
        if item.type == "function_call_output":
            outputs.insert(0, item)
        elif item.type == "function_call" or (item.role == "assistant" and item.said):
            break
        elif item.role == "user" and (entry.heard is not None or item.said or entry.images):
            words.insert(0, entry.known().said)
    said = " ".join(word for word in words if word)
    return (said if words else None), tuple(outputs)


MOST_KEPT_IMAGES: Final = 16 * 1024 * 1024
"""Letters of images that are kept together; then the oldest are no longer seen."""

MOST_AUDIO_BYTES: Final = 16 * 1024 * 1024
"""How much sound is kept: some six minutes."""


class AudioStore:
    """Keeps the newest audio, by the item it belongs to."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._size = 0

    def keep(self, ident: str, pcm: bytes) -> None:
        """Put an item's audio there; the oldest goes when there is too much."""
        self.drop(ident)
        self._kept[ident] = pcm
        self._size += len(pcm)
        # An item without its audio can still be retrieved; it then shows its transcript only.
        while self._size > MOST_AUDIO_BYTES:
            self.drop(next(iter(self._kept)))

    def get(self, ident: str) -> bytes:
        """An item's audio, empty where none is kept."""
        return self._kept.get(ident, b"")

    def cut(self, ident: str, samples: Samples) -> None:
        """Keep only the beginning of an item's audio."""
        if ident in self._kept:
            self.keep(ident, self._kept[ident][: samples * SAMPLE_BYTES])

    def drop(self, ident: str) -> None:
        """Forget an item's audio."""
        self._size -= len(self._kept.pop(ident, b""))
