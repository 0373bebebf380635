"""What a server session hears: the caller's turns, found, committed and written down."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.protocol.server_events import (
    ConversationItemAdded,
    ConversationItemDone,
    InputAudioBufferCleared,
    InputAudioBufferCommitted,
    SpeechStarted,
    SpeechStopped,
    TimeoutTriggered,
)
from soundstage.realtime.server.conversation import Entry
from soundstage.realtime.server.input_buffer import MIN_COMMIT, AppendedAudio, InputBuffer
from soundstage.realtime.server.transcriptions import Transcriptions
from soundstage.realtime.turn_detector import (
    LONGEST_LAG,
    PAUSE,
    TurnDetector,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnSettings,
    TurnStarted,
)
from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, Samples, ms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.server.conversation import Conversation
    from soundstage.realtime.server.outbox import ServerOutbox
    from soundstage.realtime.server.session_config import SessionConfig
    from soundstage.realtime.session_jobs import JobQueue

SENTENCE_ENDS: Final = (".", "!", "?")
"""With what a turn's words end when semantic detection takes them to be complete."""


class BargeIn(Struct, frozen=True):
    """The caller has begun to speak, and that cuts the assistant."""


class TurnCommitted(Struct, frozen=True):
    """The caller's turn is an item.

    Attributes:
        entry: the item.
        job: its recognition.
        answer: whether a response is to be made.
    """

    entry: Entry
    job: str
    answer: bool


class InputTurns:
    """Cuts the caller's audio into turns and has them written down.

    Recognition begins in the first pause that may be the end of the turn, so that it is mostly
    done when the turn is over; if the caller goes on it is begun again. It is given the audio up
    to the same point either way, so that the length of the closing silence changes nothing, and
    with a whole prefix, however soon the turn follows another one: all who hear a turn have the
    same samples recognised.

    Attributes:
        transcriptions: what is being written down.
    """

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        events: ServerOutbox,
        jobs: JobQueue,
        ids: Ids,
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._events = events
        self._ids = ids
        self._buffer = InputBuffer()
        self._settings = config.turns
        self._detector = TurnDetector(self._settings or TurnSettings())
        self._item = ""
        self._early: str | None = None
        self._unheld: Samples = 0
        self._format = config.fields.audio.input.format
        self._appended = AppendedAudio(config.input_decoder())
        self.transcriptions = Transcriptions(config, events, jobs)

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""
        return self._detector.speaking

    @property
    def position(self) -> Samples:
        """How much audio has been heard since the session began."""
        return self._buffer.end

    def reconfigure(self) -> None:
        """The session was updated: an open turn goes on by the new settings, if there are any."""
        # A new format begins with the next append; what came before keeps the old one.
        if self._format != self._config.fields.audio.input.format:
            self._format = self._config.fields.audio.input.format
            self._appended.change(self._config.input_decoder())
        old, self._settings = self._settings, self._config.turns
        # Manual and automatic turns do not continue one another: an open one belongs to neither.
        if self._settings is None or old is None:
            self._forget_turn()
        if self._settings is not None:
            self._detector.settings = self._settings

    def hear(self, pcm: bytes, probability: float, lag: Samples) -> BargeIn | TurnCommitted | None:
        """One frame, and how likely it is speech as far back as `lag`; what it means."""
        self._buffer.append(pcm)
        if self._settings is None:
            return None
        change = self._detector.hear(probability, self._buffer.end - lag)
        if change is None:
            if not self._detector.speaking:
                self._buffer.keep_last(self._settings.prefix + LONGEST_LAG)
            return None
        match change:
            case TurnStarted():
                return self._begin(change.start)
            case TurnPaused():
                self._early = self._begin_early()
            case TurnResumed():
                self._forget_early()
            case TurnEnded():
                return self._end(change.end)
        return None

    def foresee(self, judged: Iterable[tuple[float, Samples]]) -> int:
        """How many of the next frames mean nothing; this changes nothing.

        Args:
            judged: of each frame, how likely it is speech, as far back as which lag.
        """
        if self._settings is None:
            return sum(1 for _ in judged)
        number, end = 0, self._buffer.end
        if not self._detector.speaking:
            # Outside of a turn each frame is judged by itself; see `TurnDetector`.
            threshold = self._detector.settings.threshold
            for probability, _ in judged:
                if probability >= threshold:
                    break
                number += 1
            return number
        detector = copy(self._detector)
        for probability, lag in judged:
            end += FRAME_SAMPLES
            if detector.hear(probability, end - lag) is not None:
                break
            number += 1
        return number

    def hear_block(self, pcm: bytes, judged: Sequence[tuple[float, Samples]]) -> None:
        """Frames that mean nothing, as was foreseen: all of them as one sound."""
        end = self._buffer.end
        self._buffer.append(pcm)
        settings, detector = self._settings, self._detector
        if settings is None:
            return
        if detector.speaking:
            for number, (probability, lag) in enumerate(judged, 1):
                detector.hear(probability, end + number * FRAME_SAMPLES - lag)
        else:
            self._buffer.keep_last(settings.prefix + LONGEST_LAG)

    def write_down(self, entry: Entry, pcm: bytes) -> None:
        """Recognise the audio of an item that the client has made itself."""
        self.transcriptions.commit(self.transcriptions.begin(entry.ident, pcm), entry)

    def transcribed(self, job: str, text: str) -> TurnCommitted | None:
        """The words of a job; the turn that they end, where they are a whole sentence."""
        known = self.transcriptions.transcribed(job, text)
        whole = text.rstrip().endswith(SENTENCE_ENDS)
        # Only of this very pause: the speaker may have gone on since an earlier one.
        if known and job == self._early and whole and self._detector.settings.semantic:
            ended = self._detector.end(self._buffer.end)
            return None if ended is None else self._end(ended.end)
        return None

    def append(self, audio: str) -> None:
        """Audio in base64 from an event, in the session's format, beside any track.

        Raises:
            ClientFault: it is not base64, or too much.
        """
        self._appended.put(audio)
        if self._settings is None:
            # Without turn detection no frame is asked for; the client says itself where its turn
            # ends.
            self._buffer.append(self._appended.rest())

    def appended(self) -> list[bytes]:
        """Frames that came in events and are to be heard, as `hear` is called with them."""
        return self._appended.frames()

    def commit(self) -> TurnCommitted:
        """The client says that its turn is over.

        Raises:
            ClientFault: there is less than 100 ms of audio.
        """
        self._buffer.append(self._appended.end())
        # The service refuses it: less holds no word.
        if self._buffer.held < MIN_COMMIT:
            raise ClientFault(
                "input_audio_buffer_commit_empty",
                "Error committing input audio buffer: buffer too small. Expected at least 100ms "
                f"of audio, but buffer only has {self._buffer.held_ms:.2f}ms of audio.",
            )
        return self._commit(answer=False)

    def clear(self) -> None:
        """Forget what has not been committed."""
        self._appended.clear()
        self._buffer.clear()
        self._forget_turn()
        self._events.send(InputAudioBufferCleared())

    def time_out(self, since: Samples) -> None:
        """No one has spoken since a position: the silence becomes an item, with no words in it."""
        item = self._ids.make("item")
        self._events.send(
            TimeoutTriggered(
                item_id=item, audio_start_ms=ms_of(since), audio_end_ms=ms_of(self.position)
            )
        )
        self._add(Entry(_audio_item(item)), self._buffer.take())

    def _begin(self, start: Samples) -> BargeIn | None:
        self._buffer.keep_from(start)
        # What lies before the last commit is not held any more, and is silence to the recogniser.
        self._unheld = max(0, self._buffer.start - start)
        self._item = self._ids.make("item")
        audio_start_ms = ms_of(self._buffer.start)
        self._events.send(SpeechStarted(item_id=self._item, audio_start_ms=audio_start_ms))
        return BargeIn() if self._detector.settings.interrupt_response else None

    def _begin_early(self) -> str:
        settings = self._detector.settings
        # Semantic detection waits for the words; otherwise the end of the turn does.
        wanted_in = 0 if settings.semantic else max(0, settings.silence - PAUSE)
        return self.transcriptions.begin(self._item, self._sound(), wanted_in=wanted_in)

    def _end(self, end: Samples) -> TurnCommitted:
        self._events.send(SpeechStopped(item_id=self._item, audio_end_ms=ms_of(end)))
        return self._commit(answer=self._detector.settings.create_response)

    def _commit(self, *, answer: bool) -> TurnCommitted:
        item = self._item or self._ids.make("item")
        # Mostly begun in the pause already, so that the words are there when the turn ends.
        job = self._early or self.transcriptions.begin(item, self._sound())
        self._item, self._early, self._unheld = "", None, 0
        self._detector.reset()
        entry = Entry(_audio_item(item), pending=True)
        self._add(entry, self._buffer.take())
        return TurnCommitted(entry, job, answer)

    def _add(self, entry: Entry, pcm: bytes) -> None:
        entry.samples = len(pcm) // SAMPLE_BYTES
        # Before it is added: `committed` comes first, and names the item that was the last until
        # then.
        item, last = entry.item, self._conversation.last
        self._events.send(InputAudioBufferCommitted(item_id=entry.ident, previous_item_id=last))
        before = self._conversation.add(entry)
        self._conversation.audio.keep(entry.ident, pcm)
        self._events.send(ConversationItemAdded(item=item, previous_item_id=before))
        self._events.send(ConversationItemDone(item=item, previous_item_id=before))

    def _sound(self) -> bytes:
        """The open turn as it is recognised: with the silence of a pause, and no more."""
        quiet = self._detector.quiet_since
        # The same stretch however long the silence: the same sound gives the same words.
        end = self._buffer.end if quiet is None else min(self._buffer.end, quiet + PAUSE)
        return bytes(self._unheld * SAMPLE_BYTES) + self._buffer.copy(self._buffer.start, end)

    def _forget_turn(self) -> None:
        self._forget_early()
        self._detector.reset()
        self._item, self._unheld = "", 0

    def _forget_early(self) -> None:
        if self._early is not None:
            self.transcriptions.abandon(self._early)
        self._early = None


def _audio_item(ident: str) -> Item:
    return Item(
        id=ident,
        type="message",
        status="completed",
        role="user",
        content=[Part(type="input_audio", transcript=None)],
    )
