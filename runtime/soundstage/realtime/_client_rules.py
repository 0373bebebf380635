"""What each event of a client does to a session."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from msgspec import structs

from soundstage.errors import ClientFault
from soundstage.realtime._admission import admit
from soundstage.realtime._conversation import Entry
from soundstage.realtime._response_settings import response_settings
from soundstage.realtime._session_config import not_offered
from soundstage.realtime.protocol import client_events as client
from soundstage.realtime.protocol.server_events import (
    ConversationItemAdded,
    ConversationItemDeleted,
    ConversationItemDone,
    ConversationItemRetrieved,
    ConversationItemTruncated,
    SessionUpdated,
)

if TYPE_CHECKING:
    from soundstage.realtime._conversation import Conversation
    from soundstage.realtime._event_queue import EventQueue
    from soundstage.realtime._hearing import Hearing, TurnTaken
    from soundstage.realtime._replies import Replies
    from soundstage.realtime._session_config import SessionConfig
    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.protocol.items import Item
    from soundstage.realtime.protocol.session_fields import SessionFields


class ClientRules:
    """Applies a client's events to the parts of a session."""

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        hearing: Hearing,
        replies: Replies,
        events: EventQueue,
        ids: Ids,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._hearing = hearing
        self._replies = replies
        self._events = events
        self._ids = ids

    def apply(self, event: client.ClientEvent) -> None:
        """Do what an event asks for.

        Raises:
            ClientFault: it cannot be done; nothing has been.
        """
        match event:
            case client.SessionUpdate():
                self._update(event)
            case client.InputAudioBufferAppend():
                self._hearing.append(event.audio)
            case client.InputAudioBufferCommit():
                self.take(self._hearing.commit())
            case client.InputAudioBufferClear():
                self._hearing.clear()
            case client.ResponseCreate():
                self._create_response(event)
            case client.ResponseCancel():
                self._replies.cancel(event.response_id or None)
            case client.OutputAudioBufferClear():
                self._replies.clear()
            case _:
                self._apply_to_items(event)

    def take(self, turn: TurnTaken) -> None:
        """A turn of the caller is an item: answer it, where that is wanted."""
        if turn.answer and self._config.answers is not None:
            self.answer()
        self._hearing.recognitions.commit(turn.job, turn.entry)
        self._replies.resume()

    def answer(self) -> None:
        """Begin a response that no client has asked for."""
        try:
            self._replies.create(response_settings(self._answers, {}))
        except ClientFault as fault:
            self._events.refuse(fault, None)

    def _apply_to_items(self, event: client.ClientEvent) -> None:
        match event:
            case client.ConversationItemCreate():
                self._create_item(event)
            case client.ConversationItemRetrieve():
                entry = self._conversation.get(event.item_id, "retrieve")
                self._events.send(ConversationItemRetrieved(item=self._with_audio(entry)))
            case client.ConversationItemTruncate():
                ident, index, end = event.item_id, event.content_index, event.audio_end_ms
                self._conversation.truncate(ident, index, end)
                self._events.send(
                    ConversationItemTruncated(item_id=ident, content_index=index, audio_end_ms=end)
                )
            case client.ConversationItemDelete():
                self._conversation.delete(event.item_id)
                self._events.send(ConversationItemDeleted(item_id=event.item_id))
            case _:
                pass

    def _update(self, event: client.SessionUpdate) -> None:
        fixed = self._conversation.has_spoken
        self._config.update(event.session, voice_is_fixed=fixed)
        self._hearing.reconfigure()
        self._events.send(SessionUpdated(session=self._config.wire()))

    def _create_item(self, event: client.ConversationItemCreate) -> None:
        admitted = admit(event.item, self._ids, "item", self._config.input_decoder())
        entry, after = admitted.entry, event.previous_item_id or None
        self._conversation.check_place(entry.ident, after)
        self._check_call(entry.item)
        before = self._conversation.add(entry, after)
        self._conversation.audio.keep(entry.ident, admitted.pcm)
        self._events.send(ConversationItemAdded(item=entry.item, previous_item_id=before))
        self._events.send(ConversationItemDone(item=entry.item, previous_item_id=before))
        if admitted.unknown:
            self._hearing.write_down(entry, admitted.pcm)
            self._replies.resume()

    def _check_call(self, item: Item) -> None:
        calls = {
            entry.item.call_id
            for entry in self._conversation.entries
            if entry.item.type == "function_call"
        }
        if item.type == "function_call_output" and item.call_id not in calls:
            message = f"Tool call ID '{item.call_id}' not found in conversation."
            raise ClientFault("invalid_tool_call_id", message)

    def _create_response(self, event: client.ResponseCreate) -> None:
        settings = response_settings(self._answers, event.response or {})
        context = None if settings.input is None else self._context(settings.input)
        self._replies.create(settings, context)
        self._replies.resume()

    @property
    def _answers(self) -> SessionFields:
        answers = self._config.answers
        if answers is None:
            raise not_offered("Responses are", "type")
        return answers

    def _context(self, items: tuple[Item, ...]) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        for place, item in enumerate(items):
            param = f"response.input[{place}]"
            if item.type == "item_reference":
                entries.append(self._referred(str(item.id), param))
                continue
            admitted = admit(item, self._ids, param, self._config.input_decoder())
            entries.append(admitted.entry)
            if admitted.unknown:
                self._hearing.write_down(admitted.entry, admitted.pcm)
        return tuple(entries)

    def _referred(self, ident: str, param: str) -> Entry:
        entry = self._conversation.find(ident)
        if entry is None:
            message = f"Item with id '{ident}' not found in conversation."
            raise ClientFault("invalid_value", message, param=f"{param}.id")
        return entry

    def _with_audio(self, entry: Entry) -> Item:
        """The item with its audio, where it is a user's and short enough."""
        item, pcm = entry.item, self._conversation.audio.get(entry.ident)
        if item.role != "user" or not pcm or len(pcm) > self._config.most_retrieved_bytes:
            return item
        coder = self._config.input_encoder()
        audio = base64.b64encode(coder.push(pcm) + coder.flush()).decode()
        content = [
            structs.replace(part, audio=audio) if part.type == "input_audio" else part
            for part in item.content or []
        ]
        return structs.replace(item, content=content)
