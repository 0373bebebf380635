"""The Live peer: a full-duplex agent, whose session decides itself when to speak and to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from soundstage.agent import AgentContext, SpeakerTracker
from soundstage.audio import is_audible
from soundstage.errors import CallRefused, ConnectionLost
from soundstage.json_text import read_object
from soundstage.kernel import Phase, handles
from soundstage.live import (
    BackendFailed,
    ClientSession,
    Notification,
    WorkDelegated,
    server_events,
)
from soundstage.messages import (
    Begin,
    CutOff,
    Frame,
    FrameBlock,
    LoseFloor,
    Prompt,
    ReplyAsked,
    StopSpeaking,
    Tick,
    TickBlock,
    ToolAnswered,
    TransportEvent,
    TransportLost,
    TransportOpened,
    WindDown,
)
from soundstage.messages.events import HeardText, ToolCalled, Warned
from soundstage.messages.events import Wire as WireLogged
from soundstage.realtime import QUIET, Ids, OddField, SessionReady, SessionRefused, ToolRequested
from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage_agents._session_agent import ForeseeingAgent, SessionAgent
from soundstage_agents._session_line import SessionLine
from soundstage_agents._tool_dispatch import ToolDispatch, ToolDue, ToolLate
from soundstage_agents.live.heard_words import HeardWords, SessionTime
from soundstage_agents.live.live_tools import call_for, live_session_of
from soundstage_agents.live.speech_watch import SpeechWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from soundstage.messages.events import Event

_EXPECTED: Final = frozenset({"close_requested"})

_SERVERS_FAULT: Final = "server_error"
"""The type of an error that is not the client's; no other event tells of a reply that failed."""


class LiveAgent(ForeseeingAgent):
    """Speaks and hears through a Live session, at OpenAI's or at the local endpoint.

    It is ready when its session has started. There are no turns on the wire: what it says and
    when, and who has cut it, is seen in the sound; "heard" is what was played.
    """

    class Settings(SessionAgent.Settings):
        """The keys of an agent with a session, of either protocol."""

    auto_ready: ClassVar[bool] = False
    cues: ClassVar[frozenset[str]] = frozenset({"ask", "keys"})

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._calls = ToolDispatch(context, self._methods)
        self._tools = self._calls.definitions()
        body = live_session_of(self.settings, context.voice, self._tools)
        self._session = ClientSession(body, ids=Ids(context.stream("ids")))
        self._line = SessionLine(context.ports.open_wire, body, reconnects=False)
        self._speakers = SpeakerTracker()
        self._speech = SpeechWatch(context.name)
        self._time = SessionTime(self._line.pts_of)
        self._words = HeardWords(context.name, self._speakers, self._time)
        self._heard = ""
        self._delegated: set[str] = set()
        self._is_ready = self._is_hushed = self._is_winding_down = False
        self._audible: list[bool] = []
        self._is_plain = self._is_without_own(LiveAgent.speak_frame, LiveAgent.hear)

    @classmethod
    def hears_words(cls) -> bool:
        """Its session does, and so it needs no ear of its own."""
        return True

    def started(self) -> None:
        """Call the endpoint."""
        self.pace(Phase.SOURCE)
        self._line.open(self.address.tell)

    @handles(TransportOpened)
    def note_open(self, _: TransportOpened) -> None:
        """The call is there: its session says next that it has started."""
        self._line.opened()

    @handles(TransportLost)
    def lose(self, lost: TransportLost) -> None:
        """The call could not be set up, or is gone: so is the agent."""
        raise lost.error

    @handles(TransportEvent)
    def receive(self, event: TransportEvent) -> None:
        """One event of the session."""
        self._log_wire(event.text, sent=False)
        for notification in self._session.receive(event.text):
            self._follow(notification)
        self._flush()

    @handles(Begin)
    def open_conversation(self, _: Begin) -> None:
        """All agents are ready: say the opening, if there is one."""
        if self.settings.opening_prompt is not None:
            self._instruct(self.settings.opening_prompt)

    @handles(Prompt)
    def prompt(self, prompt: Prompt) -> None:
        """Have the session speak, in its own words."""
        self._instruct(prompt.text)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send on the next 20 ms of the session's voice."""
        pcm = self._line.take()
        audible = is_audible(pcm, QUIET)
        if self._is_hushed and not audible and not self._speech.is_speaking:
            self._is_hushed = self._is_winding_down
        if not audible or self._is_hushed:
            pcm, audible = SILENCE, False
        if audible and not self._speech.is_speaking:
            # What it answers was heard before: the log shall say so.
            self._tell(self._words.take(tick.pts))
        self._tell(self._speech.frame(tick.pts, audible=audible))
        self._tell(self._words.settle(tick.pts))
        if self._is_winding_down and not self._speech.is_speaking:
            self._is_hushed = True
        self._port.send(tick.pts, self._tones.take() or pcm)

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Let the session hear the mix."""
        self._speakers.note(frame.pts, frame.speakers, frame.voices)
        self._speech.hear(frame.pts, (frame.voices or frame.speakers or ("",))[0])
        self._line.hear(frame)

    @handles(TickBlock)
    def speak_block(self, stretch: TickBlock) -> None:
        """Send on the frames of the session that were foreseen."""
        pts, ticks, said = stretch.pts, stretch.ticks, stretch.said[self.name]
        self._line.skip(pts, ticks)
        frames = (said or (SILENCE,) * ticks)[:ticks]
        self._audible = [pcm is not SILENCE for pcm in frames]
        self._port.send_block(pts, ticks, frames if any(self._audible) else None)

    @handles(FrameBlock)
    def hear_block(self, block: FrameBlock) -> None:
        """Let the session hear the mixes of several ticks."""
        self._port.heard += block.ticks
        silent, heard = [True] * block.ticks, []
        for place, speakers in enumerate(block.speakers or ()):
            if speakers:
                pts = block.pts + place * FRAME_SAMPLES
                silent[place] = False
                heard.append((pts, speakers[0]))
                self._speakers.note(pts, speakers, speakers)
        # Only now: how much of its speech lies under another one's depends on both.
        self._speech.skip(block.pts, self._audible, heard)
        self._line.hear_block(block.pts, block.frames or (SILENCE,) * block.ticks, silent)

    @handles(StopSpeaking)
    @handles(LoseFloor)
    def fall_silent(self, asked: StopSpeaking | LoseFloor) -> None:
        """Say nothing more of what is being said: the session is not told, for it cannot be."""
        if self._speech.is_speaking:
            self._port.cut(self.now, asked.by)
            self._tell(self._speech.end(self.now, asked.by))
            self._is_hushed = True

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Hear what is still said, and let nothing new be heard."""
        self._is_winding_down = True
        if self._calls.under_way or self._session.owes:
            self.context.ports.journal.tell(ReplyAsked(self.context.name))

    @handles(CutOff)
    def cut_off(self, _: CutOff) -> None:
        """The run ends now: tell what was played, and say nothing more."""
        self._is_winding_down = self._is_hushed = True
        self._tell(self._words.take(self.now))
        self._tell(self._speech.end(self.now))
        self._session.close()
        self._flush()

    @handles(ToolAnswered)
    def take_tool_answer(self, answered: ToolAnswered) -> None:
        """An agent has run one of its methods for this one."""
        self._tell(self._calls.answered(self, answered))

    @handles(ToolDue)
    def return_tool(self, due: ToolDue) -> None:
        """A tool has answered: its result goes back to where it was asked for."""
        returned = self._calls.end(due.call_id, due.answer, self.now)
        if returned is None:
            return
        if due.call_id in self._delegated:
            self._delegated.discard(due.call_id)
            self._session.comment(due.answer.output, due.call_id)
        else:
            self._session.return_tool(due.call_id, due.answer.output)
        self._flush()
        self.log_event(returned)

    @handles(ToolLate)
    def give_up_tool(self, late: ToolLate) -> None:
        """A tool has taken too long: the backend is told, and its result no longer wanted."""
        answer = self._calls.give_up(late.call_id)
        if answer is not None:
            self.return_tool(ToolDue(late.call_id, answer))

    def settle(self) -> None:
        """However it ends, what was played is told."""
        self._tell(self._speech.end(self.now))

    def stopping(self) -> None:
        """End the session, and hang up."""
        self._session.close()
        self._flush()
        line = self._line
        self.log_event(
            self._port.report(
                self.now, dropped=line.dropped, concealed=line.concealed, late=line.late
            )
        )
        line.hang_up()
        self.finish()

    def closed(self) -> None:
        """However it ends, no call is left open, and no tool is waited for."""
        self._tell(self._calls.abandon(self.now))
        self._line.hang_up()

    def _foresee_speech(self, stretch: TickBlock) -> None:
        if self._is_hushed or self._is_winding_down or self._tones.sound:
            stretch.ticks = 0
            return
        pts = stretch.pts
        frames = self._line.foresee(pts, self._words.foresee(pts, stretch.ticks))
        audible = [pcm is not SILENCE and is_audible(pcm, QUIET) for pcm in frames]
        said = [pcm if heard else SILENCE for pcm, heard in zip(frames, audible, strict=True)]
        stretch.ticks = self._speech.foresee(pts, audible)
        stretch.said[self.name] = said if any(audible) else None

    def _has_words_left(self) -> bool:
        return self._speech.is_speaking or super()._has_words_left()

    def _instruct(self, text: str) -> None:
        self._session.instruct(text)
        self._flush()

    def _follow(self, notification: Notification) -> None:
        """Log what a session tells, and do what it asks for."""
        act = self._ACTS.get(type(notification))
        if act is not None:
            act(self, notification)

    def _confirm(self, _: SessionReady) -> None:
        if not self._is_ready:
            self._is_ready = True
            self.ready()

    def _refuse(self, refused: SessionRefused) -> None:
        said = f"{self.context.name}: the endpoint refused the session: {refused.message}"
        raise CallRefused(said, code=refused.code)

    def _end_session(self, event: server_events.SessionClosed) -> None:
        if not (self._is_winding_down and event.reason in _EXPECTED):
            raise ConnectionLost(f"{self.context.name}: the session is closed: {event.reason}")

    def _note_heard(self, event: server_events.InputTranscriptDelta) -> None:
        self._time.note(event.end_ms, self.now)
        self._tell(self._words.add(event.delta, event.start_ms, event.end_ms, self.now))

    def _note_said(self, event: server_events.OutputTranscriptDelta) -> None:
        self._time.note(event.end_ms, self.now)
        if not self._is_hushed:
            self._tell(self._speech.words(self.now, event.delta))

    def _call_tool(self, request: ToolRequested) -> None:
        self.log_event(
            ToolCalled(
                pts=self.now,
                agent=self.context.name,
                call=request.call_id,
                tool=request.name,
                arguments=request.arguments,
                response=request.response,
            )
        )
        self._calls.begin(self, request, self.now)

    def _do_delegated(self, work: WorkDelegated) -> None:
        self._tell(self._words.take(self.now))
        request = call_for(work.delegation, self._tools, self._heard)
        if request is None:
            self._warn("delegation", "work is handed to an agent that has no tool for it")
            return
        self._delegated.add(work.delegation)
        self._call_tool(request)

    def _warn_of_error(self, event: server_events.Error) -> None:
        code = event.error.code or event.error.type
        if event.error.type == _SERVERS_FAULT:
            self._tell(self._speech.lost_reply(self.now, code))
        self._warn(code, event.error.message)

    def _warn_of_backend(self, failed: BackendFailed) -> None:
        if failed.status == "failed":
            self._tell(self._speech.lost_reply(self.now, failed.status))
        self._warn("response", failed.message or f"{failed.response} came to nothing")

    def _warn_of_odd(self, odd: OddField) -> None:
        message = f"the endpoint's {odd.event} has an odd {odd.field}; the rest of it counts"
        self._warn("odd_field", message)

    def _warn(self, code: str, message: str) -> None:
        self.log_event(Warned(pts=self.now, agent=self.context.name, code=code, message=message))

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, HeardText):
                self._heard = event.text
            self.log_event(event)

    def _flush(self) -> None:
        for event in self._session.outgoing():
            self._log_wire(event, sent=True)
            self._line.send(event)

    def _log_wire(self, event: str | bytes, *, sent: bool) -> None:
        if self.context.identity.log_wire:
            body = read_object(event) or {"type": "", "unreadable": _text_of(event)}
            self.log_event(WireLogged(pts=self.now, agent=self.context.name, sent=sent, event=body))

    _ACTS: ClassVar[Mapping[type[Any], Callable[..., None]]] = {
        SessionReady: _confirm,
        SessionRefused: _refuse,
        server_events.SessionClosed: _end_session,
        server_events.InputTranscriptDelta: _note_heard,
        server_events.OutputTranscriptDelta: _note_said,
        server_events.Error: _warn_of_error,
        ToolRequested: _call_tool,
        WorkDelegated: _do_delegated,
        BackendFailed: _warn_of_backend,
        OddField: _warn_of_odd,
    }


def _text_of(event: str | bytes) -> str:
    return event if isinstance(event, str) else event.decode(errors="replace")
