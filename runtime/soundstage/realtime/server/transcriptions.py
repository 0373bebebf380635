"""What the user says, written down: each stretch of audio is recognised once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Struct

from soundstage.realtime.protocol.model_families import transcription_model
from soundstage.realtime.protocol.server_events import (
    InputTranscriptionCompleted,
    InputTranscriptionDelta,
    InputTranscriptionFailed,
    TranscriptionError,
)
from soundstage.realtime.server.conversation import Entry, transcribed
from soundstage.realtime.server.usage import INPUT_TOKEN, text_tokens
from soundstage.realtime.session_jobs import Transcribe
from soundstage.units import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from soundstage.realtime.protocol.session_fields import Transcription
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.session_config import SessionConfig
    from soundstage.realtime.session_jobs import JobQueue

MOST_WAITING_BYTES: Final = 32 << 20
"""Audio that waits to be written down at once: 11 minutes."""

ENGLISH: Final = "en"
"""What is spoken, where the client does not say."""

_WORDS: Final = re.compile(r"\s*\S+")


class _PendingTranscript(Struct):
    """One job.

    Attributes:
        size: bytes of its audio.
        entry: the item whose words they are; None while the audio is not committed.
        text: the words; None while they are not known.
        failure: why there will be none, or None.
    """

    size: int
    entry: Entry | None = None
    text: str | None = None
    failure: str | None = None

    @property
    def over(self) -> bool:
        return self.text is not None or self.failure is not None


class Transcriptions:
    """Has audio written down, and tells the client when it is part of the conversation.

    A recognition may begin before its audio is committed. The client hears of the words only
    where the session is configured to write them down; the assistant always knows them.
    """

    def __init__(self, config: SessionConfig, events: ServerOutbox, jobs: JobQueue) -> None:
        self._config = config
        self._events = events
        self._jobs = jobs
        self._open: dict[str, _PendingTranscript] = {}

    def begin(self, item: str, pcm: bytes, *, wanted_in: Samples = 0) -> str:
        """Have audio of an item, there or to come, written down; the name of the job."""
        self._make_room(len(pcm))
        job = self._jobs.name()
        self._open[job] = _PendingTranscript(len(pcm))
        settings = self._transcription
        language = None if settings is None else settings.language
        self._jobs.post(Transcribe(job, item, pcm, language, wanted_in))
        return job

    def abandon(self, job: str) -> None:
        """The audio was not all there was."""
        # A result that is there already needs no giving up.
        if not self._open.pop(job).over:
            self._jobs.abandon(job)

    def commit(self, job: str, entry: Entry) -> None:
        """The audio has become an item."""
        # From here on the client may hear of it: before, its item did not exist.
        self._open[job].entry = entry
        entry.pending = True
        self._settle(job)

    def transcribed(self, job: str, text: str) -> bool:
        """The words of a job; False where they are no longer wanted."""
        return self._end(job, text=text)

    def failed(self, job: str, message: str) -> bool:
        """There are no words of a job; False where they are no longer wanted."""
        return self._end(job, failure=message)

    @property
    def _transcription(self) -> Transcription | None:
        return self._config.fields.audio.input.transcription

    def _make_room(self, size: int) -> None:
        """Give the oldest up where a client sends more than anyone can write down."""
        # Those that are over hold no audio any more: only their words wait for the commit.
        waiting = [(job, each) for job, each in self._open.items() if not each.over]
        excess = sum(each.size for _, each in waiting) + size - MOST_WAITING_BYTES
        for job, recognition in waiting:
            if excess <= 0:
                return
            excess -= recognition.size
            self._jobs.abandon(job)
            self._end(job, failure="Too much audio waits to be transcribed.")

    def _end(self, job: str, *, text: str | None = None, failure: str | None = None) -> bool:
        recognition = self._open.get(job)
        if recognition is None or recognition.over:
            return False
        recognition.text, recognition.failure = text, failure
        self._settle(job)
        return True

    def _settle(self, job: str) -> None:
        recognition = self._open[job]
        entry = recognition.entry
        if entry is None or not recognition.over:
            return
        del self._open[job]
        # Empty words are an answer as well; a response that waited for them can now be made.
        entry.pending, entry.heard = False, recognition.text or ""
        # The assistant always hears; the client reads only what it has configured.
        if self._transcription is None or entry.private:
            return
        if recognition.text is None:
            self._tell_failure(entry, recognition.failure or "")
        else:
            entry.item = transcribed(entry.item, recognition.text)
            self._tell_words(entry, recognition.text, self._transcription)

    def _tell_words(self, entry: Entry, text: str, settings: Transcription) -> None:
        facts = transcription_model(settings.model)
        for delta in [text] if facts.whole_text and text else _WORDS.findall(text):
            padding = self._events.padding(delta)
            self._events.send(
                InputTranscriptionDelta(
                    item_id=entry.ident, content_index=0, delta=delta, obfuscation=padding
                )
            )
        self._events.send(
            InputTranscriptionCompleted(
                item_id=entry.ident,
                content_index=0,
                transcript=text,
                usage=(_seconds if facts.billed_by_time else _tokens)(entry.samples, text),
                languages=_languages(settings, text) if facts.tells_languages else UNSET,
            )
        )

    def _tell_failure(self, entry: Entry, message: str) -> None:
        error = TranscriptionError(
            type="transcription_error", code="audio_unintelligible", message=message, param=None
        )
        self._events.send(
            InputTranscriptionFailed(item_id=entry.ident, content_index=0, error=error)
        )


def _seconds(samples: Samples, _: str) -> dict[str, Any]:
    # Whole seconds, the last one begun, as the service counts them.
    return {"type": "duration", "seconds": -(-samples // SAMPLE_RATE)}


def _languages(settings: Transcription, text: str) -> list[dict[str, Any]]:
    """The languages of what was heard: the recogniser knows one, unless the client says more."""
    return [{"code": settings.language or ENGLISH}] if text.strip() else []


def _tokens(samples: Samples, text: str) -> dict[str, Any]:
    heard, written = -(-samples // INPUT_TOKEN), text_tokens(text)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "output_tokens": written,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
    }
