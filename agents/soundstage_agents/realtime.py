"""The OpenAI Realtime peer: an agent whose mind is a Realtime session, wherever that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from msgspec import Struct
from pydantic import Field

from soundstage.agent import Agent, AgentSettings, Attribution, Given
from soundstage.audio import peak
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout
from soundstage.kernel import Phase, handles
from soundstage.messages import (
    Begin,
    Frame,
    Interrupt,
    Prompt,
    Tick,
    ToolAnswered,
    WindDown,
    WireEvent,
    WireLost,
    WireOpened,
)
from soundstage.messages.events import Wire as WireLogged
from soundstage.realtime import ClientSession, Ids, ToolRequested
from soundstage.units import SAMPLE_RATE, SILENCE, samples_of_seconds
from soundstage.values import LocalSettings, SessionFields, Text, ToolName, TurnDetection
from soundstage_agents._playback import Playback
from soundstage_agents._session_body import session_body
from soundstage_agents._signals import Translation
from soundstage_agents._tool_calls import ToolCalls, ToolDue, ToolLate

if TYPE_CHECKING:
    from soundstage.realtime import Wire

CONFIRM_WITHIN = samples_of_seconds(10)
"""How long `session.updated` may take after the channel has opened."""

QUIET = 4
"""Peaks up to this are silence: it is what silence becomes on its way through Opus."""

TRUNCATE_WITHIN = samples_of_seconds(0.5)
"""How long the far end may take to say what was heard of a reply that was cut."""


class _Confirm(Struct, frozen=True):
    """`session.updated` should have come by now."""


class _Truncate(Struct, frozen=True):
    response: str


class RealtimeAgent(Agent):
    """Speaks and hears through a Realtime session, at OpenAI's or at the local endpoint.

    It is ready when the session has confirmed its configuration, so that the first words come
    with persona, voice and tools.
    """

    auto_ready: ClassVar[bool] = False

    class Settings(AgentSettings):
        """The keys of a Realtime agent.

        Attributes:
            provider: which endpoint; the command line's where it is None.
            model: the model's name, as the provider knows it.
            instructions: the persona; the provider's own where it is None.
            opening_prompt: sent as a system item once everybody is ready.
            tools: names of the scenario's tools that it may call.
            turn_detection: when its session takes a turn to be over.
            session: every other session field, in the protocol's words.
            local: what the local endpoint answers in the model's place.
        """

        provider: str | None = None
        model: str = "gpt-realtime-2.1"
        instructions: Text | None = None
        opening_prompt: Text | None = None
        tools: tuple[ToolName, ...] = ()
        turn_detection: TurnDetection = TurnDetection()
        session: SessionFields = Field(default_factory=dict)
        local: LocalSettings = LocalSettings()

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._calls = ToolCalls(given, self._methods)
        body = session_body(given, self._calls.definitions())
        self._session = ClientSession(body, ids=Ids(given.stream("ids")))
        self._wire: Wire = given.open_wire(body)
        self._playback = Playback(given.name)
        self._attribution = Attribution()
        self._translation = Translation(given.name, self._playback, self._attribution)
        self._is_ready = False

    @classmethod
    def hears_words(cls) -> bool:
        """Its session does, and so it needs no ear of its own."""
        return True

    def started(self) -> None:
        """Call the endpoint."""
        self.pace(Phase.SOURCE)
        self._wire.open(self.address.tell)

    @handles(WireOpened)
    def configure(self, _: WireOpened) -> None:
        """The channel is open: the session's own first event sets the rest going."""
        self.after(CONFIRM_WITHIN, _Confirm())
        self._flush()

    @handles(WireEvent)
    def receive(self, event: WireEvent) -> None:
        """One event of the session."""
        self._log_wire(event.text, sent=False)
        signals = self._session.receive(event.text)
        for signal in signals:
            for made in self._translation.events(signal, self.now):
                self.log_event(made)
            self._translation.act(signal, self)
        if self._session.ready and not self._is_ready:
            self._is_ready = True
            self.ready()
        self._flush()

    @handles(WireLost)
    def lose(self, lost: WireLost) -> None:
        """The call could not be set up, or is gone: so is the agent, with the reason."""
        raise lost.error

    @handles(_Confirm)
    def check_confirmed(self, _: _Confirm) -> None:
        """A session that never confirms its configuration is no session."""
        if not self._is_ready:
            raise ConnectTimeout(
                f"{self.given.name}: the endpoint opened the channel but sent no session.updated "
                f"within {CONFIRM_WITHIN // SAMPLE_RATE} s; is it a GA Realtime endpoint?"
            )

    @handles(Begin)
    def open_conversation(self, _: Begin) -> None:
        """Everybody is ready: say the opening, if there is one."""
        if self.settings.opening_prompt is not None:
            self.prompt(Prompt(self.settings.opening_prompt))

    @handles(Prompt)
    def prompt(self, prompt: Prompt) -> None:
        """Have the session speak, in its own words."""
        self._session.prompt(prompt.text)
        self._flush()

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send on the next 20 ms of the session's voice."""
        pcm = self._wire.take()
        audible = pcm is not SILENCE and self._session.gate_open and _is_audible(pcm)
        if not audible:
            pcm = SILENCE
        for event in self._playback.frame(tick.pts, audible=audible):
            self.log_event(event)
        self._port.send(tick.pts, pcm, self._epoch)

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Let the session hear the mix."""
        self._translation.heard_frame(frame)
        self._wire.play(frame.pcm)

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Hear what is still said, and answer it no more."""
        self._session.stop_answering()
        self._flush()

    @handles(_Truncate)
    def settle_cut(self, cut: _Truncate) -> None:
        """Nobody said what was heard of the cut reply: estimate it."""
        if self._playback.response == cut.response:
            for event in self._playback.truncated(self.now, None):
                self.log_event(event)

    def silence(self, response: str, by: str) -> None:
        """The reply was cut: what of it is under way must not be heard."""
        self._epoch += 1
        self.given.mixer.tell(Interrupt(self.given.name, self.now, self._epoch, by))
        self.after(TRUNCATE_WITHIN, _Truncate(response))

    def refuse(self, code: str, message: str) -> None:
        """The endpoint will not have this session."""
        if code == "session_expired":
            raise ConnectionLost(f"{self.given.name}: {message}")
        raise CallRefused(
            f"{self.given.name}: the endpoint refused the session: {message}",
            status=400,
            code=code,
        )

    def call_tool(self, request: ToolRequested) -> None:
        """Run a tool outside the actor, for as long as it may take."""
        self._calls.begin(self, request, self.now)

    @handles(ToolAnswered)
    def hold_tool(self, answered: ToolAnswered) -> None:
        """An agent has run one of its methods for this one."""
        for event in self._calls.answered(self, answered):
            self.log_event(event)

    @handles(ToolDue)
    def return_tool(self, due: ToolDue) -> None:
        """A tool has answered: its result goes back to the session."""
        returned = self._calls.end(due.call_id, due.answer, self.now)
        if returned is not None:
            self._session.return_tool(due.call_id, due.answer.output)
            self._flush()
            self.log_event(returned)

    @handles(ToolLate)
    def give_up_tool(self, late: ToolLate) -> None:
        """A tool has taken too long: the model is told, and its result no longer wanted."""
        answer = self._calls.give_up(late.call_id)
        if answer is not None:
            self.return_tool(ToolDue(late.call_id, answer))

    def stopping(self) -> None:
        """Hang up."""
        for event in self._playback.frame(self.now, audible=False):
            self.log_event(event)
        wire = self._wire
        self.log_event(
            self._port.report(
                self.now, dropped=wire.dropped, concealed=wire.concealed, late=wire.late
            )
        )
        wire.close()
        self.finish()

    def closed(self) -> None:
        """However it ends, no call is left open, and no tool is waited for."""
        for event in self._calls.abandon(self.now):
            self.log_event(event)
        self._wire.close()

    def _flush(self) -> None:
        for event in self._session.outgoing():
            self._log_wire(event, sent=True)
            self._wire.send(event)

    def _log_wire(self, event: str | bytes, *, sent: bool) -> None:
        if self.given.log_wire:
            body = msgspec.json.decode(event)
            self.log_event(WireLogged(pts=self.now, agent=self.given.name, sent=sent, event=body))


def _is_audible(pcm: bytes) -> bool:
    return peak(pcm) > QUIET
