"""An agent that answers through a Realtime session: its table, the call, its tools, and its end."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, TypeAlias, cast

from msgspec import Struct
from pydantic import Field, StrictInt, model_validator

from soundstage.agent import Agent, AgentContext, AgentSettings, Opens, UsesTools
from soundstage.config.values import (
    Duration,
    SessionFields,
    Text,
    TurnDetection,
    fault_within,
    is_table,
)
from soundstage.endpoint import DEFAULT_LIVE_MODEL, ApiProtocol, CallsEndpoint
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout
from soundstage.json_text import read_object
from soundstage.kernel import Phase, handles
from soundstage.messages import (
    Entry,
    Frame,
    Levels,
    Tick,
    ToolAnswered,
    TransportLost,
    TransportOpened,
)
from soundstage.messages.events import Dropped, Reconnected
from soundstage.messages.events import Wire as WireLogged
from soundstage.realtime import ClientSession, Ids, ToolRequested, is_final, wait_before
from soundstage.tools import GIVE_FLOOR
from soundstage.units import SAMPLE_RATE, SILENCE, samples_of_seconds
from soundstage_agents._session_line import FromCall, GapOver, PlaceAgain, SessionLine
from soundstage_agents._tool_dispatch import ToolDispatch, ToolDue, ToolLate
from soundstage_agents._turn_taking import TurnTaking

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soundstage.messages import TickBlock
    from soundstage.units import Samples

Fields: TypeAlias = "dict[str, Any]"

TRANSCRIBER = "gpt-transcribe"
"""The model that writes down what a session hears; the local endpoint takes its own recogniser."""

CONFIRM_WITHIN = samples_of_seconds(10)
"""How long `session.updated` may take after the channel has opened."""


_OF_REALTIME: Final = {"turn_detection", "on_drop", "reconnects", "reconnect_within"}
_OF_LIVE: Final = {"delegation", "backend"}


class _Confirm(Struct, frozen=True):
    """`session.updated` should have come by now; `call` counts the channels that have opened."""

    call: int


class ForeseeingAgent(Agent):
    """Is told many ticks at once, on the virtual clock, where its session only passes sound."""

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.SOURCE, Phase.SESSION)

    _line: SessionLine
    _is_plain: bool

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Know what the session will play, and whether what it hears means anything to it."""
        if not self._is_plain:
            stretch.ticks = 0
        elif phase is Phase.SOURCE:
            self._foresee_speech(stretch)
        elif (block := stretch.heard.get(self.name)) is not None:
            if stretch.words and self.handler_of(Entry) is not None:
                # It follows the log, so that it may act on words in the midst of the stretch.
                stretch.ticks = stretch.until_words()
            frames = block.frames or (SILENCE,) * stretch.ticks
            stretch.ticks = self._line.foresee_hearing(frames[: stretch.ticks])

    @abstractmethod
    def _foresee_speech(self, stretch: TickBlock) -> None:
        """Lower `stretch.ticks` to those in which nothing but frames is sent, and tell these."""

    def _is_without_own(self, speak: Callable[..., None], hear: Callable[..., None]) -> bool:
        """Whether no subclass looks at each frame, or makes each: such a one is told each tick.

        Args:
            speak: what handles a tick where there is no subclass.
            hear: likewise, a frame.
        """
        own: dict[type[Any], Callable[..., None]] = {Tick: speak, Frame: hear}
        return (
            type(self).on_receive is Agent.on_receive
            and all(self.handler_of(kind) is handler for kind, handler in own.items())
            and self.handler_of(Levels) is None
        )


class SessionAgent(ForeseeingAgent):
    """Holds a session at the end of a wire.

    It is ready when the session has confirmed its configuration, so that the first words come
    with persona, voice and tools.
    """

    class Settings(AgentSettings, CallsEndpoint, Opens, UsesTools):
        """The keys of a Realtime agent.

        Attributes:
            model: the model's name, as the provider knows it.
            instructions: the persona; the provider's own where it is None.
            protocol: of its session: `realtime`, or `live` for the full-duplex models (GPT-Live),
                whose default model is `gpt-live-1.1`.
            delegation: of a Live session: to which end its work goes: `responses`, a backend that
                calls the tools, or `client`, the agent itself, which calls its one tool with what
                was said last.
            backend: of a Live session: the model of that backend, as the provider knows it.
            turn_detection: when its session takes a turn to be over, and what interrupts it.
            session: every other session field, in the protocol's words.
            on_drop: what is done when the call is lost, or its session expires: `fault` goes on
                to `on_fault`, `reconnect` calls again and goes on with the conversation.
            reconnects: how many losses are mended; the next one goes on to `on_fault`.
            reconnect_within: how long the agent may be without a session; then, too.
        """

        model: str = "gpt-realtime-2.1"
        protocol: ApiProtocol = "realtime"
        instructions: Text | None = None
        delegation: Literal["responses", "client"] = "responses"
        backend: str = "gpt-5.6"
        turn_detection: TurnDetection = TurnDetection()
        session: SessionFields = Field(default_factory=dict)
        on_drop: Literal["fault", "reconnect"] = "fault"
        reconnects: StrictInt = Field(default=10, ge=1, le=1000)
        reconnect_within: Duration = Duration("30s")

        @model_validator(mode="before")
        @classmethod
        def _has_the_model_of_its_protocol(cls, value: object) -> object:
            if is_table(value) and value.get("protocol") == "live" and "model" not in value:
                return {**value, "model": DEFAULT_LIVE_MODEL}
            return value

        @model_validator(mode="after")
        def _has_the_keys_of_its_protocol(self) -> Self:
            wrong = _OF_REALTIME if self.protocol == "live" else _OF_LIVE
            for key in sorted(self.model_fields_set & wrong):
                other = "realtime" if self.protocol == "live" else "live"
                raise fault_within([((key,), f'goes with protocol = "{other}"')])
            if self.protocol == "live" and self.delegation == "client" and len(self.tools) > 1:
                reason = 'has one tool at most with delegation = "client": it is not told which'
                raise fault_within([(("tools",), reason)])
            return self

    auto_ready: ClassVar[bool] = False
    cues: ClassVar[frozenset[str]] = frozenset({"ask", "keys"})

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._turns = TurnTaking(context, self.settings.turn_detection)
        self._calls = ToolDispatch(context, self._methods)
        tools, switched_off = self._calls.definitions(), self._turns.wire
        body = session_of(self.settings, context.voice, tools, switched_off)
        self._body = body
        self._session = ClientSession(body, ids=Ids(context.stream("ids")))
        reconnects = self.settings.on_drop == "reconnect"
        self._line = SessionLine(context.ports.open_wire, body, reconnects=reconnects)
        self._is_ready = False
        self._opened = self._drops = 0
        self._gap: Samples | None = None
        self._attempts = 0
        self._why: Exception = ConnectionLost("the call is lost")

    @classmethod
    def hears_words(cls) -> bool:
        """Its session does, and so it needs no ear of its own."""
        return True

    def started(self) -> None:
        """Call the endpoint."""
        self.pace(Phase.SOURCE)
        self._line.open(self.address.tell)

    @handles(TransportOpened)
    def configure(self, _: TransportOpened) -> None:
        """The channel is open: the session's own first event sets the rest going."""
        self._line.opened()
        self._opened += 1
        self.after(CONFIRM_WITHIN, _Confirm(self._opened))
        self._flush()

    @handles(TransportLost)
    def lose(self, lost: TransportLost) -> None:
        """The call could not be set up, or is gone: so is the agent, unless it calls again."""
        error = lost.error
        if self._gap is None:
            if self.settings.on_drop == "fault" or not self._is_ready:
                raise error
            if self._drops >= self.settings.reconnects:
                raise error
            self._begin_gap(error)
        elif is_final(error):
            raise error
        self._why = error
        self._line.hang_up()
        self.after(wait_before(self._attempts), PlaceAgain(self._drops))
        self._attempts += 1

    @handles(FromCall)
    def receive_from_call(self, posted: FromCall) -> None:
        """Only the present call counts: what a lost one still said may come after its end."""
        if self._line.is_present(posted.number):
            self.on_receive(posted.message)

    @handles(PlaceAgain)
    def place_again(self, due: PlaceAgain) -> None:
        """Make another call for the same conversation."""
        if self._gap is not None and due.drop == self._drops:
            self._session.start_again()
            self._line.place({**self._body, **self._session.changes.present}, self.address.tell)

    @handles(GapOver)
    def end_gap(self, over: GapOver) -> None:
        """The conversation has waited as long as it may."""
        if self._gap is not None and over.drop == self._drops:
            raise self._why

    @handles(_Confirm)
    def check_confirmed(self, due: _Confirm) -> None:
        """A session that never confirms its configuration is no session."""
        if not self._session.ready and due.call == self._opened:
            late = ConnectTimeout(
                f"{self.context.name}: the endpoint opened the channel but sent no session.updated "
                f"within {CONFIRM_WITHIN // SAMPLE_RATE} s; is it a GA Realtime endpoint?"
            )
            self.lose(TransportLost(late))

    def refuse(self, code: str, message: str) -> None:
        """The endpoint will not have this session."""
        if code == "session_expired":
            error: Exception = ConnectionLost(f"{self.context.name}: {message}")
        else:
            said = f"{self.context.name}: the endpoint refused the session: {message}"
            error = CallRefused(said, code=code)
        self.lose(TransportLost(error))

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
        respond = self._calls.is_answered(due.call_id, due.answer)
        returned = self._calls.end(due.call_id, due.answer, self.now)
        if returned is not None:
            if returned.tool == GIVE_FLOOR and not returned.error:
                self._turns.give_floor(str(read_object(returned.output).get("to", "")))
            self._session.return_tool(due.call_id, due.answer.output, respond=respond)
            if self._session.owes:
                self._turns.owe()
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
        for event in self._calls.abandon(self.now):
            self.log_event(event)
        self._line.hang_up()

    def lose_reply(self) -> None:
        """The call is lost: tell what of a reply was heard, and that nothing more of it comes."""

    def _confirmed(self) -> None:
        """The session has its settings: the agent takes part, or goes on."""
        if not self._is_ready:
            self._is_ready = True
            self.ready()
        elif self._gap is not None:
            gap, self._gap = self.now - self._gap, None
            self._session.catch_up(self._line.resume())
            self.log_event(
                Reconnected(pts=self.now, agent=self.name, gap=gap, attempts=self._attempts)
            )

    def _begin_gap(self, error: Exception) -> None:
        self._drops += 1
        self._gap, self._attempts = self.now, 0
        said = f"{type(error).__name__}: {error}"
        self.log_event(Dropped(pts=self.now, agent=self.name, error=said))
        self.lose_reply()
        plan = self._session.resume(asks_itself=self._turns.asks_itself)
        self._turns.lose_session(self.now, hears_again=plan.turn_again_ms is not None)
        self._line.lose(plan.hear_from_ms)
        self.after(self.settings.reconnect_within, GapOver(self._drops))

    def _flush(self) -> None:
        for event in self._session.outgoing():
            self._log_wire(event, sent=True)
            self._line.send(event)

    def _log_wire(self, event: str | bytes, *, sent: bool) -> None:
        if self.context.identity.log_wire:
            body = read_object(event) or {"type": "", "unreadable": _text_of(event)}
            self.log_event(WireLogged(pts=self.now, agent=self.context.name, sent=sent, event=body))


def _text_of(event: str | bytes) -> str:
    return event if isinstance(event, str) else event.decode(errors="replace")


def session_of(
    settings: SessionAgent.Settings,
    voice: str,
    tools: Sequence[Fields],
    switched_off: Mapping[str, bool],
) -> dict[str, Any]:
    """The `session` of the call and of `session.update`, in the protocol's words.

    Args:
        settings: the agent's table.
        voice: the agent's.
        tools: the definitions of what it may call.
        switched_off: what of its turn detection the agent does itself.
    """
    detection = settings.turn_detection.wire()
    body: dict[str, Any] = {
        "type": "realtime",
        "model": settings.model,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": TRANSCRIBER},
                "turn_detection": None if detection is None else {**detection, **switched_off},
            },
            "output": {"voice": voice},
        },
    }
    if settings.instructions is not None:
        body["instructions"] = settings.instructions
    if tools:
        body["tools"] = list(tools)
    return merged(body, settings.session)


def merged(under: Fields, over: Fields) -> Fields:
    """Two tables as one: tables in both are merged in the same way, else `over` counts."""
    both = under | over
    for key in under.keys() & over.keys():
        old, new = under[key], over[key]
        if isinstance(old, dict) and isinstance(new, dict):
            both[key] = merged(cast("Fields", old), cast("Fields", new))
    return both
