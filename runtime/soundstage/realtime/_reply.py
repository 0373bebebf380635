"""The life of one response: the events it makes, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from soundstage.realtime import _server_events as server
from soundstage.realtime._items import Item, Part, Response
from soundstage.realtime._spoken_text import SpokenText, SpokenWord
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soundstage.realtime._conversation import Conversation
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._jobs import FunctionCall

TOKENS_PER_SECOND = 20
"""Output audio is counted as a token every 50 ms."""


class ReplyInProgress:
    """One response from `response.created` to `response.done`.

    Args:
        response: what is reported of it.
        conversation: where its items go; None out of band.
        ids: for its items.
        emit: sends an event.
    """

    def __init__(
        self,
        response: Response,
        conversation: Conversation | None,
        ids: Ids,
        emit: Callable[[server.ServerEvent], None],
    ) -> None:
        self.response = response
        self.item: Item | None = None
        self.spoken: SpokenText | None = None
        self.done = False
        self.job = ""
        self._conversation = conversation
        self._ids = ids
        self._emit = emit
        self._part_open = False
        self._told = ""

    @property
    def ident(self) -> str:
        """The response's id."""
        return self.response.id

    @property
    def speaks(self) -> bool:
        """Whether it answers in audio."""
        return self.response.output_modalities == ["audio"]

    @property
    def transcript(self) -> str:
        """The words that have been told so far."""
        return self._told

    def start(self) -> None:
        """`response.created`."""
        self._emit(server.ResponseCreated(response=self._report()))

    def begin_message(self, text: str) -> None:
        """Open the message and its one part."""
        kind = "audio" if self.speaks else "text"
        self.item = Item(
            id=self._ids.make("item"),
            type="message",
            status="in_progress",
            role="assistant",
            content=[],
        )
        self.spoken = SpokenText(text)
        self._add_item(self.item)
        part = Part(type=kind, transcript="") if self.speaks else Part(type=kind, text="")
        self._emit(server.ContentPartAdded(part=part, **self._place()))
        self._part_open = True
        if self._conversation is not None and self.speaks:
            self._conversation.speak(str(self.item.id), self.spoken)

    def tell_text(self, text: str) -> None:
        """A whole text, a word a delta."""
        for word in _pieces(text, first=not self._told):
            self._told += word
            padding = self._ids.padding()
            self._emit(server.OutputTextDelta(delta=word, obfuscation=padding, **self._place()))

    def tell_spoken(self, text: str, words: Iterable[SpokenWord], samples: int) -> None:
        """The words of a part that has been synthesised, a delta each."""
        if self.spoken is None:
            return
        self.spoken.add(words, samples)
        for word in _pieces(text, first=not self._told):
            self._told += word
            padding = self._ids.padding()
            self._emit(
                server.OutputTranscriptDelta(delta=word, obfuscation=padding, **self._place())
            )

    def end_message(self, status: str = "completed") -> None:
        """Close the part and the message with what has been told."""
        if self.item is None or not self._part_open:
            return
        self._part_open = False
        self.item.status = status
        place = self._place()
        if self.speaks:
            self._emit(server.OutputAudioDone(**place))
            self._emit(server.OutputTranscriptDone(transcript=self._told, **place))
            part = Part(type="audio", transcript=self._told)
            self.item.content = [Part(type="output_audio", transcript=self._told)]
        else:
            self._emit(server.OutputTextDone(text=self._told, **place))
            part = Part(type="text", text=self._told)
            self.item.content = [Part(type="output_text", text=self._told)]
        self._emit(server.ContentPartDone(part=part, **place))
        self._end_item(self.item)

    def call(self, call: FunctionCall) -> None:
        """A function call, arguments and all."""
        item = Item(
            id=self._ids.make("item"),
            type="function_call",
            status="in_progress",
            name=call.name,
            call_id=self._ids.make("call"),
            arguments="",
        )
        self._add_item(item)
        place = self._place(item)
        del place["content_index"]
        ident = str(item.call_id)
        self._emit(
            server.ArgumentsDelta(
                call_id=ident, delta=call.arguments, obfuscation=self._ids.padding(), **place
            )
        )
        self._emit(
            server.ArgumentsDone(call_id=ident, name=call.name, arguments=call.arguments, **place)
        )
        item.arguments, item.status = call.arguments, "completed"
        self._end_item(item)

    def finish(self, status: str, *, reason: str = "", error: dict[str, Any] | None = None) -> None:
        """`response.done`, once; whatever is open is closed as incomplete before it."""
        if self.done:
            return
        self.done = True
        self.end_message("completed" if status == "completed" else "incomplete")
        self.response.status = status
        if status != "completed":
            details: dict[str, Any] = {"type": status}
            if reason:
                details["reason"] = reason
            if error is not None:
                details["error"] = error
            self.response.status_details = details
        self.response.usage = self._usage()
        self._emit(server.ResponseDone(response=self._report()))
        limits = [{"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}]
        self._emit(server.RateLimitsUpdated(rate_limits=limits))

    def _add_item(self, item: Item) -> None:
        self.response.output = [*self.response.output, item]
        index = len(self.response.output) - 1
        shown = _copy(item)
        self._emit(server.OutputItemAdded(response_id=self.ident, output_index=index, item=shown))
        if self._conversation is not None:
            before = self._conversation.add(item)
            self._emit(server.ConversationItemAdded(item=shown, previous_item_id=before))

    def _end_item(self, item: Item) -> None:
        shown = _copy(item)
        index = self.response.output.index(item)
        if self._conversation is not None:
            self._emit(server.ConversationItemDone(item=shown, previous_item_id=None))
        self._emit(server.OutputItemDone(response_id=self.ident, output_index=index, item=shown))

    def _place(self, item: Item | None = None) -> dict[str, Any]:
        item = item or self.item
        return {
            "response_id": self.ident,
            "item_id": str(item.id) if item else "",
            "output_index": len(self.response.output) - 1,
            "content_index": 0,
        }

    def _report(self) -> Response:
        return replace(self.response, output=[_copy(item) for item in self.response.output])

    def _usage(self) -> dict[str, Any]:
        words = len(self._told.split())
        spoken = self.spoken.duration if self.spoken and self.speaks else 0
        audio = spoken * TOKENS_PER_SECOND // SAMPLE_RATE
        heard = 10 * (len(self._conversation) if self._conversation is not None else 1)
        details = {"text_tokens": heard, "audio_tokens": 0, "cached_tokens": 0}
        return {
            "total_tokens": heard + words + audio,
            "input_tokens": heard,
            "output_tokens": words + audio,
            "input_token_details": {**details, "image_tokens": 0},
            "output_token_details": {"text_tokens": words, "audio_tokens": audio},
        }


def _copy(item: Item) -> Item:
    return replace(item)


def _pieces(text: str, *, first: bool) -> list[str]:
    words = text.split()
    return [word if first and not number else " " + word for number, word in enumerate(words)]
