"""The base of every agent: what it is given, what it hears, and what it can do."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias, TypeVar

import msgspec

from soundstage.agent.agent_settings import AgentSettings
from soundstage.agent.context import AgentContext
from soundstage.agent.doubles import Collector, bare_context, placed
from soundstage.agent.floor_grant import FloorGrant
from soundstage.agent.journal_port import JournalPort
from soundstage.agent.last_words import LastWords, LeaveWhenSaid
from soundstage.agent.message_budget import MessageBudget
from soundstage.agent.port import Port
from soundstage.agent.speaking_ability import names_of_speaking
from soundstage.agent.speech_queue import SpeechQueue
from soundstage.agent.utterance_detector import Utterance, UtteranceDetector
from soundstage.audio import KEYS, KeyTones
from soundstage.config.values import SettingsOf
from soundstage.errors import KernelError
from soundstage.json_text import read_json
from soundstage.kernel import JobKind, Phase, handles
from soundstage.messages import (
    Begin,
    Frame,
    Heard,
    KeyHeard,
    LoseFloor,
    Mute,
    Play,
    PressKeys,
    Prompt,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopSpeaking,
    TakeFloor,
    Tick,
    ToolAnswered,
    ToolAsked,
    WindDown,
)
from soundstage.messages.events import (
    FloorPassed,
    FloorWanted,
    HeardText,
    Listening,
    Noted,
    Pressed,
    ResponseDone,
    ResponseStarted,
    score_in_log,
)
from soundstage.realtime import TurnStarted
from soundstage.speech import SpeechPart, WordTiming
from soundstage.tools import answer, methods_of, never_waits
from soundstage.units import VIRTUAL, WALL, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from soundstage.messages.events import Event
    from soundstage.speech import Recognition
    from soundstage.units import Samples

T = TypeVar("T")

HEARS_WITHIN = samples_of_seconds(2)
"""How long an agent that listens for words may wait for the last ones before it lets a turn go."""


UTTERANCE_EVENTS: Final = frozenset(
    {
        *("speech_started", "speech_stopped", "response_started", "response_done"),
        *("interrupted", "dropped", "reconnected"),
    }
)
"""Events that only an agent has that knows of its own utterances, or has a session."""


class Agent(LastWords):
    """One who takes part in a scenario.

    A subclass marks handlers with `@handles` for what it wants to know: `Frame` (the mix it
    hears, 20 ms at a time), `SpeechStarted` and `SpeechStopped` (of those it hears), `Heard`
    (their words; a recogniser runs only for a class that handles it), `KeyHeard` (keys of their
    telephones, likewise), `Begin` (all agents are
    ready), `TakeFloor` (it is its turn to speak), and of the whole run `Entry` (every event) and
    `Levels`, which only a class that handles them is told. It acts by calling `say`, `send`,
    `press`, `stop_speaking`, `mute`, `give_floor`, `emit`, `leave`, `after`. Nothing it calls
    waits. Models can call its methods that are marked with `@tool`, where the scenario says so.

    In a room with a floor, what it says waits until it has the floor. A class that handles
    `TakeFloor` has it until it has spoken or calls `give_floor`; any other passes it on as soon
    as it has nothing to say.

    Attributes:
        clocks: the clocks it can run on.
        by_protocol: the class in this one's place where the table's `protocol` is this one.
        cues: what the scenario's cues can make it do, beside being muted and moved.
        is_tested: whether agents of this class are what is tested, where the file does not say.
        without_events: the events of every run that such agents never have, as those whose sound
            is all that is known of them: a moment cannot wait for these.
        pace_of_speech: the factor on the pace of what it says, 0.5 to 2.
        settings: its table in the scenario, as its class's `Settings`.
        context: everything else it was handed.
    """

    Settings: TypeAlias = AgentSettings
    settings: SettingsOf = SettingsOf()
    clocks: ClassVar[frozenset[str]] = frozenset({WALL, VIRTUAL})
    by_protocol: ClassVar[Mapping[str, type[Agent]]] = {}
    cues: ClassVar[frozenset[str]] = frozenset({"say", "play", "keys"})
    is_tested: ClassVar[bool] = False
    without_events: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, context: AgentContext) -> None:
        super().__init__()
        self.pace_of_speech = 1.0
        self.context = context
        self.settings = context.identity.settings
        # Kept apart from `context`, which a subclass may use for something of its own.
        self._agent_context = context
        self._speech_queue = SpeechQueue(context.name)
        self._utterance_detector: UtteranceDetector | None = None
        self._port = Port(context.name, context.ports.mixer)
        self._message_budget = MessageBudget(context.name)
        self._journal_port = JournalPort(context.ports.journal)
        self._floor_grant = FloorGrant(context.identity.floor)
        self._tones = KeyTones()
        self._replies = 0
        self._utterances = 0
        self._has_said = False
        self._methods = methods_of(self)

    @classmethod
    def bare(cls, **settings: object) -> Self:
        """An agent that is not started, for tests: what it would send is in `.sent`.

        Args:
            settings: the keys of its table.
        """
        sent: list[object] = []
        return placed(cls(bare_context(cls.Settings.model_validate(settings), sent)), sent)

    @classmethod
    def hears_words(cls) -> bool:
        """Whether it has what it hears written down."""
        return cls.handler_of(Heard) is not Agent.handler_of(Heard)

    @classmethod
    def hears_keys(cls) -> bool:
        """Whether it is told of the keys of telephones that it hears."""
        return cls.handler_of(KeyHeard) is not Agent.handler_of(KeyHeard)

    @classmethod
    def can_speak(cls) -> bool:
        """Whether it can be heard: it says or sends something, or makes its frames itself."""
        makes_frames = cls.handler_of(Tick) is not Agent.handler_of(Tick)
        return makes_frames or names_of_speaking(cls, Agent)

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Whether an answer is expected of it when it is spoken to: it can hear, and speak.

        A class whose agents listen, and speak only now and then, overrides it and says False.
        """
        hearing = (Frame, SpeechStarted, SpeechStopped, Heard)
        hears = any(cls.handler_of(each) is not Agent.handler_of(each) for each in hearing)
        return hears and cls.can_speak()

    @property
    def sent(self) -> list[object]:
        """Of a bare agent: every message that it has sent, in order."""
        journal = self._agent_context.ports.journal
        if not isinstance(journal, Collector):
            raise KernelError("only a bare agent keeps what it sends")
        return journal.sent

    @property
    def given(self) -> AgentContext:
        """The former name of `context`; it goes in the next minor version."""
        warnings.warn("`given` is called `context`", DeprecationWarning, stacklevel=2)
        return self._agent_context

    def started(self) -> None:
        """Begin to hear and to be heard; a subclass that overrides this calls it first."""
        self.pace(Phase.SOURCE)
        if self.hears_words():
            self._utterance_detector = UtteranceDetector(self._agent_context.engines.vad.open())

    # What an agent can do.

    def say(self, text: str) -> None:
        """Speak these words, behind whatever waits to be said.

        Raises:
            TypeError: the words are no text.
            TooManyMessages: this agent sends too much.
        """
        self._message_budget.spend(self.now)
        self._has_said = True
        self.address.tell(Say(_checked(text, str, "say")))

    def send(self, frame: Frame | bytes) -> None:
        """Be heard with a frame of one's own, 20 ms of 24 kHz mono PCM.

        Raises:
            TypeError: it is neither a frame nor bytes.
        """
        pcm = frame.pcm if isinstance(frame, Frame) else frame
        self._speech_queue.add_frame(_checked(pcm, bytes, "send"))

    def press(self, keys: str) -> None:
        """Press keys of one's telephone: their tones are heard, in place of one's voice.

        Args:
            keys: of `0` to `9`, `*`, `#` and `A` to `D`; each sounds for 100 ms.

        Raises:
            TypeError: the keys are no text.
            ValueError: one of them is no key.
            TooManyMessages: this agent sends too much.
        """
        if wrong := set(_checked(keys, str, "press")) - KEYS:
            raise ValueError(f"{min(wrong)!r} is no key: they are 0 to 9, *, # and A to D")
        self.log_event(Pressed(pts=self.now, agent=self.name, keys=keys))
        self._tones.press(keys)

    def stop_speaking(self, by: str = "") -> None:
        """Say nothing more of what waits to be said; what was not played is not heard.

        Raises:
            TypeError: the name of who interrupts is no text.
        """
        cut_by = _checked(by, str, "stop_speaking") or self.name
        if self._speech_queue.cut(self.now, cut_by):
            self._port.cut(self.now, cut_by)
            self._log_speech()

    def mute(self, name: str, for_: Samples | None = None) -> None:
        """Mute an agent for all others, for so long or for good; `Duration("0s")` unmutes.

        Raises:
            TypeError: the name is no text, or the time no whole number of samples.
            TooManyMessages: this agent sends too much.
        """
        self._message_budget.spend(self.now)
        until = None if for_ is None else self.now + _checked(for_, int, "mute")
        self._agent_context.ports.mixer.tell(Mute(_checked(name, str, "mute"), until))

    def give_floor(self, name: str = "") -> None:
        """Let an agent of the room speak next; without a name, the next one."""
        self._floor_grant.drop()
        self.log_event(FloorPassed(pts=self.now, agent=self.name, to=name))

    def emit(self, name: str, /, **data: object) -> None:
        """Put an entry of one's own into the event log.

        Args:
            name: of the entry.
            data: what is in it; what comes from outside may have any key, `name` and `self`, too.

        Raises:
            TypeError: the name is no text, or a value has no JSON form.
            ValueError: a value has one that cannot be read again, as it is nested too deep.
            TooManyMessages: this agent sends too much.
        """
        # A copy: what the agent does with its data later is not what was logged.
        copy: Any = read_json(msgspec.json.encode(data))
        self.log_event(Noted(pts=self.now, agent=self.name, name=name, data=copy))

    def leave(self) -> None:
        """Take part no more, once what was said before this has been played."""
        if self._has_said:
            # Behind every `Say` that waits in the mailbox.
            self.address.tell(LeaveWhenSaid())
        else:
            self._leave_when_said(LeaveWhenSaid())

    def log_event(self, event: Event) -> None:
        """Put an event into the log, as it is now.

        Raises:
            TypeError: it is no event, or one of its values has no JSON form or the wrong type.
            TooManyMessages: this agent sends too much.
        """
        self._message_budget.spend(self.now)
        self._journal_port.log(event)

    # What reaches an agent, where a subclass does not handle it.

    def handler_for(self, kind: type[Any], handler: Callable[[Any], None]) -> Callable[[Any], None]:
        """Let the ear hear every frame, and the floor be taken, before the agent's own handler."""

        def hear(frame: Frame) -> None:
            port.heard += 1
            detector = self._utterance_detector
            noticed = None if detector is None else detector.hear(frame)
            if noticed is not None:
                self._notice(noticed)
            handler(frame)

        def take_floor(given: TakeFloor) -> None:
            self._floor_grant.take(given, self._patience())
            handler(given)

        port = self._port
        if kind is Frame:
            return hear
        return take_floor if kind is TakeFloor else handler

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send the next 20 ms; silence is sent too, for the mixer waits for each member."""
        pcm = self._tones.take()
        if pcm is None:
            may_speak = self._floor_grant.may_begin(tick.pts)
            pcm = self._speech_queue.frame(tick.pts, may_speak=may_speak)
        self._port.send(tick.pts, pcm)
        self._log_speech()
        if self._floor_grant.is_used(tick.pts, busy=self._speech_queue.busy):
            self.give_floor()

    @handles(Say)
    def _speak(self, say: Say) -> None:
        """Synthesise the words, outside the actor, and queue them as they come."""
        response = self._begin_reply(say.text, overlap=say.overlap)
        synthesizer = self._agent_context.engines.synthesizer
        voice, pace = self._agent_context.voice, self.pace_of_speech
        parts = iter(synthesizer.synthesize(say.text, voice, pace))
        self._next_part(response, say.text, parts)

    @handles(Play)
    def _play(self, play: Play) -> None:
        """Queue a recording."""
        text = f"[{play.title}]"
        response = self._begin_reply(text, overlap=play.overlap)
        # Whatever is played of it, its title says what it was.
        title = tuple(WordTiming(word, 0, 0) for word in text.split())
        self._speech_queue.add(response, SpeechPart(play.pcm, title, text))
        self._speech_queue.add(response, None)
        self._end_reply(response, text, "completed")

    @handles(PressKeys)
    def _press_keys(self, asked: PressKeys) -> None:
        """Press the keys of a cue."""
        self.press(asked.keys)

    @handles(StopSpeaking)
    @handles(LoseFloor)
    def _fall_silent(self, asked: StopSpeaking | LoseFloor) -> None:
        """Say nothing more, because another agent interrupts."""
        self.stop_speaking(asked.by)
        if isinstance(asked, LoseFloor):
            self.give_floor()

    @handles(ToolAsked)
    def _serve_tool(self, asked: ToolAsked) -> None:
        """Run one of the methods marked with `@tool`, in this turn."""
        method = self._methods.get(asked.tool)
        given = answer(method, asked.tool, asked.arguments, await_result=never_waits)
        asked.reply_to.tell(ToolAnswered(asked.call, given.output, given.error))

    @handles(Frame)
    @handles(SpeechStarted)
    @handles(SpeechStopped)
    @handles(Heard)
    @handles(KeyHeard)
    @handles(Begin)
    @handles(Prompt)
    @handles(TakeFloor)
    @handles(WindDown)
    def _ignore(self, message: object) -> None:
        """Nothing, unless a subclass wants to know."""

    def stopping(self) -> None:
        """Say what went through the agent's port, and end."""
        self.log_event(self._port.report(self.now, dropped=self._speech_queue.dropped))
        self.finish()

    def _patience(self) -> Samples | None:
        """When the floor is to be passed on if nothing has been said by then, None for never."""
        if self.handler_of(TakeFloor) is not Agent.handler_of(TakeFloor):
            return None
        return self.now + (HEARS_WITHIN if self._utterance_detector is not None else 0)

    def _has_words_left(self) -> bool:
        """Whether something is being said or keyed, or waits to be."""
        return self._tones.sound or super()._has_words_left()

    def _begin_reply(self, text: str, *, overlap: bool) -> str:
        self._replies += 1
        response = f"{self.name}_{self._replies}"
        self.log_event(ResponseStarted(pts=self.now, agent=self.name, response=response))
        self._speech_queue.begin(response, text, at_once=overlap)
        if not (overlap or self._floor_grant.may_speak):
            self.log_event(FloorWanted(pts=self.now, agent=self.name))
        return response

    def _end_reply(self, response: str, text: str, status: str) -> None:
        name = self.name
        self.log_event(
            ResponseDone(pts=self.now, agent=name, response=response, status=status, text=text)
        )

    def _next_part(self, response: str, text: str, parts: Iterator[SpeechPart]) -> None:
        def queue(part: SpeechPart | None) -> None:
            wanted = self._speech_queue.add(response, part)
            if wanted and part is not None:
                self._next_part(response, text, parts)
            else:
                self._end_reply(response, text, "completed" if wanted else "cancelled")

        self.work(JobKind.SYNTHESISE, lambda: next(parts, None), queue)

    def _notice(self, change: TurnStarted | Utterance) -> None:
        """What is heard has become speech, or an utterance has ended."""
        begins = isinstance(change, TurnStarted)
        self._utterances += begins
        item = f"{self.name}_heard_{self._utterances}"
        at = change.start if isinstance(change, TurnStarted) else change.end
        self.log_event(Listening(pts=self.now, agent=self.name, on=begins, item=item, at=at))
        if isinstance(change, Utterance):
            self._recognize(change, item)

    def _recognize(self, utterance: Utterance, item: str) -> None:
        def hear(recognition: Recognition) -> None:
            if recognition.text:
                heard = utterance.heard(recognition.text)
                self._log_heard(heard, item, recognition.score)
                self.address.tell(heard)
            else:
                self._understand_nothing()

        recognizer = self._agent_context.engines.recognizer
        self.work(JobKind.RECOGNISE, lambda: recognizer.recognize(utterance.pcm), hear)

    def _understand_nothing(self) -> None:
        """A stretch of speech was recognised, and had no words."""

    def _log_heard(self, heard: Heard, item: str, score: float) -> None:
        self.log_event(
            HeardText(
                pts=self.now,
                agent=self.name,
                speaker=heard.speaker,
                text=heard.text,
                start=heard.pts,
                end=heard.end,
                score=score_in_log(score),
                item=item,
            )
        )


def _checked(value: T, kind: type[T], call: str) -> T:
    """The value, if it is what a call takes: whatever took it later could not say whose it was."""
    if not isinstance(value, kind):
        raise TypeError(f"{call} takes {kind.__name__}, not {type(value).__name__}")
    return value
