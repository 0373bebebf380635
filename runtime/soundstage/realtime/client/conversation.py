"""The conversation of a session as its client knows it, for a session that takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from soundstage.realtime.client.truncations import words_heard, words_in
from soundstage.realtime.protocol import server_events as server
from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.recent import MOST_REMEMBERED
from soundstage.units import FRAME_MS, FRAME_SAMPLES, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from soundstage.realtime.client.notifications import Truncated
    from soundstage.realtime.protocol.client_events import ConversationItemCreate
    from soundstage.realtime.protocol.items import Response
    from soundstage.realtime.protocol.server_events import ServerEvent

MOST_BYTES: Final = 4 * 1024 * 1024
"""How much the items of the client may hold together; the oldest are forgotten beyond that."""

NOTICED_AFTER_MS: Final = 300
"""How long speech has gone on, at least, when a server says that it has begun."""

LEAD_MS: Final = 300
"""How much is heard again before a turn: the times of a server are not to the frame."""

DEAF_FOR_MS: Final = 8000
"""How long a session may have been without its network when that is noticed."""

_ROOT: Final = "root"
_LONGEST_ID: Final = 32


class Resumption(Struct, frozen=True):
    """What a new session is told of the lost one, and what the lost one still owed.

    Attributes:
        items: the conversation, in order; of a reply that was cut, what was heard.
        unheard: the responses that were to be heard, and of which nothing was.
        is_owed: whether there is a turn of the user, with known words, without an answer.
        hear_from_ms: the time of the lost session's input from which on the new one is to hear it
            again: what it had not taken for a turn, or whose words are not known.
        turn_again_ms: how much of it begins with a turn that the lost session had noticed; None
            where it had noticed none.
    """

    items: tuple[Item, ...]
    unheard: tuple[str, ...]
    is_owed: bool
    hear_from_ms: int
    turn_again_ms: int | None


class _Reply(Struct, eq=False):
    """A response of the conversation.

    Attributes:
        place: after everything that was there when it began.
        status: empty until it is done.
        settled: whether it counts as an answer, whatever is heard of it.
        played: whether all of it was played.
        first: the frame of the session in which it was audible first, or None.
        end: one past the frame in which it was audible last.
    """

    ident: str
    place: int
    status: str = ""
    settled: bool = False
    played: bool = False
    first: int | None = None
    end: int = 0

    @property
    def words(self) -> int:
        """How many words of it were heard, by a usual pace of speech."""
        frames = 0 if self.first is None else self.end - self.first
        return words_in(frames * FRAME_SAMPLES)


class _Entry(Struct, eq=False):
    """One item: the client's own or a call, a turn of the user, or a message of a reply.

    Attributes:
        place: counts up as entries come.
        item: what is told; None where it is made from the other fields.
        text: the words of a turn or a message; None where they are not known.
        start_ms: of a turn, when it began.
        reply: of a message or a call, the response that made it.
        spoken: of a message, whether it is heard, not read.
        cut: of a message, whether its text is what was heard.
        phase: of a message, as the server gave it.
        size: of the client's own, in bytes.
    """

    place: int
    ident: str = ""
    item: Item | None = None
    text: str | None = None
    start_ms: int | None = None
    reply: _Reply | None = None
    spoken: bool = False
    cut: bool = False
    phase: str | UnsetType | None = UNSET
    size: int = 0

    @property
    def is_turn(self) -> bool:
        return self.start_ms is not None


class ConversationRecord:
    """Follows what both ends of a session put into its conversation, and what was heard of it."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._replies: dict[str, _Reply] = {}
        self._unnamed: list[_Entry] = []
        self._count = 0
        self._frames = 0
        self._turn: tuple[str, int] | None = None
        self._committed_ms = 0
        self._playing: _Reply | None = None
        self._handlers = self._table()

    @property
    def position_ms(self) -> int:
        """How much audio has gone each way in this session."""
        return self._frames * FRAME_MS

    # What the client does.

    def created(self, event: ConversationItemCreate) -> None:
        """The client adds an item."""
        key = str(event.item.id or event.event_id)
        entry = _Entry(self._next(), ident=str(event.item.id or ""), item=event.item)
        entry.size = len(msgspec.json.encode(event.item))
        self._put(key, entry, after=event.previous_item_id or None)
        # The server gives it one, which the program may use from then on.
        if not entry.ident:
            self._unnamed.append(entry)

    def refused(self, event_id: str) -> None:
        """The server refused an event: an item that it would have added is not there."""
        entry = self._entries.pop(event_id, None)
        if entry in self._unnamed:
            self._unnamed.remove(entry)

    def cancelled(self, response: str) -> None:
        """The client wants nothing more of a response."""
        if response in self._replies:
            self._replies[response].settled = True

    def frame(self, *, audible: bool) -> None:
        """A frame has gone each way; whether that of the server was heard."""
        if audible and self._playing is not None:
            if self._playing.first is None:
                self._playing.first = self._frames
            self._playing.end = self._frames + 1
        self._frames += 1

    def skip(self, ticks: int, audible: tuple[int, int] | None) -> None:
        """So many frames have gone each way; the places of the first and the last one heard."""
        if audible is not None and self._playing is not None:
            if self._playing.first is None:
                self._playing.first = self._frames + audible[0]
            self._playing.end = self._frames + audible[1] + 1
        self._frames += ticks

    # What the server says.

    def take(self, event: ServerEvent) -> None:
        """An event that needs no more than to be noted."""
        handle = self._handlers.get(type(event))
        if handle is not None:
            handle(event)

    def begun(self, response: str) -> None:
        """A response of the conversation is being made."""
        self._replies[response] = _Reply(response, self._next())
        while len(self._replies) > MOST_REMEMBERED:
            del self._replies[next(iter(self._replies))]

    def done(self, response: Response) -> None:
        """A response of the conversation has been made."""
        if response.id not in self._replies:
            self.begun(response.id)
        reply = self._replies[response.id]
        reply.status = response.status
        interrupted = response.status == "cancelled" and response.reason == "turn_detected"
        ended = response.status in {"cancelled", "failed"}
        # One that says nothing is an answer too.
        silent = response.status == "completed" and not response.said
        reply.settled |= silent or (ended and not interrupted)
        for item in response.output:
            if item.type == "message":
                self._message(item, reply)
            elif item.type == "function_call" and response.status == "completed" and item.call_id:
                # What it asks for is done, whatever was heard of it.
                reply.settled = True
                self._put(str(item.id or item.call_id), _call(self._next(), item, reply))

    def playback(self, event: server.PlaybackEvent) -> None:
        """The server plays a response, has played it, or will not play the rest of it."""
        reply = self._replies.get(event.response_id)
        if isinstance(event, server.OutputAudioBufferStarted):
            # A server that plays the next one has played the one before.
            if self._playing is not None and self._playing is not reply:
                self._playing.played = True
            self._playing = reply
        elif reply is not None:
            reply.played |= isinstance(event, server.OutputAudioBufferStopped)
            if self._playing is reply:
                self._playing = None

    def truncated(self, cut: Truncated) -> None:
        """A message was cut to what was heard of it."""
        entry = self._entries.get(cut.item)
        if entry is None or entry.text is None or entry.cut:
            return
        entry.cut = True
        if cut.text is None:
            # Known by its length alone, as where the server was told so by the client.
            entry.text = words_heard(entry.text, samples_of_ms(cut.audio_end_ms))
        else:
            entry.text = cut.text

    # What follows from it.

    def resume(self, *, detects: bool) -> Resumption:
        """The session is lost: what the next one is told; from here on, that is the conversation.

        Args:
            detects: whether the session finds the turns of the user by itself.
        """
        heard = self._heard()
        audible = {e.reply.ident for key, e in self._entries.items() if e.reply and heard.get(key)}
        # Heard counts, whether or not the server says what it was.
        audible |= {reply.ident for reply in self._replies.values() if reply.words}
        answers = {r.ident for r in self._replies.values() if r.settled or r.ident in audible}
        answered = max((self._replies[ident].place for ident in answers), default=-1)
        open_turns = [e for e in self._entries.values() if e.is_turn and e.place > answered]
        unknown = next((e for e in open_turns if e.text is None), None)
        noticed = self._noticed(unknown, detects=detects)
        # A session that has lost its network notices nothing for as long as that is not noticed.
        unnoticed = max(self._committed_ms, self.position_ms - DEAF_FOR_MS)
        owed = any(e.text for e in open_turns) and unknown is None
        unheard = tuple(
            reply.ident
            for reply in self._replies.values()
            if reply.ident not in answers
            and reply.place > answered
            and reply.status in {"", "completed", "incomplete"}
        )
        again = None if noticed is None else max(0, self.position_ms - noticed)
        self._settle(heard, unknown)
        items = tuple(self._items())
        self._forget_session()
        return Resumption(items, unheard, owed, unnoticed if noticed is None else noticed, again)

    def _noticed(self, unknown: _Entry | None, *, detects: bool) -> int | None:
        if unknown is not None:
            return unknown.start_ms
        if self._turn is not None:
            return self._turn[1]
        # What no turn detection hears is in the buffer until it is committed.
        return None if detects else self._committed_ms

    def _heard(self) -> dict[str, list[str]]:
        """The words that were heard of each message of a reply, by its key."""
        heard: dict[str, list[str]] = {}
        left: dict[str, int] = {}
        for key, entry in self._entries.items():
            reply = entry.reply
            if reply is None or entry.item is not None:
                continue
            words = (entry.text or "").split()
            if entry.spoken and not reply.played:
                # The messages of a reply are heard one after the other.
                budget = left.setdefault(reply.ident, reply.words)
                words = words if entry.cut else words[:budget]
                left[reply.ident] = max(0, budget - len(words))
            elif not entry.spoken and not reply.status:
                # What is written is read when it is whole.
                words = []
            heard[key] = words
        return heard

    def _settle(self, heard: Mapping[str, list[str]], unknown: _Entry | None) -> None:
        """Make of each entry the item that is told, and forget those that are not."""
        for key, entry in list(self._entries.items()):
            if entry.is_turn:
                # What comes after a turn that is heard again is heard again with it.
                again = unknown is not None and entry.place >= unknown.place
                entry.item = None if again else _message(entry, "user", entry.text or "")
            elif entry.item is None:
                entry.item = _message(entry, "assistant", " ".join(heard[key]))
            if entry.item is None:
                del self._entries[key]
            entry.start_ms, entry.reply = None, None

    def _items(self) -> Iterator[Item]:
        items = [entry.item for entry in self._entries.values() if entry.item is not None]
        calls = {item.call_id for item in items if item.type == "function_call"}
        for item in items:
            # Nothing may refer to a call that has been forgotten.
            if item.type != "function_call_output" or item.call_id in calls:
                yield item

    def _forget_session(self) -> None:
        """Times and responses of the lost session mean nothing in the next one."""
        self._replies.clear()
        self._unnamed.clear()
        self._frames, self._committed_ms = 0, 0
        self._turn = self._playing = None

    # How it is kept.

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _put(self, key: str, entry: _Entry, after: str | None = None) -> None:
        # Servers tell of an item when it is added and when it is done: its place is the first one.
        if key in self._entries:
            return
        if after == _ROOT or (after is not None and self._key_of(after) is not None):
            # A dict has no insertion in the middle; this is rare, and the record is bounded.
            keys = list(self._entries)
            place = 0 if after == _ROOT else keys.index(str(self._key_of(after))) + 1
            keys.insert(place, key)
            entries = {**self._entries, key: entry}
            self._entries = {each: entries[each] for each in keys}
        else:
            self._entries[key] = entry
        self._forget_oldest()

    def _key_of(self, ident: str) -> str | None:
        if ident in self._entries:
            return ident
        return next((key for key, each in self._entries.items() if each.ident == ident), None)

    def _forget_oldest(self) -> None:
        # A session may last for an hour, and a client may fill its conversation with documents.
        excess = sum(entry.size for entry in self._entries.values()) - MOST_BYTES
        while len(self._entries) > 1 and (excess > 0 or len(self._entries) > MOST_REMEMBERED):
            excess -= self._entries.pop(next(iter(self._entries))).size

    def _message(self, item: Item, reply: _Reply) -> None:
        """A message of a reply, as it is known now."""
        key = str(item.id or f"{reply.ident} {len(self._entries)}")
        self._put(key, _Entry(self._next(), ident=str(item.id or ""), reply=reply, text=""))
        entry = self._entries[key]
        # An id that stands for something else already is a slip of the server.
        if entry.reply is not reply:
            return
        entry.phase = item.phase
        parts = item.content or []
        entry.spoken |= any(part.type in {"output_audio", "audio"} for part in parts)
        if item.said and not entry.cut:
            entry.text = item.said

    def _turn_begun(self, event: server.SpeechStarted) -> None:
        # By the client's own count: that of a server may have begun before the first frame.
        latest = self.position_ms - NOTICED_AFTER_MS - LEAD_MS
        start = max(self._committed_ms, min(event.audio_start_ms - LEAD_MS, latest))
        self._turn = (event.item_id, start)

    def _turn_taken(self, event: server.OfItem) -> None:
        """A turn of the user is over, and in the conversation; told twice where it was detected."""
        if event.item_id in self._entries:
            return
        # A turn that no detection found began where the one before had ended.
        ident, start = self._turn or (event.item_id, self._committed_ms)
        if ident != event.item_id:
            start = self._committed_ms
        self._turn, self._committed_ms = None, self.position_ms
        self._put(event.item_id, _Entry(self._next(), ident=event.item_id, start_ms=start))

    def _buffer_cleared(self, _: server.InputAudioBufferCleared) -> None:
        self._turn, self._committed_ms = None, self.position_ms

    def _transcribed(
        self, event: server.InputTranscriptionCompleted | server.InputTranscriptionFailed
    ) -> None:
        entry = self._entries.get(event.item_id)
        if entry is not None and entry.is_turn:
            # One that failed has no words, and that is known as well: none are waited for.
            words = getattr(event, "transcript", "")
            entry.text = str(words).strip()

    def _item_added(self, event: server.ConversationItemAdded) -> None:
        """The server names an item; that of an item of the client is its own to give."""
        item = event.item
        if not item.id or self._key_of(item.id) is not None:
            return
        for entry in self._unnamed:
            own = entry.item
            if own is not None and own.type == item.type and own.role == item.role:
                entry.ident = item.id
                self._unnamed.remove(entry)
                return

    def _item_deleted(self, event: server.ConversationItemDeleted) -> None:
        key = self._key_of(event.item_id)
        if key is not None:
            del self._entries[key]

    def _output_added(self, event: server.OutputItemAdded) -> None:
        reply = self._replies.get(event.response_id)
        if reply is not None and event.item.type == "message":
            self._message(event.item, reply)

    def _words(self, event: server.OutputTextDelta | server.OutputTranscriptDelta) -> None:
        entry = self._entries.get(event.item_id)
        if entry is not None and entry.reply is not None and not entry.reply.status:
            entry.spoken |= isinstance(event, server.OutputTranscriptDelta)
            # What comes after a cut was made, but never heard.
            if not entry.cut:
                entry.text = (entry.text or "") + event.delta

    def _whole(self, event: server.OutputTextDone | server.OutputTranscriptDone) -> None:
        """All words of a message; some servers send no deltas before them."""
        entry = self._entries.get(event.item_id)
        if entry is None or entry.reply is None or entry.cut:
            return
        if isinstance(event, server.OutputTranscriptDone):
            entry.spoken, entry.text = True, event.transcript
        else:
            entry.text = event.text

    def _table(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            server.SpeechStarted: self._turn_begun,
            server.SpeechStopped: self._turn_taken,
            server.InputAudioBufferCommitted: self._turn_taken,
            server.InputAudioBufferCleared: self._buffer_cleared,
            server.InputTranscriptionCompleted: self._transcribed,
            server.InputTranscriptionFailed: self._transcribed,
            server.ConversationItemAdded: self._item_added,
            server.ConversationItemDeleted: self._item_deleted,
            server.OutputItemAdded: self._output_added,
            server.OutputTextDelta: self._words,
            server.OutputTranscriptDelta: self._words,
            server.OutputTextDone: self._whole,
            server.OutputTranscriptDone: self._whole,
        }


def _call(place: int, item: Item, reply: _Reply) -> _Entry:
    told = Item(type=item.type, name=item.name, call_id=item.call_id, arguments=item.arguments)
    told.id = _id_of(str(item.id or ""))
    return _Entry(place, ident=str(item.id or ""), item=told, reply=reply)


def _message(entry: _Entry, role: str, text: str) -> Item | None:
    """A turn or a reply as a message; None where it has no words."""
    if not text:
        return None
    part = Part(type="input_text" if role == "user" else "output_text", text=text)
    phase = entry.phase if isinstance(entry.phase, str) else UNSET
    return Item(id=_id_of(entry.ident), type="message", role=role, phase=phase, content=[part])


def _id_of(ident: str) -> str | UnsetType:
    """An item keeps its id, so that the program can name it still, where a client may give it."""
    return ident if 0 < len(ident) <= _LONGEST_ID else UNSET
