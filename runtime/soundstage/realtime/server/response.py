"""The life of one response, from `response.created` to `response.done`, as states."""

from __future__ import annotations

import json
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Struct, UnsetType

from soundstage.realtime.protocol.items import Response
from soundstage.realtime.protocol.server_events import ResponseCreated, ResponseDone
from soundstage.realtime.server.conversation import Conversation, Entry, said_since
from soundstage.realtime.server.output_items import OutputCall, OutputItems, OutputMessage
from soundstage.realtime.server.usage import InputCount, TokenCount, input_count, usage
from soundstage.realtime.session_jobs import Compose, Reply, Speak
from soundstage.units import SAMPLE_BYTES, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.response_settings import ResponseSettings
    from soundstage.realtime.spoken_text import SpokenText, SpokenWord

SPOKEN_WORDS: Final = 50.0
"""Words of a transcript that are told in a second where nothing is said of it: ahead of a voice."""

AUDIO_PACE: Final = 5.0
"""How much faster than it is heard audio is sent in events, as recorded."""

FIRST_WORDS = 3
"""Words told at once; those after them are told in time."""

SERVER_ERROR = "server_error"
"""The code and the type of a failure that is the server's own."""


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


class ResponseState(Enum):
    """Where a response stands; the last four are its `status` on the wire when it is done.

    Attributes:
        WAITING: a turn that it answers is still being transcribed.
        COMPOSING: its text is being made; the first of it may be told and spoken already.
        SPEAKING: its text is complete, and some of it is still to become sound.
        DELIVERING: everything is made, and some of it is still to reach the client.
    """

    WAITING = "waiting"
    COMPOSING = "composing"
    SPEAKING = "speaking"
    DELIVERING = "delivering"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


_S = ResponseState
TRANSITIONS: Final[Mapping[ResponseState, frozenset[ResponseState]]] = {
    _S.WAITING: frozenset({_S.COMPOSING, _S.CANCELLED}),
    _S.COMPOSING: frozenset(
        {_S.SPEAKING, _S.DELIVERING, _S.CANCELLED, _S.INCOMPLETE, _S.FAILED},
    ),
    _S.SPEAKING: frozenset({_S.DELIVERING, _S.CANCELLED, _S.INCOMPLETE, _S.FAILED}),
    _S.DELIVERING: frozenset({_S.COMPLETED, _S.CANCELLED, _S.INCOMPLETE}),
    _S.COMPLETED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.INCOMPLETE: frozenset(),
    _S.FAILED: frozenset(),
}
"""Every state that may follow each state. A response fails only while a job is under way for it,
and can run out of tokens as soon as it has words."""


class InvalidTransition(RuntimeError):
    """A response was told to do what its state does not allow: a fault of the server itself."""


class ResponseVoice:
    """What a response says on its way to a synthesiser, one stretch of text at a time.

    Attributes:
        job: the job that speaks a stretch, while that is under way.
        begun: whether anything has been given to be spoken.
    """

    def __init__(self) -> None:
        self.job: str | None = None
        self.begun = False
        self._texts: deque[str] = deque()
        self._offset: Samples = 0

    @property
    def silent(self) -> bool:
        """Whether everything that was given is sound by now."""
        return self.job is None and not self._texts

    def add(self, text: str) -> None:
        """Have a text spoken behind what was given before."""
        self._texts.append(text)

    def next_text(self, name: Callable[[], str], spoken: SpokenText | None) -> str | None:
        """The next text to speak, for a job of that name; None while one is being spoken."""
        if self.job is not None or not self._texts:
            return None
        self.job, self.begun = name(), True
        # The words of a job are timed from its own start, those of the message from the first.
        self._offset = 0 if spoken is None else spoken.duration
        return self._texts.popleft()

    def in_message(self, words: Sequence[SpokenWord]) -> list[SpokenWord]:
        """The words of the job under way, timed from the start of the message."""
        return [(word, start + self._offset, end + self._offset) for word, start, end in words]


class ServerResponse:
    """One response.

    It waits until everything it answers has been transcribed, is composed, is spoken, and ends
    once, when the last of it has been delivered or it was stopped. Every change of its state is
    one of `TRANSITIONS`.

    Args:
        settings: what it is made with.
        conversation: the session's.
        context: the items that are all it knows; None where it knows the conversation.
        events: tells the client.
        ids: for the response and its items.
        pacing: how fast its words are told.

    Attributes:
        ident: its id.
        state: where it stands.
        message: its message, while that is being made.
        tokens: counts what it puts out.
        voice: what of it is to be spoken.
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
        self.state = ResponseState.WAITING
        self.message: OutputMessage | None = None
        self.tokens = TokenCount(settings.token_limit)
        self.voice = ResponseVoice()
        self._conversation = conversation
        self._context = context
        self._events = events
        self._ids = ids
        home = None if settings.out_of_band else conversation
        self._items = OutputItems(self.ident, home, events, self.tokens)
        self._heard = InputCount()
        self._job: str | None = None
        self._reply: Reply | None = None
        self._words_per_second = pacing.of_words(spoken=settings.spoken)
        # Told at once, before there is a word: clients show by it that they were heard.
        self._events.send(ResponseCreated(response=self._report("in_progress")))

    @property
    def can_compose(self) -> bool:
        """Whether it waits no longer: everything that it answers has been transcribed."""
        waiting = self.state is ResponseState.WAITING
        return waiting and not any(entry.pending for entry in self._known())

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return not TRANSITIONS[self.state]

    @property
    def voiced(self) -> bool:
        """Whether everything that it says is sound, or nothing of it is to be."""
        return self.state is ResponseState.DELIVERING

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that are under way for it."""
        return tuple(job for job in (self._job, self.voice.job) if job is not None)

    @property
    def tokens_used(self) -> int:
        """What it counts against the rate limit."""
        return self._heard.total + self.tokens.total

    def compose(self, job: str) -> Compose:
        """Have it composed."""
        self._enter(ResponseState.COMPOSING)
        # Taken now and not when it was created: the words of the last turn came in between.
        known, settings = self._known(), self.settings
        self._job = job
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
        """Begin its message, or go on with it, while it is composed.

        Args:
            text: the next words; of what is spoken, whole sentences sound best.
        """
        self._require(ResponseState.COMPOSING)
        if self.message is None:
            text = text.lstrip()
            if not text:
                return
            spoken = self.settings.spoken
            self.message = OutputMessage(
                self._items, self._ids.make("item"), text, spoken=spoken, phase=self._phase
            )
            # The service sends three deltas before the first audio; so does this.
            self.message.write(FIRST_WORDS if spoken or self._words_per_second else None)
        else:
            self.message.extend(text)
            # Otherwise `tell` does, in time.
            if self._words_per_second is None:
                self.message.write()
        if self.settings.spoken and text.strip():
            self.voice.add(text.strip())

    def finish_composing(self, reply: Reply) -> None:
        """It is composed: these are its last words, and the tools that it calls."""
        self._require(ResponseState.COMPOSING)
        self._reply = reply
        self.say((reply.text or "").rstrip())
        self._job = None
        self._enter(ResponseState.DELIVERING if self.voice.silent else ResponseState.SPEAKING)
        self._note_end_of_speech()

    def next_speech(self, name: Callable[[], str]) -> Speak | None:
        """Have the next words spoken; None where some are being spoken, or there are none yet."""
        self._require(ResponseState.COMPOSING, ResponseState.SPEAKING, ResponseState.DELIVERING)
        text = self.voice.next_text(name, self._spoken_text)
        if text is None or self.voice.job is None:
            return None
        settings = self.settings
        return Speak(self.voice.job, self.ident, text, settings.voice_name, settings.speed)

    def add_audio(self, pcm: bytes, words: Sequence[SpokenWord], text: str) -> bytes:
        """Take the next part of the audio; returns what of it the token limit allows."""
        self._require(ResponseState.COMPOSING, ResponseState.SPEAKING)
        spoken = self._spoken_text
        if spoken is None:
            return b""
        # Audio counts against the limit, so a reply may end in the middle of a word.
        before, made = spoken.duration, len(pcm) // SAMPLE_BYTES
        # Noted before it is counted: the words in it need room under the same limit.
        spoken.add(self.voice.in_message(words), made, text)
        told = "" if self.message is None else self.message.told
        samples = self.tokens.speak(made, lambda most: spoken.until(before + most)[len(told) :])
        spoken.duration = before + samples
        return pcm[: samples * SAMPLE_BYTES]

    def finish_speech(self) -> None:
        """The audio of the job under way is all there."""
        self._require(ResponseState.COMPOSING, ResponseState.SPEAKING)
        self.voice.job = None
        if self.state is ResponseState.SPEAKING and self.voice.silent:
            self._enter(ResponseState.DELIVERING)
            self._note_end_of_speech()

    def tell(self, elapsed: Samples) -> None:
        """Tell the client the words of so much time."""
        if self.message is not None and self._may_tell:
            self.message.write_within(self._words_per_second, elapsed)

    def foresee(self, elapsed: Samples, most: int) -> tuple[int, list[int]]:
        """In how many of the next ticks it tells nothing but words, and in which of those any.

        This changes nothing.

        Args:
            elapsed: the time of `tell` in the first of them.
            most: how many at most.
        """
        if self.tokens.exhausted:
            return 0, []
        message = self.message
        if message is None or message.written:
            # Where all of it is made as well, its end is told.
            return 0 if self.voiced else most, []
        if not self._may_tell:
            return most, []
        if self._words_per_second is None or not message.fits:
            return 0, []
        counts = message.foresee(self._words_per_second, elapsed, most)
        if sum(counts) == message.left and self.voiced:
            most = len(counts) - 1
        return most, [tick for tick, count in enumerate(counts[:most]) if count]

    @property
    def _may_tell(self) -> bool:
        # Words and voice are made together: the first words are told, the others wait for it.
        waits = self._spoken_text is not None and not self._spoken_text.duration
        return self.voiced or not waits

    def end_if_delivered(self) -> None:
        """End, where everything has been told or the token limit is reached."""
        if self.over:
            return
        if self.tokens.exhausted:
            self._end_at_limit()
        elif self.state is ResponseState.DELIVERING and self._is_written():
            self._close_items(self._reply or Reply())

    def fail(self, job: str, message: str, code: str = SERVER_ERROR) -> None:
        """One of its jobs came to nothing.

        Args:
            job: which one.
            message: why.
            code: what the failure is called in the protocol.
        """
        self._tell_what_is_sound()
        kind = SERVER_ERROR if code == SERVER_ERROR else "invalid_request_error"
        self.end(
            ResponseState.FAILED,
            error={"type": kind, "code": code, "message": message or "The server had an error."},
        )
        if job == self._job:
            self._job = None
        else:
            self.voice.job = None

    def end(self, state: ResponseState, **details: Any) -> None:
        """End; whatever is open is closed as incomplete before that.

        Args:
            state: the last one.
            details: the `reason` or the `error` of its `status_details`.
        """
        self._enter(state)
        self._end_message("incomplete")
        done = self._report(state.value)
        if state is not ResponseState.COMPLETED:
            done.status_details = {"type": state.value, **details}
        done.usage = usage(self._heard, self.tokens, reasons=self.settings.counts_reasoning)
        self._events.send(ResponseDone(response=done))

    def _enter(self, state: ResponseState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise InvalidTransition(f"{self.ident}: {self.state.name} to {state.name}")
        self.state = state

    def _require(self, *states: ResponseState) -> None:
        if self.state not in states:
            raise InvalidTransition(f"{self.ident}: not while it is {self.state.name}")

    def _end_at_limit(self) -> None:
        self._tell_what_is_sound()
        self.end(ResponseState.INCOMPLETE, reason="max_output_tokens")

    def _tell_what_is_sound(self) -> None:
        """Its audio plays on to where it ends too early: the transcript says that, and no more."""
        if self.message is not None and self._spoken_text is not None:
            self.message.say_only(self._spoken_text.until(self._spoken_text.duration))

    def _close_items(self, reply: Reply) -> None:
        together = self.settings.family.closes_items_together
        status = "incomplete" if reply.unfinished else "completed"
        if not together:
            self._end_message(status)
        begun: list[OutputCall] = []
        # A model may ignore the setting; a client that set it relies on it.
        calls = reply.calls if self.settings.parallel else reply.calls[:1]
        for call in calls:
            ident, call_id = self._ids.make("item"), self._ids.make("call")
            whole = not reply.unfinished
            begun.append(OutputCall(self._items, ident, call_id, call, whole=whole))
            if not together:
                begun[-1].end()
            # A call that was cut is the last: the tokens are used up.
            if not begun[-1].whole:
                break
        if together:
            self._end_message(status)
            for each in begun:
                each.end()
        if self.tokens.exhausted:
            self._end_at_limit()
        elif reply.unfinished:
            self.end(ResponseState.INCOMPLETE, reason=reply.unfinished)
        else:
            self.end(ResponseState.COMPLETED)

    @property
    def _phase(self) -> str | UnsetType:
        """What its message is, as far as that is known: a call may follow what is streamed."""
        if self._reply is None or not self.settings.family.has_phases:
            return UNSET
        return "commentary" if self._reply.calls else "final_answer"

    def _note_end_of_speech(self) -> None:
        # Only now does a caller who heard every sample count as having heard every word.
        whole = self.voiced and not self.tokens.exhausted
        if whole and self._spoken_text is not None:
            self._spoken_text.complete = True

    @property
    def _spoken_text(self) -> SpokenText | None:
        return None if self.message is None else self.message.entry.spoken

    def _known(self) -> tuple[Entry, ...]:
        return self._conversation.entries if self._context is None else self._context

    def _is_written(self) -> bool:
        return self.message is None or self.message.written

    def _end_message(self, status: str) -> None:
        if self.message is not None:
            self.message.end(status, self._phase)
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
