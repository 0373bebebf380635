"""The items that a response makes, as the client and the conversation get to know them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, UnsetType, structs

from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.protocol.server_events import (
    ArgumentsDelta,
    ArgumentsDone,
    ContentPartAdded,
    ContentPartDone,
    ConversationItemAdded,
    ConversationItemDone,
    OutputAudioDone,
    OutputItemAdded,
    OutputItemDone,
    OutputTextDelta,
    OutputTextDone,
    OutputTranscriptDelta,
    OutputTranscriptDone,
)
from soundstage.realtime.server.conversation import Conversation, Entry
from soundstage.realtime.spoken_text import SpokenText
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.usage import TokenCount
    from soundstage.realtime.session_jobs import FunctionCall

_WORD: Final = re.compile(r"\s*\S+")
_ARGUMENT_LETTERS: Final = 6


class _Place(Struct, frozen=True):
    """Where an item stands: its number in the response, and the item before it."""

    index: int
    before: str | None


class OutputItems:
    """The items of one response.

    Args:
        response: the response's id.
        conversation: where the items go too; None out of band.
        events: tells the client.
        tokens: counts what is put out.

    Attributes:
        made: the items that are done, in order.
    """

    def __init__(
        self,
        response: str,
        conversation: Conversation | None,
        events: ServerOutbox,
        tokens: TokenCount,
    ) -> None:
        self.response = response
        self.events = events
        self.tokens = tokens
        self.made: list[Item] = []
        self._conversation = conversation
        self._places: dict[str, _Place] = {}

    def add(self, entry: Entry) -> dict[str, Any]:
        """Begin an item; what its events say of their place."""
        index, item = len(self._places), entry.item
        self.events.send(OutputItemAdded(response_id=self.response, output_index=index, item=item))
        before: str | None = None
        if self._conversation is not None:
            # Only now, so that the events of a turn that is taken meanwhile name it as the last.
            before = self._conversation.add(entry)
            self.events.send(ConversationItemAdded(item=item, previous_item_id=before))
        self._places[entry.ident] = _Place(index, before)
        return {"response_id": self.response, "item_id": entry.ident, "output_index": index}

    def end(self, entry: Entry, item: Item) -> None:
        """An item is final."""
        entry.update(item, entry.samples)
        self.made.append(item)
        place = self._places[entry.ident]
        if self._conversation is not None:
            # Where it was added: what came in behind it does not move it.
            self.events.send(ConversationItemDone(item=item, previous_item_id=place.before))
        self.events.send(
            OutputItemDone(response_id=self.response, output_index=place.index, item=item)
        )


class OutputCall:
    """A function call of a response, with what of its arguments the token limit allows.

    Args:
        items: the response's items.
        ident: of its item.
        call_id: joins its output to it.
        call: what is called.
        whole: whether its arguments are all there.

    Attributes:
        whole: whether all of them have been told.
    """

    def __init__(
        self, items: OutputItems, ident: str, call_id: str, call: FunctionCall, *, whole: bool
    ) -> None:
        item = Item(
            id=ident,
            type="function_call",
            status="in_progress",
            name=call.name,
            call_id=call_id,
            arguments="",
        )
        self._items = items
        self._entry = Entry(item)
        self._place = items.add(self._entry)
        self._told = ""
        # In pieces, as a model writes them: clients must join them before they parse.
        for at in range(0, len(call.arguments), _ARGUMENT_LETTERS):
            delta = call.arguments[at : at + _ARGUMENT_LETTERS]
            # A call that runs out of tokens is cut within its arguments, as the service does it.
            if not items.tokens.write(delta):
                break
            self._told += delta
            padding = items.events.padding(delta)
            items.events.send(
                ArgumentsDelta(**self._place, call_id=call_id, delta=delta, obfuscation=padding)
            )
        self.whole = whole and self._told == call.arguments

    def end(self) -> None:
        """Close it with what has been told."""
        item, told = self._entry.item, self._told
        self._items.events.send(
            ArgumentsDone(
                **self._place, call_id=str(item.call_id), name=str(item.name), arguments=told
            )
        )
        status = "completed" if self.whole else "incomplete"
        self._items.end(self._entry, structs.replace(item, arguments=told, status=status))


class OutputMessage:
    """The message of a response, written or spoken, with its one part.

    Args:
        items: the response's items.
        ident: the message's id.
        text: all that it says.
        spoken: whether it is spoken.
        phase: `commentary` or `final_answer`; UNSET where its model does not say, or where it is
            not known yet whether a call follows.
    """

    def __init__(
        self, items: OutputItems, ident: str, text: str, *, spoken: bool, phase: str | UnsetType
    ) -> None:
        self._items = items
        self._events = items.events
        self._spoken = spoken
        self._words: list[str] = []
        self._next = 0
        self._due = 0.0
        self._space = ""
        self._only: str | None = None
        self._divide(text)
        item = Item(
            id=ident,
            type="message",
            status="in_progress",
            role="assistant",
            phase=phase,
            content=[],
        )
        self.entry = Entry(item, spoken=SpokenText(text) if spoken else None)
        self.place: dict[str, Any] = {**items.add(self.entry), "content_index": 0}
        self._events.send(ContentPartAdded(**self.place, part=self._part("")))

    @property
    def written(self) -> bool:
        """Whether all its words have been told."""
        return self._next == len(self._words)

    @property
    def told(self) -> str:
        """Its words that have been told."""
        return "".join(self._words[: self._next])

    def extend(self, text: str) -> None:
        """It goes on."""
        self._divide(text)
        if self.entry.spoken is not None:
            self.entry.spoken.extend(text)

    def write_within(self, words_per_second: float | None, elapsed: Samples) -> None:
        """Tell the words of this time, all of them where None says how many."""
        if words_per_second is None:
            self.write()
            return
        self._due += words_per_second * elapsed / SAMPLE_RATE
        count = int(self._due)
        # The part of a word that is left over counts with the next time.
        self._due -= count
        self.write(count)

    def foresee(self, words_per_second: float, elapsed: Samples, ticks: int) -> list[int]:
        """How many words `write_within` will tell in each of the next ticks, up to the last word.

        This changes nothing.

        Args:
            words_per_second: as there.
            elapsed: as there, in the first of them.
            ticks: how many at most.
        """
        due, left, counts = self._due, self.left, list[int]()
        while left and len(counts) < ticks:
            due += words_per_second * elapsed / SAMPLE_RATE
            count = min(int(due), left)
            due -= int(due)
            left -= count
            counts.append(count)
            elapsed = FRAME_SAMPLES
        return counts

    @property
    def left(self) -> int:
        """How many of its words are still to be told."""
        return len(self._words) - self._next

    @property
    def fits(self) -> bool:
        """Whether the words that are still to be told are within the limit of tokens."""
        return self._items.tokens.has_room_for(self._words[self._next :])

    def write(self, count: int | None = None) -> bool:
        """Tell the next words, or all of them; False where they are too many."""
        kind = OutputTranscriptDelta if self._spoken else OutputTextDelta
        end = len(self._words) if count is None else min(len(self._words), self._next + count)
        while self._next < end:
            word = self._words[self._next]
            # The word is not told at all: a limit is never passed, not by a part of a word.
            if not self._items.tokens.write(word):
                return False
            self._next += 1
            padding = self._events.padding(word)
            self._events.send(kind(**self.place, delta=word, obfuscation=padding))
        return True

    def say_only(self, text: str) -> None:
        """It ends before its end: only so much of it can be heard, and so much is told."""
        # Words may have been told ahead of the voice: those that it never says are taken back here.
        self._only = text
        length = len(self.told)
        while self._next < len(self._words) and length < len(text):
            length += len(self._words[self._next])
            # Audio has left room for them, so none is refused but by a limit that text has used up.
            if not self.write(1):
                break

    def end(self, status: str, phase: str | UnsetType) -> None:
        """Close the part and the message with what has been told, and can be heard."""
        told = self.told if self._only is None else self._only
        if self._spoken:
            self._events.send(OutputAudioDone(**self.place))
            self._events.send(OutputTranscriptDone(**self.place, transcript=told))
            content = Part(type="output_audio", transcript=told)
        else:
            self._events.send(OutputTextDone(**self.place, text=told))
            content = Part(type="output_text", text=told)
        self._events.send(ContentPartDone(**self.place, part=self._part(told)))
        # What was told and no more, as a client that joins the deltas has it.
        item = structs.replace(self.entry.item, content=[content], status=status, phase=phase)
        self._items.end(self.entry, item)

    def _divide(self, text: str) -> None:
        """Into words, each with the space before it."""
        text = self._space + text
        # It belongs to the word that follows, which comes with the next piece.
        self._space = text[len(text.rstrip()) :]
        self._words += _WORD.findall(text)

    def _part(self, text: str) -> Part:
        # The parts of these events have the names that the content of items had in the beta.
        return Part(type="audio", transcript=text) if self._spoken else Part(type="text", text=text)
