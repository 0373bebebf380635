"""The life of one response, from `response.created` to `response.done`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soundstage.realtime._conversation import Conversation, Entry, said_since
from soundstage.realtime._items import Response
from soundstage.realtime._jobs import Compose, FunctionCall, Reply
from soundstage.realtime._output_items import OutputItems, OutputMessage
from soundstage.realtime._server_events import ResponseCreated, ResponseDone
from soundstage.realtime._tokens import InputCount, TokenCount, input_count, usage
from soundstage.units import SAMPLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.realtime._event_queue import EventQueue
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._response_settings import ResponseSettings
    from soundstage.realtime._spoken_text import SpokenWord

FIRST_WORDS = 3
"""Words told at once; those after them are told one a tick, well ahead of the voice."""


class ReplyInProgress:
    """One response.

    It waits until everything it answers has been recognised, is composed, makes its message and
    its function calls, and ends once: completed, cancelled, incomplete or failed.

    Args:
        settings: what it is made with.
        conversation: the session's.
        context: the items that are all it knows; None where it knows the conversation.
        events: tells the client.
        ids: for the response and its items.

    Attributes:
        ident: its id.
        job: what it waits for, or None.
        over: whether it has ended.
        message: its message, while that is being made.
    """

    def __init__(
        self,
        settings: ResponseSettings,
        conversation: Conversation,
        context: tuple[Entry, ...] | None,
        events: EventQueue,
        ids: Ids,
    ) -> None:
        self.settings = settings
        self.ident = ids.make("resp")
        self.job: str | None = None
        self.over = False
        self.message: OutputMessage | None = None
        self.tokens = TokenCount(settings.token_limit)
        self._conversation = conversation
        self._context = context
        self._events = events
        self._ids = ids
        home = None if settings.beside else conversation
        self._items = OutputItems(self.ident, home, events, self.tokens)
        self._heard = InputCount()
        self._calls: tuple[FunctionCall, ...] | None = None
        self._complete = not settings.spoken
        self._events.send(ResponseCreated(response=self._report("in_progress")))

    @property
    def waits(self) -> bool:
        """Whether it has not begun to be composed."""
        return self.job is None and self._calls is None

    @property
    def knows_enough(self) -> bool:
        """Whether everything that it answers has been recognised."""
        return not any(entry.pending for entry in self._known())

    def compose(self, job: str) -> Compose:
        """Have it composed."""
        known, settings = self._known(), self.settings
        self.job = job
        self._heard = input_count(known, settings.instructions, json.dumps(settings.tools))
        heard, outputs = said_since(known)
        return Compose(
            job=job,
            response=self.ident,
            conversation=tuple(entry.known() for entry in known),
            heard=heard,
            instructions=settings.instructions,
            tools=settings.tools,
            tool_choice=settings.tool_choice,
            outputs=outputs,
        )

    def answer(self, reply: Reply, *, paced: bool) -> str:
        """Begin what was composed.

        Args:
            reply: what it says, and which tools it calls.
            paced: whether its words are told in time with its voice.

        Returns:
            The text that is to be spoken, or nothing.
        """
        self.job = None
        self._calls = reply.calls if self.settings.parallel else reply.calls[:1]
        text = (reply.text or "").strip()
        if not text:
            self._complete = True
            return ""
        spoken = self.settings.spoken
        self.message = OutputMessage(self._items, self._ids.make("item"), text, spoken=spoken)
        self.message.write(FIRST_WORDS if spoken and paced else None)
        return text if spoken else ""

    def speak(self, pcm: bytes, words: Sequence[SpokenWord], text: str) -> bytes:
        """Take the next part of the audio; what of it the token limit allows."""
        if self.message is None or self.message.entry.spoken is None:
            return b""
        samples = self.tokens.speak(len(pcm) // SAMPLE_BYTES)
        self.message.entry.spoken.add(words, samples, text)
        if self.message.entry.cut is None:
            self.message.entry.samples += samples
        return pcm[: samples * SAMPLE_BYTES]

    def speak_no_more(self) -> None:
        """All the audio is there."""
        self.job = None
        self._complete = True
        if self.message is not None and self.message.entry.spoken is not None:
            self.message.entry.spoken.complete = True

    def go_on(self) -> None:
        """End, as soon as everything has been put out or the token limit is reached."""
        if self.tokens.exhausted:
            self.finish("incomplete", reason="max_output_tokens")
        elif self._calls is not None and self._complete and self._is_written():
            self._end_message("completed")
            for call in self._calls:
                ident, call_id = self._ids.make("item"), self._ids.make("call")
                if not self._items.call(ident, call_id, call):
                    self.finish("incomplete", reason="max_output_tokens")
                    return
            self.finish("completed")

    def finish(self, status: str, *, reason: str = "", message: str = "") -> None:
        """End; whatever is open is closed as incomplete before that.

        Args:
            status: `completed`, `cancelled`, `incomplete` or `failed`.
            reason: why it was cancelled or is incomplete.
            message: why it failed.
        """
        self.over = True
        self._end_message("incomplete")
        done = self._report(status)
        if status != "completed":
            done.status_details = {"type": status}
        if reason:
            done.status_details = {"type": status, "reason": reason}
        if message:
            error = {"type": "server_error", "code": "server_error", "message": message}
            done.status_details = {"type": status, "error": error}
        done.usage = usage(self._heard, self.tokens)
        self._events.send(ResponseDone(response=done))

    @property
    def tokens_used(self) -> int:
        """What it counts against the rate limit."""
        return self._heard.text + self._heard.audio + self.tokens.total

    def _known(self) -> tuple[Entry, ...]:
        return self._conversation.entries if self._context is None else self._context

    def _is_written(self) -> bool:
        return self.message is None or self.message.written

    def _end_message(self, status: str) -> None:
        if self.message is not None:
            self.message.end(status)
        self.message = None

    def _report(self, status: str) -> Response:
        settings = self.settings
        audio: dict[str, Any] = {"output": {"format": settings.format, "voice": settings.voice}}
        return Response(
            id=self.ident,
            status=status,
            output=list(self._items.made),
            conversation_id=None if settings.beside else self._conversation.ident,
            output_modalities=["audio" if settings.spoken else "text"],
            max_output_tokens=settings.max_output_tokens,
            audio=audio,
            metadata=settings.metadata,
        )
