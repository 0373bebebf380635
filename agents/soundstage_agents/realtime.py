"""The OpenAI Realtime peer: an agent whose mind is a Realtime session, wherever that runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from soundstage.agent import Agent, AgentContext, SpeakerTracker
from soundstage.audio import is_audible
from soundstage.kernel import handles
from soundstage.messages import (
    Begin,
    CutOff,
    Frame,
    FrameBlock,
    LoseFloor,
    Prompt,
    ReplyAsked,
    StopSpeaking,
    TakeFloor,
    Tick,
    TickBlock,
    TickPart,
    TransportEvent,
    WindDown,
)
from soundstage.messages.events import FloorWanted, Listening
from soundstage.realtime import QUIET
from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage_agents._barge_in import TRUNCATE_WITHIN, ReplyCut
from soundstage_agents._reply_playback import ReplyPlayback
from soundstage_agents._session_agent import SessionAgent
from soundstage_agents._session_event_log import SessionEventLog
from soundstage_agents._turn_taking import Ask, Cut, Pass

if TYPE_CHECKING:
    from soundstage.messages.events import Event
    from soundstage.realtime import Notification


class _Truncate(Struct, frozen=True):
    response: str


class _OtherProtocols(Mapping[str, type[Agent]]):
    """The class for agents of the Live protocol, loaded when a scenario has one: most have none."""

    def __getitem__(self, protocol: str) -> type[Agent]:
        if protocol != "live":
            raise KeyError(protocol)
        from soundstage_agents.live.live_agent import LiveAgent  # noqa: PLC0415 - as said above

        return LiveAgent

    def __iter__(self) -> Iterator[str]:
        return iter(("live",))

    def __len__(self) -> int:
        return 1


@lru_cache(maxsize=1024)
def _is_audible(pcm: bytes) -> bool:
    # Kept, as a frame is looked at each time that it is foreseen, and when it is played.
    return is_audible(pcm, QUIET)


class RealtimeAgent(SessionAgent):
    """Speaks and hears through a Realtime session, at OpenAI's or at the local endpoint.

    It is ready when the session has confirmed its configuration, so that the first words come
    with persona, voice and tools.
    """

    by_protocol: ClassVar[Mapping[str, type[Agent]]] = _OtherProtocols()

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._playback = ReplyPlayback(context.name)
        self._speakers = SpeakerTracker()
        self._event_log = SessionEventLog(
            context.name, self._playback, self._speakers, self._line.pts_of
        )
        self._reply_cut = ReplyCut(self._session, self._playback, self._event_log, self._port)
        self._prompts: deque[str] = deque()
        self._passed = 0
        self._is_plain = self._is_without_own(RealtimeAgent.speak_frame, RealtimeAgent.hear)

    @handles(TransportEvent)
    def receive(self, event: TransportEvent) -> None:
        """One event of the session."""
        self._log_wire(event.text, sent=False)
        self._follow(self._session.receive(event.text))
        if self._session.ready:
            self._confirmed()
        self._flush()

    @handles(Begin)
    def open_conversation(self, _: Begin) -> None:
        """All agents are ready: say the opening, if there is one."""
        if self.settings.opening_prompt is None:
            return
        if self._floor_grant.room:
            self._prompts.append(self.settings.opening_prompt)
        else:
            self._prompt(self.settings.opening_prompt)

    @handles(Prompt)
    def prompt(self, prompt: Prompt) -> None:
        """Have the session speak, in its own words."""
        if prompt.overlap or self._floor_grant.may_speak:
            self._prompt(prompt.text)
        else:
            self._prompts.append(prompt.text)
            self.log_event(FloorWanted(pts=self.now, agent=self.context.name))

    @handles(TakeFloor)
    def take_floor(self, given: TakeFloor) -> None:
        """Answer, as soon as everything has been heard that is to be answered."""
        self._turns.take_floor(given, self.now)

    @handles(StopSpeaking)
    @handles(LoseFloor)
    def fall_silent(self, asked: StopSpeaking | LoseFloor) -> None:
        """Stop whatever is being made or played."""
        self._turns.drop()
        self._cut(asked.by)
        if isinstance(asked, LoseFloor):
            self.give_floor()

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send on the next 20 ms of the session's voice."""
        pts, pcm = tick.pts, self._line.take()
        audible = pcm is not SILENCE and _is_audible(pcm)
        told = self._session.hear_frame(audible=audible)
        if told:
            self._follow(told)
            self._flush()
        audible = audible and self._session.gate_open
        if not audible:
            pcm = SILENCE
        for event in self._playback.frame(pts, audible=audible):
            self._tell(event)
        self._port.send(pts, self._tones.take() or pcm)
        if not self._turns.rests:
            self._take_turn()

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Let the session hear the mix."""
        if frame.speakers:
            self._event_log.heard_frame(frame)
        if self._turns.measures:
            self._turns.hear(frame, speaking=self._is_speaking)
        self._line.hear(frame)

    @handles(TickBlock)
    def speak_block(self, stretch: TickBlock) -> None:
        """Send on the frames of the session that were foreseen."""
        ticks, said = stretch.ticks, stretch.said[self.name]
        self.pass_part(TickPart(stretch, ticks))
        self._passed = 0
        frames = said and said[:ticks]
        is_silent = frames is None or all(pcm is SILENCE for pcm in frames)
        self._port.send_block(stretch.pts, ticks, None if is_silent else frames)

    @handles(TickPart)
    def pass_part(self, part: TickPart) -> None:
        """Let ticks pass for the session, as foreseen: it may tell words in the last of them."""
        stretch, first, ticks = part.stretch, self._passed, part.ticks - self._passed
        if not ticks:
            return
        self._passed = part.ticks
        pts, said = stretch.pts + first * FRAME_SAMPLES, stretch.said[self.name]
        self._line.skip(pts, ticks)
        frames = said[first : part.ticks] if said else ()
        places = [place for place, pcm in enumerate(frames) if pcm is not SILENCE]
        if (ahead := self._session.ahead) is not None:
            ahead.skip(ticks, (places[0], places[-1]) if places else None)
        end = pts + (places[-1] + 1) * FRAME_SAMPLES if places else None
        self._playback.skip(ticks, end)

    @handles(FrameBlock)
    def hear_block(self, block: FrameBlock) -> None:
        """Let the session hear the mixes of several ticks."""
        self._port.heard += block.ticks
        silent = [True] * block.ticks
        for place, speakers in enumerate(block.speakers or ()):
            if speakers:
                silent[place] = False
                self._speakers.note(block.pts + place * FRAME_SAMPLES, speakers, speakers)
        frames = block.frames or (SILENCE,) * block.ticks
        self._line.hear_block(block.pts, frames, silent)

    def _foresee_speech(self, stretch: TickBlock) -> None:
        busy = self._is_speaking or self._calls.under_way or self._session.owes
        waits = self._turns.waits(busy=bool(busy), holds=self._floor_grant.held)
        if self._tones.sound or not waits:
            stretch.ticks = 0
            return
        frames = self._line.foresee(stretch.pts, stretch.ticks)
        if frames.count(SILENCE) == len(frames):
            audible: list[bool] = []
        else:
            audible = [pcm is not SILENCE and _is_audible(pcm) for pcm in frames]
        is_any, is_open = True in audible, self._session.gate_open
        most = self._playback.foresee(len(frames), audible=is_any and is_open)
        ahead = self._session.ahead
        stretch.ticks = 0 if ahead is None else ahead.foresee(most, audible=is_any)
        if words := self._line.foresee_words(stretch.pts, stretch.ticks):
            stretch.words[self.name] = words
            # A subclass that looks at each event may do anything with it.
            if self.handler_of(TransportEvent) is not RealtimeAgent.receive:
                stretch.ticks = words[0]
        said = None
        if is_any and is_open:
            said = [pcm if heard else SILENCE for pcm, heard in zip(frames, audible, strict=True)]
        stretch.said[self.name] = said

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Hear what is still said, and answer it no more."""
        if self._session.stop_answering():
            self.context.ports.journal.tell(ReplyAsked(self.context.name))
        self._flush()

    @handles(CutOff)
    def cut_off(self, _: CutOff) -> None:
        """The run ends now: stop the reply, and have its session say what was heard of it."""
        self._turns.drop()
        self._prompts.clear()
        self._playback.cut_off()
        self._session.stop_answering()
        if self._is_speaking:
            self._session.cancel()
        self._flush()

    @handles(_Truncate)
    def settle_cut(self, cut: _Truncate) -> None:
        """The service did not say what was heard of the cut reply: estimate it."""
        for event in self._reply_cut.settle(cut.response, self.now):
            self._tell(event)

    def silence(self, response: str, by: str) -> None:
        """The reply was cut: what of it is under way must not be heard."""
        self._reply_cut.silence(self.now, by)
        self.after(TRUNCATE_WITHIN, _Truncate(response))

    def lose_reply(self) -> None:
        """The call is lost: tell what of a reply was heard, and that nothing more of it comes."""
        for event in self._event_log.dropped(self.now):
            self._tell(event)

    def settle(self) -> None:
        """However it ends, what was played is told, as well as it is known."""
        for event in self._playback.broken_off(self.now):
            self.log_event(event)

    def _has_words_left(self) -> bool:
        return self._is_speaking or super()._has_words_left()

    @property
    def _is_speaking(self) -> bool:
        """Whether a reply is being made or heard."""
        return self._session.replying or bool(self._playback.response)

    def _follow(self, notifications: list[Notification]) -> None:
        """Log what a session tells, and do what it asks for."""
        for notification in notifications:
            for made in self._event_log.events(notification, self.now):
                self._tell(made)
            self._event_log.act(notification, self)

    def _take_turn(self) -> None:
        """Do what the agent decides, rather than its session."""
        busy = self._is_speaking or self._calls.under_way or self._session.owes
        match self._turns.decide(self.now, busy=busy, holds=self._floor_grant.held):
            case Ask() as ask:
                self._ask(ask)
            case Cut():
                self._cut("")
            case Pass(to):
                self.give_floor(to)
            case None:
                pass

    def _ask(self, ask: Ask) -> None:
        if ask.commit:
            self._session.commit()
        prompt = self._prompts.popleft() if self._prompts and self._floor_grant.held else ""
        text = "\n".join(filter(None, (ask.labels, prompt)))
        if text:
            self._session.prompt(text)
        else:
            self._session.respond()
        self._flush()

    def _prompt(self, text: str) -> None:
        self._turns.asked()
        labels = self._turns.labels()
        self._session.prompt("\n".join(filter(None, (labels, text))))
        self._flush()

    def _cut(self, by: str) -> None:
        """Stop the reply that is being made or played, because of another agent."""
        self._reply_cut.ask(by)
        self._flush()

    def _tell(self, event: Event) -> None:
        self.log_event(event)
        self._turns.follow(event)
        if isinstance(event, Listening) and not event.on:
            self._turns.note_speaker(event.item, self._event_log.speaker_of(event))
