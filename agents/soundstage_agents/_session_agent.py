"""An agent whose mind is a Realtime session: the call, its tools, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec import Struct

from soundstage.agent import Agent, AgentContext
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout
from soundstage.json_text import NotJson, read_json
from soundstage.kernel import Phase, handles
from soundstage.messages import ToolAnswered, TransportLost, TransportOpened
from soundstage.messages.events import Wire as WireLogged
from soundstage.realtime import ClientSession, Ids, ToolRequested
from soundstage.tools import GIVE_FLOOR
from soundstage.units import SAMPLE_RATE, samples_of_seconds
from soundstage_agents._session_settings import SessionSettings, session_of
from soundstage_agents._tool_calls import ToolCalls, ToolDue, ToolLate
from soundstage_agents._turn_taking import TurnTaking

if TYPE_CHECKING:
    from soundstage.realtime import SessionTransport

CONFIRM_WITHIN = samples_of_seconds(10)
"""How long `session.updated` may take after the channel has opened."""


class _Confirm(Struct, frozen=True):
    """`session.updated` should have come by now."""


class SessionAgent(Agent):
    """Holds a session at the end of a wire.

    It is ready when the session has confirmed its configuration, so that the first words come
    with persona, voice and tools.
    """

    class Settings(SessionSettings):
        """The keys of a Realtime agent."""

    auto_ready: ClassVar[bool] = False
    cues: ClassVar[frozenset[str]] = frozenset({"ask"})

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._turns = TurnTaking(context, self.settings.turn_detection)
        self._calls = ToolCalls(context, self._methods)
        tools, switched_off = self._calls.definitions(), self._turns.wire
        body = session_of(self.settings, context.voice, tools, switched_off)
        self._session = ClientSession(body, ids=Ids(context.stream("ids")))
        self._wire: SessionTransport = context.ports.open_wire(body)
        self._is_ready = False

    @classmethod
    def hears_words(cls) -> bool:
        """Its session does, and so it needs no ear of its own."""
        return True

    def started(self) -> None:
        """Call the endpoint."""
        self.pace(Phase.SOURCE)
        self._wire.open(self.address.tell)

    @handles(TransportOpened)
    def configure(self, _: TransportOpened) -> None:
        """The channel is open: the session's own first event sets the rest going."""
        self.after(CONFIRM_WITHIN, _Confirm())
        self._flush()

    @handles(TransportLost)
    def lose(self, lost: TransportLost) -> None:
        """The call could not be set up, or is gone: so is the agent, with the reason."""
        raise lost.error

    @handles(_Confirm)
    def check_confirmed(self, _: _Confirm) -> None:
        """A session that never confirms its configuration is no session."""
        if not self._is_ready:
            raise ConnectTimeout(
                f"{self.context.name}: the endpoint opened the channel but sent no session.updated "
                f"within {CONFIRM_WITHIN // SAMPLE_RATE} s; is it a GA Realtime endpoint?"
            )

    def refuse(self, code: str, message: str) -> None:
        """The endpoint will not have this session."""
        if code == "session_expired":
            raise ConnectionLost(f"{self.context.name}: {message}")
        raise CallRefused(
            f"{self.context.name}: the endpoint refused the session: {message}",
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
        respond = self._calls.is_answered(due.call_id, due.answer)
        returned = self._calls.end(due.call_id, due.answer, self.now)
        if returned is not None:
            if returned.tool == GIVE_FLOOR and not returned.error:
                self._turns.give_floor(str(_fields_of(returned.output).get("to", "")))
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
        if self.context.identity.log_wire:
            body = _fields_of(event) or {"type": "", "unreadable": _text_of(event)}
            self.log_event(WireLogged(pts=self.now, agent=self.context.name, sent=sent, event=body))


def _fields_of(text: str | bytes) -> dict[str, Any]:
    """The JSON object that a text holds; an empty one where it holds none."""
    try:
        value = read_json(text)
    except NotJson:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text_of(event: str | bytes) -> str:
    return event if isinstance(event, str) else event.decode(errors="replace")
