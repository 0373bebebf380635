"""The transcriber: makes turns of speech that no agent tells of, and words where none are known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from soundstage.kernel import Actor, JobKind, Limits, Phase, handles
from soundstage.messages import (
    Entry,
    LastEntry,
    Mixed,
    MixedBlock,
    TickBlock,
    Transcribed,
    events,
)
from soundstage.transcription.played_words import played_part
from soundstage.transcription.untold_speech import LoudnessActivity, UntoldSpeech
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND, SILENCE

if TYPE_CHECKING:
    from soundstage.kernel import Address
    from soundstage.messages.events import Turn
    from soundstage.speech import Engines, Recognition, VoiceActivity
    from soundstage.transcription.untold_speech import Stretch
    from soundstage.units import Samples

TRANSCRIBER_LIMITS: Final = Limits(bounded={Mixed: 60 * FRAMES_PER_SECOND})
"""An engine may take a minute to load before sound is lost."""

RECOGNISED: Final = "recognised"
"""The words of a turn were recognised in its sound."""

UNKNOWN: Final = "unknown"
"""The words of a turn are not known."""


class _Words(Struct, frozen=True):
    number: int
    text: str


class _NoWords(Struct, frozen=True):
    number: int
    error: Exception


class Transcriber(Actor):
    """Hears what every agent sends, and follows the replies that agents tell of.

    Speech outside of these is a turn of its own, with the words that a recogniser finds in it. A
    reply of which its agent only guesses what was played is recognised, too.

    Args:
        engines: voice activity, and the recogniser.
        journal: the event hub, where turns go.
        recognizes: whether words are looked for; without, such turns have none.
    """

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.RECORDER,)

    def __init__(self, engines: Engines, journal: Address, *, recognizes: bool = True) -> None:
        super().__init__()
        self._engines = engines
        self._journal = journal
        self._recognizes = recognizes
        self._speech: dict[str, UntoldSpeech] = {}
        self._replies: set[str] = set()
        self._waiting: dict[int, Turn] = {}
        self._asked = 0
        self._warned: set[str] = set()
        self._is_last = False
        self._end: Samples | None = None

    @handles(Mixed)
    def hear(self, mixed: Mixed) -> None:
        """One tick of every agent's sound."""
        for agent, pcm in mixed.said.items():
            speech = self._speech.get(agent)
            if speech is None:
                speech = self._speech[agent] = UntoldSpeech(partial(self._listen, agent))
            # The usual case costs nothing: an agent that is silent, or tells all that it says.
            if pcm is SILENCE and speech.rests:
                continue
            self._find_words(agent, speech.hear(mixed.pts, pcm))

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Speech that belongs to no reply is looked at frame by frame."""
        del phase
        last = stretch.pts + (stretch.ticks - 1) * FRAME_SAMPLES
        for agent, frames in stretch.said.items():
            speech = self._speech.get(agent)
            if speech is None or not speech.only_keeps(last, silent=frames is None):
                stretch.ticks = 0

    @handles(MixedBlock)
    def hear_block(self, mixed: MixedBlock) -> None:
        """Several ticks of every agent's sound, none of it untold."""
        for agent, speech in self._speech.items():
            speech.keep(mixed.pts, mixed.ticks, mixed.said.get(agent))

    @handles(Entry)
    def follow(self, entry: Entry) -> None:
        """One event: which replies there are, and what of them was played."""
        event, speech = entry.event, self._speech.get(entry.event.agent)
        match event:
            case events.ResponseStarted():
                self._replies.add(event.response)
            case events.AgentSpeechStarted() if speech and event.response in self._replies:
                self._find_words(event.agent, speech.reply_began(event.pts))
            case events.Turn():
                self._replies.discard(event.response)
                self._end_reply(event, speech)
            case events.Left() | events.Fault() if speech:
                speech.reply_ended(event.pts)
            case _:
                pass

    def stopping(self) -> None:
        """End what is being said, and wait for its words; first hear what the hub still has."""
        self._end = self.now
        self._journal.tell(LastEntry(self.address))

    @handles(LastEntry)
    def end(self, _: LastEntry) -> None:
        """The hub has told everything."""
        self._is_last = True
        for agent, speech in self._speech.items():
            self._find_words(agent, speech.flush())
        self._finish_when_done()

    def settle(self) -> None:
        """However it ends, every turn is told, if need be without words."""
        for number in sorted(self._waiting):
            self._tell(self._waiting[number])
        self._waiting.clear()

    @handles(_Words)
    def have_words(self, words: _Words) -> None:
        """A turn has been recognised."""
        turn = self._waiting.pop(words.number, None)
        if turn is not None:
            recognised = _with_words(turn, words.text)
            if recognised is not None:
                self._tell(recognised)
        self._finish_when_done()

    @handles(_NoWords)
    def have_no_words(self, failed: _NoWords) -> None:
        """A turn could not be recognised."""
        turn = self._waiting.pop(failed.number, None)
        if turn is not None:
            self._warn(turn.agent, "words_unknown", f"its words are not known: {failed.error}")
            self._tell(turn)
        self._finish_when_done()

    def _end_reply(self, turn: Turn, speech: UntoldSpeech | None) -> None:
        sound = b""
        if speech is not None:
            speech.reply_ended(turn.end)
            sound = speech.reply_sound(turn.start, turn.end) if turn.estimated else b""
        if not turn.estimated:
            return
        if sound and self._recognizes:
            self._recognise(turn, sound)
        else:
            self._tell(turn)

    def _find_words(self, agent: str, stretch: Stretch | None) -> None:
        if stretch is None:
            return
        turn = events.Turn(
            pts=self._time,
            agent=agent,
            number=0,
            response="",
            start=stretch.start,
            end=stretch.end,
            generated="",
            said="",
            text_source=UNKNOWN,
        )
        if self._recognizes:
            self._recognise(turn, stretch.pcm)
        else:
            self._tell(turn)

    def _recognise(self, turn: Turn, pcm: bytes) -> None:
        self._asked += 1
        number = self._asked
        self._waiting[number] = turn

        def recognise() -> Recognition:
            # The recogniser is loaded here, in the job, and not in a turn.
            return self._engines.recognizer.recognize(pcm)

        self.submit(
            JobKind.TRANSCRIBE,
            recognise,
            result=lambda recognition: _Words(number, recognition.text),
            error=lambda error: _NoWords(number, error),
        )

    def _listen(self, agent: str) -> VoiceActivity:
        try:
            return self._engines.vad.open()
        except Exception as error:  # noqa: BLE001 - an engine is installed code of any author
            message = f"its turns are found by loudness alone: {error}"
            self._warn(agent, "voice_activity", message)
            return LoudnessActivity()

    @property
    def _time(self) -> Samples:
        """Now; when the run has ended, its end: what is recognised after that was said before."""
        return self.now if self._end is None else self._end

    def _tell(self, turn: Turn) -> None:
        self._journal.tell(Transcribed(replace(turn, pts=self._time)))

    def _warn(self, agent: str, code: str, message: str) -> None:
        # Once for each agent: what fails once mostly fails again.
        if f"{agent} {code}" not in self._warned:
            self._warned.add(f"{agent} {code}")
            warned = events.Warned(pts=self._time, agent=agent, code=code, message=message)
            self._journal.tell(Entry(warned))

    def _finish_when_done(self) -> None:
        if self._is_last and not self._waiting:
            self.finish()


def _with_words(turn: Turn, text: str) -> Turn | None:
    """The turn with the words that were recognised in it; None where it has none, so is none."""
    if turn.response:
        # A reply of which its agent knew no more than how long it was played.
        if not text:
            return turn
        said = played_part(turn.generated, text) if turn.generated else text
        whole = turn.generated or said
        return replace(turn, generated=whole, said=said, estimated=False, text_source=RECOGNISED)
    if not text:
        return None
    return replace(turn, generated=text, said=text, text_source=RECOGNISED)
