"""What a server session hears: the caller's turns, committed and written down."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.realtime import _server_events as server
from soundstage.realtime._codec import ClientFault
from soundstage.realtime._input_buffer import MAX_BUFFERED_BYTES, MIN_COMMIT, InputBuffer
from soundstage.realtime._items import Item, Part
from soundstage.realtime._jobs import Abandon, Transcribe
from soundstage.realtime._turn_detector import (
    SpeechBegan,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    TurnDetector,
    TurnSettings,
)
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.realtime._conversation import Conversation
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._jobs import Job
    from soundstage.realtime._session_config import SessionConfig


class Turn(Struct, frozen=True):
    """A turn that detection has ended.

    Attributes:
        item: the user item that it became.
        answer: whether a response is to be made.
        heard: its words, where they are known already.
    """

    item: str
    answer: bool
    heard: str | None


class Hearing:
    """Cuts the caller's audio into turns and has them written down.

    Recognition begins in the first pause that may be the end of the turn, so that it is mostly
    done when the turn is over; if the caller goes on it is begun again.
    """

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        ids: Ids,
        *,
        emit: Callable[[server.ServerEvent], None],
        job: Callable[[Job], None],
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._ids = ids
        self._emit = emit
        self._job = job
        self._buffer = InputBuffer()
        self._detector = TurnDetector(config.turns or TurnSettings())
        self._item = ""
        self._start: Samples = 0
        self._early = ""
        self._early_text: str | None = None
        self._jobs: dict[str, tuple[str, Samples]] = {}
        self.began = False

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""
        return self._detector.speaking

    @property
    def interrupts(self) -> bool:
        """Whether a turn that begins cuts what is being said."""
        return self._detector.settings.interrupt_response

    def reconfigure(self) -> None:
        """The session has been updated: judge by its new settings from now on."""
        turns = self._config.turns
        if turns is not None:
            self._detector.settings = turns
        else:
            self._detector.reset()

    def hear(self, pcm: bytes, probability: float) -> list[Turn]:
        """One frame, and how likely it is speech; the turns that ended with it."""
        self.began = False
        self._buffer.append(pcm)
        if self._config.turns is None:
            return []
        change = self._detector.hear(probability, self._buffer.end)
        match change:
            case SpeechBegan():
                self._begin(change.start)
            case SpeechPaused():
                self._write_down_early()
            case SpeechResumed():
                self._forget_early()
            case SpeechEnded():
                return [self._end(change.end)]
            case None:
                pass
        if not self._detector.speaking:
            self._buffer.keep_from(self._buffer.end - self._detector.settings.prefix)
        return []

    def append(self, audio: str) -> list[Turn]:
        """Audio in base64 from the client, beside any track."""
        if len(audio) > MAX_BUFFERED_BYTES * 4 // 3 + 4:
            raise ClientFault("invalid_value", "An append is at most 15 MiB.", param="audio")
        try:
            pcm = base64.b64decode(audio, validate=True)
        except binascii.Error:
            raise ClientFault(
                "invalid_value", "The audio is not valid base64.", param="audio"
            ) from None
        self._buffer.append(pcm[: len(pcm) - len(pcm) % SAMPLE_BYTES])
        return []

    def commit(self) -> None:
        """The client says that its turn is over."""
        if self._buffer.held < MIN_COMMIT:
            raise ClientFault(
                "input_audio_buffer_commit_empty",
                "Error committing input audio buffer: buffer too small. Expected at least 100ms "
                f"of audio, but buffer only has {self._buffer.held_ms:.2f}ms of audio.",
            )
        self._detector.reset()
        self._forget_early()
        self._item = self._item or self._ids.make("item")
        self._commit(self._buffer.take())

    def clear(self) -> None:
        """Forget what has not been committed."""
        self._buffer.clear()
        self._detector.reset()
        self._forget_early()
        self._item = ""

    def time_out(self) -> None:
        """Nobody has spoken for too long: an empty turn."""
        self._item = self._ids.make("item")
        end = ms_of(self._buffer.end)
        self._emit(
            server.TimeoutTriggered(
                audio_start_ms=ms_of(self._buffer.start), audio_end_ms=end, item_id=self._item
            )
        )
        self._add_item()

    def transcribed(self, job: str, text: str) -> list[tuple[str, str]]:
        """The words of a job; the item that they are of, if it is committed."""
        if job == self._early:
            self._early_text = text
            return []
        item, length = self._jobs.pop(job, ("", 0))
        if not item:
            return []
        self._tell(item, text, length)
        return [(item, text)]

    def failed(self, job: str, message: str) -> list[str]:
        """A job has failed; the item that it was of, if it is committed."""
        if job == self._early:
            self._early = ""
            return []
        item, _ = self._jobs.pop(job, ("", 0))
        if not item:
            return []
        if self._config.transcribes:
            error = server.TranscriptionError(
                type="transcription_error",
                code="audio_unintelligible",
                message=message,
                param=None,
            )
            self._emit(server.InputTranscriptionFailed(item_id=item, content_index=0, error=error))
        return [item]

    def _begin(self, start: Samples) -> None:
        self.began = True
        self._item = self._ids.make("item")
        self._start = max(start, self._buffer.start)
        self._emit(server.SpeechStarted(audio_start_ms=ms_of(self._start), item_id=self._item))

    def _end(self, end: Samples) -> Turn:
        item = self._item
        self._emit(server.SpeechStopped(audio_end_ms=ms_of(end), item_id=item))
        pcm = self._buffer.copy(self._start, end)
        self._buffer.clear()
        heard = self._commit(pcm)
        return Turn(item, self._detector.settings.create_response, heard)

    def _commit(self, pcm: bytes) -> str | None:
        item, early, text = self._item, self._early, self._early_text
        length = len(pcm) // SAMPLE_BYTES
        before = self._conversation.last
        self._emit(server.InputAudioBufferCommitted(item_id=item, previous_item_id=before))
        self._add_item()
        self._early, self._early_text = "", None
        if early and text is not None:
            self._tell(item, text, length)
            return text
        if early:
            self._jobs[early] = (item, length)
        else:
            job = self._ids.make("job")
            self._jobs[job] = (item, length)
            self._job(Transcribe(job, item, pcm))
        return None

    def _add_item(self) -> None:
        item = Item(
            id=self._item,
            type="message",
            status="completed",
            role="user",
            content=[Part(type="input_audio", transcript=None)],
        )
        before = self._conversation.add(item)
        self._emit(server.ConversationItemAdded(item=item, previous_item_id=before))
        self._emit(server.ConversationItemDone(item=item, previous_item_id=before))
        self._item = ""

    def _tell(self, item: str, text: str, length: Samples) -> None:
        for kept in self._conversation:
            if kept.id == item:
                kept.content = [Part(type="input_audio", transcript=text)]
        if self._config.transcribes:
            usage = {"type": "duration", "seconds": length / SAMPLE_RATE}
            self._emit(
                server.InputTranscriptionCompleted(
                    item_id=item, content_index=0, transcript=text, usage=usage
                )
            )

    def _write_down_early(self) -> None:
        self._early, self._early_text = self._ids.make("job"), None
        pcm = self._buffer.copy(self._start, self._buffer.end)
        self._job(Transcribe(self._early, self._item, pcm))

    def _forget_early(self) -> None:
        if self._early:
            self._job(Abandon(self._early))
        self._early, self._early_text = "", None
