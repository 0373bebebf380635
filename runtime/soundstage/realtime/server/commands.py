"""What each event of a client does to a session."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import UNSET, Struct, structs

from soundstage.errors import ClientFault
from soundstage.realtime.images import Image, read_image
from soundstage.realtime.protocol import client_events as client
from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.protocol.server_events import (
    ConversationItemAdded,
    ConversationItemDeleted,
    ConversationItemDone,
    ConversationItemRetrieved,
    ConversationItemTruncated,
    SessionUpdated,
)
from soundstage.realtime.server.conversation import Entry
from soundstage.realtime.server.input_buffer import read_audio
from soundstage.realtime.server.response_settings import response_settings
from soundstage.realtime.server.session_config import not_offered
from soundstage.units import SAMPLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.realtime.audio_formats import Coder
    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.protocol.session_fields import SessionFields
    from soundstage.realtime.server.conversation import Conversation
    from soundstage.realtime.server.input_turns import InputTurns, TurnCommitted
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.responses import ServerResponses
    from soundstage.realtime.server.session_config import SessionConfig
    from soundstage.units import Samples


class ClientCommands:
    """Applies a client's events to the parts of a session."""

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        input_turns: InputTurns,
        responses: ServerResponses,
        events: ServerOutbox,
        ids: Ids,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._input_turns = input_turns
        self._responses = responses
        self._events = events
        self._ids = ids

    def apply(self, event: client.ClientEvent, now: Samples) -> None:
        """Do what an event asks for.

        Raises:
            ClientFault: it cannot be done; nothing has been.
        """
        self._HANDLERS[type(event)](self, event, now)

    def take(self, turn: TurnCommitted) -> None:
        """A turn of the caller is an item: answer it, where that is wanted."""
        # The response is created before its transcription is waited for: the client sees at once
        # that its turn is answered.
        if turn.answer and self._config.answers is not None:
            self.answer()
        self._input_turns.transcriptions.commit(turn.job, turn.entry)
        self._responses.resume()

    def answer(self) -> None:
        """Begin a response that no client has asked for."""
        try:
            self._responses.create(response_settings(self._answers, {}))
        except ClientFault as fault:
            # No client event is at fault here, so the error names none.
            self._events.refuse(fault, None)

    def _append(self, event: client.InputAudioBufferAppend, _: Samples) -> None:
        self._input_turns.append(event.audio)

    def _commit(self, _: client.InputAudioBufferCommit, __: Samples) -> None:
        self.take(self._input_turns.commit())

    def _clear_input(self, _: client.InputAudioBufferClear, __: Samples) -> None:
        self._input_turns.clear()

    def _cancel(self, event: client.ResponseCancel, now: Samples) -> None:
        self._responses.cancel(event.response_id or None, now)

    def _clear_output(self, _: client.OutputAudioBufferClear, __: Samples) -> None:
        self._responses.clear()

    def _retrieve(self, event: client.ConversationItemRetrieve, _: Samples) -> None:
        entry = self._conversation.get(event.item_id, "retrieve")
        self._events.send(ConversationItemRetrieved(item=self._with_audio(entry)))

    def _truncate(self, event: client.ConversationItemTruncate, _: Samples) -> None:
        ident, index, end = event.item_id, event.content_index, event.audio_end_ms
        self._conversation.truncate(ident, index, end)
        self._events.send(
            ConversationItemTruncated(item_id=ident, content_index=index, audio_end_ms=end)
        )

    def _delete(self, event: client.ConversationItemDelete, _: Samples) -> None:
        self._conversation.delete(event.item_id)
        self._events.send(ConversationItemDeleted(item_id=event.item_id))

    def _update(self, event: client.SessionUpdate, _: Samples) -> None:
        # A voice must not change within a conversation once it has been heard.
        fixed = self._conversation.has_spoken
        self._config.update(event.session, voice_is_fixed=fixed)
        self._input_turns.reconfigure()
        self._events.send(SessionUpdated(session=self._config.wire()))

    def _create_item(self, event: client.ConversationItemCreate, _: Samples) -> None:
        admitted = admit(event.item, self._ids, "item", self._config.input_decoder())
        entry, after = admitted.entry, event.previous_item_id or None
        self._show_images(entry)
        # Both checks before anything is kept: a refused event must leave nothing behind.
        self._conversation.check_place(entry.ident, after)
        self._check_call(entry.item)
        before = self._conversation.add(entry, after)
        # Kept beside the item, which is sent back without its sound unless that is asked for.
        self._conversation.audio.keep(entry.ident, admitted.pcm)
        self._events.send(ConversationItemAdded(item=entry.item, previous_item_id=before))
        self._events.send(ConversationItemDone(item=entry.item, previous_item_id=before))
        if admitted.unknown:
            self._input_turns.write_down(entry, admitted.pcm)
            self._responses.resume()

    def _show_images(self, entry: Entry) -> None:
        """Let clients see the images again, where one message holds them; otherwise none."""
        if sum(len(image.url) for image in entry.images) <= self._config.most_retrieved_bytes:
            entry.item = entry.known()

    def _check_call(self, item: Item) -> None:
        # An output that belongs to no call would answer a question that was never asked.
        calls = {
            entry.item.call_id
            for entry in self._conversation.entries
            if entry.item.type == "function_call"
        }
        if item.type == "function_call_output" and item.call_id not in calls:
            message = f"Tool call ID '{item.call_id}' not found in conversation."
            raise ClientFault("invalid_tool_call_id", message)

    def _create_response(self, event: client.ResponseCreate, _: Samples) -> None:
        settings = response_settings(self._answers, event.response or {})
        self._config.check_voice(settings.voice, "response")
        context = None if settings.input is None else self._context(settings.input)
        self._responses.create(settings, context)
        self._responses.resume()

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
            # It stands for an item of the conversation, with all that the session knows of it.
            if item.type == "item_reference":
                entries.append(self._referred(str(item.id), param))
                continue
            admitted = admit(item, self._ids, param, self._config.input_decoder())
            entries.append(admitted.entry)
            if admitted.unknown:
                self._input_turns.write_down(admitted.entry, admitted.pcm)
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
        # What does not fit into one message of a data channel is left out rather than cut.
        if item.role != "user" or not pcm or len(pcm) > self._config.most_retrieved_bytes:
            return item
        coder = self._config.input_encoder()
        audio = base64.b64encode(coder.push(pcm) + coder.flush()).decode()
        content = [
            structs.replace(part, audio=audio) if part.type == "input_audio" else part
            for part in item.content or []
        ]
        return structs.replace(item, content=content)

    _HANDLERS: ClassVar[Mapping[type[Any], Callable[..., None]]] = {
        client.SessionUpdate: _update,
        client.InputAudioBufferAppend: _append,
        client.InputAudioBufferCommit: _commit,
        client.InputAudioBufferClear: _clear_input,
        client.ConversationItemCreate: _create_item,
        client.ConversationItemRetrieve: _retrieve,
        client.ConversationItemTruncate: _truncate,
        client.ConversationItemDelete: _delete,
        client.ResponseCreate: _create_response,
        client.ResponseCancel: _cancel,
        client.OutputAudioBufferClear: _clear_output,
    }


class Admitted(Struct, frozen=True):
    """An item that a client has made.

    Attributes:
        entry: the item as it enters the conversation.
        pcm: the audio in it.
        unknown: whether the audio is still to be recognised.
    """

    entry: Entry
    pcm: bytes
    unknown: bool


def admit(item: Item, ids: Ids, param: str, coder: Coder) -> Admitted:
    """Take a client's item.

    Args:
        item: of one of the documented shapes.
        ids: for what the client has not named.
        param: the dotted path at which it stands.
        coder: makes 24 kHz mono signed 16-bit of audio in it.

    Raises:
        ClientFault: it holds something that is not offered, or audio that is none.
    """
    if item.type.startswith("mcp_"):
        raise not_offered("MCP tools are", f"{param}.type")
    parts, pcm, images = _parts(item, param, coder)
    # Whatever status a client gives: an item that it makes is complete.
    whole = structs.replace(item, id=item.id or ids.make("item"), status="completed")
    if item.type == "message":
        whole.content = parts
    if item.type == "function_call":
        whole.call_id = item.call_id or ids.make("call")
    # A transcript that the client gives is believed: it may know better than a recogniser.
    unknown = item.role == "user" and bool(pcm) and not any(part.transcript for part in parts)
    samples = len(pcm) // SAMPLE_BYTES
    return Admitted(Entry(whole, samples=samples, private=True, images=images), pcm, unknown)


def _parts(item: Item, param: str, coder: Coder) -> tuple[list[Part], bytes, tuple[Image, ...]]:
    """The parts of a message without their audio and images, and those."""
    parts: list[Part] = []
    pcm = b""
    images: list[Image] = []
    for place, part in enumerate(item.content or []):
        here = f"{param}.content[{place}]"
        if part.type == "input_image":
            detail = str(part.detail or "auto")
            images.append(read_image(str(part.image_url), detail, place, here))
        if part.audio:
            audio = coder.push(read_audio(part.audio, f"{here}.audio")) + coder.flush()
            # Half a sample at the end of one part would shift those of the next.
            pcm += audio[: len(audio) - len(audio) % SAMPLE_BYTES]
        transcript = part.transcript or None if part.type in _SPOKEN else UNSET
        parts.append(
            Part(type=part.type, text=part.text, transcript=transcript, detail=part.detail)
        )
    return parts, pcm, tuple(images)


_SPOKEN = ("input_audio", "output_audio")
