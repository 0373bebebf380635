"""The tools that a peer's session has asked for, and that have not answered yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.agent import WorkDone
from soundstage.errors import JobLate
from soundstage.kernel import JobKind
from soundstage.messages import ToolAnswered, ToolAsked
from soundstage.messages.events import ToolDropped, ToolReturned
from soundstage.tools import (
    Answer,
    GiveFloorTool,
    Mark,
    MockTool,
    ReadyTool,
    ServedTool,
    answer,
    failed,
    late,
    mark_of,
)
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.agent import AgentContext
    from soundstage.kernel import Actor
    from soundstage.messages.events import Event
    from soundstage.realtime import ToolRequested
    from soundstage.tools import FunctionTool
    from soundstage.units import Samples

UNKNOWN_TIMEOUT = samples_of_seconds(10)
"""For a tool that does not exist, which answers at once that it does not."""

MOST_LATE = 100
"""Calls that have been given up, and whose answer would still be recognised."""


class ToolDue(Struct, frozen=True):
    """A tool has answered, and the time that it is made to take has passed."""

    call_id: str
    answer: Answer


class ToolLate(Struct, frozen=True):
    """A tool has had all the time it may take."""

    call_id: str


class _Open(Struct, frozen=True):
    request: ToolRequested
    timeout: Samples
    asked: Samples
    due: Samples


class ToolDispatch:
    """Keeps who asked for what and when; each call is answered once.

    Args:
        context: the peer's; its tools, and the stream that latencies are drawn from.
        methods: the peer's own, which run in its turns.
    """

    def __init__(self, context: AgentContext, methods: Mapping[str, FunctionTool]) -> None:
        self._context = context
        self._stream = context.stream("tools")
        self._methods = methods
        self._open: dict[str, _Open] = {}
        self._given_up: dict[str, str] = {}

    @property
    def under_way(self) -> bool:
        """Whether any has not answered yet."""
        return bool(self._open)

    def is_answered(self, call: str, answer: Answer) -> bool:
        """Whether the session is to say something about what a call has given."""
        opened = self._open.get(call)
        ready = None if opened is None else self._context.services.tools.get(opened.request.name)
        return ready is None or ready.answered or bool(answer.error)

    def definitions(self) -> list[dict[str, Any]]:
        """The tools as the session declares them."""
        tools = self._context.services.tools
        own = [tool for name, tool in self._methods.items() if name not in tools]
        return [tool.definition() for tool in (*(ready.tool for ready in tools.values()), *own)]

    def begin(self, actor: Actor, request: ToolRequested, now: Samples) -> None:
        """Have a tool run, outside the actor unless it is one of an agent's methods.

        The actor is told `ToolDue` or `ToolAnswered` once there is an answer, and `ToolLate` when
        the time is up.
        """
        ready = self._ready(actor, request.name)
        timeout = UNKNOWN_TIMEOUT if ready is None else ready.timeout
        latency = None if ready is None else ready.latency
        due = now if latency is None else now + latency.draw(self._stream)
        call = request.call_id
        self._open[call] = _Open(request, timeout, now, due)
        actor.after(timeout, ToolLate(call))
        if ready is not None and isinstance(ready.tool, ServedTool):
            ready.tool.tell(ToolAsked(call, request.name, request.arguments, actor.address))
            return

        def give_back(answer: Answer) -> None:
            # What is late on the wall's clock is so on the actor's too, and `ToolLate` comes.
            if not answer.is_late:
                self.hold(actor, call, answer)

        name, arguments = request.name, request.arguments
        if ready is None or isinstance(ready.tool, MockTool | GiveFloorTool):
            give_back(answer(None if ready is None else ready.tool, name, arguments))
            return

        def give_error(error: Exception) -> WorkDone:
            is_late = isinstance(error, JobLate)
            return WorkDone(give_back, late(name, timeout) if is_late else failed(name, error))

        actor.submit(
            JobKind.TOOL,
            partial(self._context.services.run_tool, ready, name, arguments),
            result=partial(WorkDone, give_back),
            error=give_error,
            within=timeout,
        )

    def answered(self, actor: Actor, answered: ToolAnswered) -> list[Event]:
        """An agent has run one of its methods; what is to be logged if it is no longer wanted."""
        dropped = self._given_up.pop(answered.call, None)
        if dropped is not None:
            return [self._dropped(actor.now, answered.call, dropped, "late")]
        self.hold(actor, answered.call, Answer(answered.output, answered.error))
        return []

    def hold(self, actor: Actor, call: str, answer: Answer) -> None:
        """Keep an answer until the time that the tool is made to take has passed."""
        opened = self._open.get(call)
        if opened is not None:
            actor.after(max(0, opened.due - actor.now), ToolDue(call, answer))

    def give_up(self, call: str) -> Answer | None:
        """What the model is told of a call that took too long; None where it has its answer."""
        opened = self._open.get(call)
        if opened is None:
            return None
        self._given_up[call] = opened.request.name
        if len(self._given_up) > MOST_LATE:
            del self._given_up[next(iter(self._given_up))]
        return late(opened.request.name, opened.timeout)

    def end(self, call: str, answer: Answer, now: Samples) -> ToolReturned | None:
        """The event for the log; None for a call that has been answered already."""
        opened = self._open.pop(call, None)
        if opened is None:
            return None
        return ToolReturned(
            pts=now,
            agent=self._context.name,
            call=call,
            tool=opened.request.name,
            output=answer.output,
            latency=now - opened.asked,
            error=answer.error,
        )

    def abandon(self, now: Samples) -> list[ToolDropped]:
        """The agent ends: what has not been answered is of no use any more."""
        opened, self._open = self._open, {}
        return [
            self._dropped(now, call, each.request.name, "ended") for call, each in opened.items()
        ]

    def _ready(self, actor: Actor, name: str) -> ReadyTool | None:
        method = self._methods.get(name)
        if name in self._context.services.tools or method is None:
            return self._context.services.tools.get(name)
        mark = mark_of(getattr(actor, name)) or Mark()
        return ReadyTool(ServedTool(method, actor.address.tell), mark.timeout, mark.latency)

    def _dropped(self, now: Samples, call: str, tool: str, reason: str) -> ToolDropped:
        return ToolDropped(pts=now, agent=self._context.name, call=call, tool=tool, reason=reason)
