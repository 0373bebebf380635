"""The life of one response, from `response.created` to `response.done`."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.realtime.protocol.items import Response
from soundstage.realtime.protocol.server_events import ResponseCreated, ResponseDone
from soundstage.realtime.server.conversation import Conversation, Entry, said_since
from soundstage.realtime.server.output_items import OutputItems, OutputMessage
from soundstage.realtime.server.usage import InputCount, TokenCount, input_count, usage
from soundstage.realtime.session_jobs import Compose, FunctionCall, Reply, Speak
from soundstage.units import SAMPLE_BYTES, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.response_settings import ResponseSettings
    from soundstage.realtime.spoken_text import SpokenWord


SPOKEN_WORDS: Final = 50.0
"""Words of a transcript that are told in a second where nothing is said of it: ahead of a voice."""

AUDIO_PACE: Final = 8.0
"""How much faster than it is heard audio is sent in events where nothing is said of it."""


class Pacing(Struct, frozen=True):
    """How fast a session makes what it says.

    Attributes:
        words: words told in a second, more than 0; None tells a text at once, and the words of
            a voice well ahead of it.
        audio: over a WebSocket, seconds of audio that are sent in a second, more than 0.
    """

    words: float | None = None
    audio: float = AUDIO_PACE

    def of_words(self, *, spoken: bool) -> float | None:
        """Words a second, None where they are told at once."""
        return SPOKEN_WORDS if spoken and self.words is None else self.words


FIRST_WORDS = 3
"""Words told at once; those after them are told in time."""

SERVER_ERROR = "server_error"
"""The code and the type of a failure that is nobody's but the server's."""


class ServerResponse:
    """One response.

    It waits until everything it answers has been recognised, is composed, makes its message and
    its function calls, and ends once: completed, cancelled, incomplete or failed.

    Args:
        settings: what it is made with.
        conversation: the session's.
        context: the items that are all it knows; None where it knows the conversation.
        events: tells the client.
        ids: for the response and its items.
        pacing: how fast its words are told.

    Attributes:
        ident: its id.
        job: the job that composes it, while it is composed.
        voice: the job that speaks it, while it is spoken.
        speaks: whether it has begun to be spoken.
        over: whether it has ended.
        message: its message, while that is being made.
    """

    def __init__(
        self,
        settings: ResponseSettings,
        conversation: Conversation,
        context: tuple[Entry, ...] | None,
        events: ServerOutbox,
        ids: Ids,
        pacing: Pacing,
    ) -> None:
        self.settings = settings
        self.ident = ids.make("resp")
        self.job: str | None = None
        self.voice: str | None = None
        self.speaks = False
        self.over = False
        self.message: OutputMessage | None = None
        self.tokens = TokenCount(settings.token_limit)
        self._conversation = conversation
        self._context = context
        self._events = events
        self._ids = ids
        home = None if settings.out_of_band else conversation
        self._items = OutputItems(self.ident, home, events, self.tokens)
        self._heard = InputCount()
        self._calls: tuple[FunctionCall, ...] | None = None
        self._words_per_second = pacing.of_words(spoken=settings.spoken)
        self._unspoken: deque[str] = deque()
        self._spoken_before: Samples = 0
        self._unfinished = ""
        self._events.send(ResponseCreated(response=self._report("in_progress")))

    @property
    def waits(self) -> bool:
        """Whether it has not begun to be composed."""
        return self.job is None and self._calls is None

    @property
    def knows_enough(self) -> bool:
        """Whether everything that it answers has been recognised."""
        return not any(entry.pending for entry in self._known())

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that are under way for it."""
        return tuple(job for job in (self.job, self.voice) if job is not None)

    def waits_for(self, job: str) -> bool:
        """Whether a job is one of its own."""
        return job in (self.job, self.voice)

    def forget(self, job: str) -> None:
        """A job has come to nothing."""
        if job == self.job:
            self.job = None
        else:
            self.voice = None

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
            parallel=settings.parallel,
            spoken=settings.spoken,
            longest=settings.token_limit,
            outputs=outputs,
        )

    def say(self, text: str) -> None:
        """Begin its message, or go on with it.

        Args:
            text: the next words; of what is spoken, whole sentences sound best.
        """
        if self.message is None:
            text = text.lstrip()
            if not text:
                return
            spoken = self.settings.spoken
            self.message = OutputMessage(self._items, self._ids.make("item"), text, spoken=spoken)
            self.message.write(FIRST_WORDS if spoken or self._words_per_second else None)
        else:
            self.message.extend(text)
            if self._words_per_second is None:
                self.message.write()
        if self.settings.spoken and text.strip():
            self._unspoken.append(text.strip())

    def answer(self, reply: Reply) -> None:
        """It is composed: these are its last words, and the tools that it calls."""
        self.job = None
        self._calls = reply.calls if self.settings.parallel else reply.calls[:1]
        self._unfinished = reply.unfinished
        self.say((reply.text or "").rstrip())
        self._note_end_of_speech()

    def next_speech(self, name: Callable[[], str]) -> Speak | None:
        """Have the next words spoken; None where some are being spoken, or there are none yet."""
        if self.voice is not None or not self._unspoken:
            return None
        self.voice, self.speaks = name(), True
        if self.message is not None and self.message.entry.spoken is not None:
            self._spoken_before = self.message.entry.spoken.duration
        settings = self.settings
        text = self._unspoken.popleft()
        return Speak(self.voice, self.ident, text, settings.voice_name, settings.speed)

    def speak(self, pcm: bytes, words: Sequence[SpokenWord], text: str) -> bytes:
        """Take the next part of the audio; what of it the token limit allows."""
        if self.message is None or self.message.entry.spoken is None:
            return b""
        samples = self.tokens.speak(len(pcm) // SAMPLE_BYTES)
        before = self._spoken_before
        timed = [(word, start + before, end + before) for word, start, end in words]
        self.message.entry.spoken.add(timed, samples, text)
        return pcm[: samples * SAMPLE_BYTES]

    def spoke(self) -> None:
        """What was given to be spoken is all there."""
        self.voice = None
        self._note_end_of_speech()

    def _note_end_of_speech(self) -> None:
        if self.voiced and self.message is not None and self.message.entry.spoken is not None:
            self.message.entry.spoken.complete = True

    @property
    def voiced(self) -> bool:
        """Whether everything that it says has become sound."""
        return self._calls is not None and self.voice is None and not self._unspoken

    def tick(self, elapsed: Samples) -> None:
        """Time has passed: tell more of its words."""
        if self.message is not None:
            self.message.write_within(self._words_per_second, elapsed)

    def go_on(self) -> None:
        """End, as soon as everything has been put out or the token limit is reached."""
        if self.tokens.exhausted:
            self.finish("incomplete", reason="max_output_tokens")
        elif self._calls is not None and self.voiced and self._is_written():
            self._end_message("incomplete" if self._unfinished else "completed")
            for call in self._calls:
                ident, call_id = self._ids.make("item"), self._ids.make("call")
                if not self._items.call(ident, call_id, call, whole=not self._unfinished):
                    break
            if self.tokens.exhausted:
                self.finish("incomplete", reason="max_output_tokens")
            elif self._unfinished:
                self.finish("incomplete", reason=self._unfinished)
            else:
                self.finish("completed")

    def finish(
        self, status: str, *, reason: str = "", message: str = "", code: str = SERVER_ERROR
    ) -> None:
        """End; whatever is open is closed as incomplete before that.

        Args:
            status: `completed`, `cancelled`, `incomplete` or `failed`.
            reason: why it was cancelled or is incomplete.
            message: why it failed.
            code: what the failure is called in the protocol.
        """
        self.over = True
        self._end_message("incomplete")
        done = self._report(status)
        if status != "completed":
            done.status_details = {"type": status}
        if reason:
            done.status_details = {"type": status, "reason": reason}
        if message:
            kind = SERVER_ERROR if code == SERVER_ERROR else "invalid_request_error"
            error = {"type": kind, "code": code, "message": message}
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
            conversation_id=None if settings.out_of_band else self._conversation.ident,
            output_modalities=["audio" if settings.spoken else "text"],
            max_output_tokens=settings.max_output_tokens,
            audio=audio,
            metadata=settings.metadata,
        )
