"""The tools that a peer's session has asked for, and that have not answered yet."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from soundstage.messages.events import ToolReturned
from soundstage.tools import Answer, answer
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.agent import Given
    from soundstage.realtime import ToolRequested
    from soundstage.units import Samples

UNKNOWN_TIMEOUT = samples_of_seconds(10)
"""For a tool that does not exist, which answers at once that it does not."""


class ToolCalls:
    """Keeps who asked for what and when; each call is answered once.

    Args:
        given: the peer's; its tools, and the stream that latencies are drawn from.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._stream = given.stream("tools")
        self._open: dict[str, tuple[ToolRequested, Samples]] = {}

    def begin(self, request: ToolRequested, now: Samples) -> Samples:
        """Note a call; how long its answer is to be held back."""
        self._open[request.call_id] = (request, now)
        ready = self._given.tools.get(request.name)
        if ready is None or ready.latency is None:
            return 0
        return ready.latency.draw(self._stream)

    def timeout(self, request: ToolRequested) -> Samples:
        """How long the tool may take."""
        ready = self._given.tools.get(request.name)
        return UNKNOWN_TIMEOUT if ready is None else ready.timeout

    def runner(self, request: ToolRequested) -> Callable[[], Answer]:
        """What runs the tool, to be called outside the actor."""
        ready = self._given.tools.get(request.name)
        tool = None if ready is None else ready.tool
        return partial(answer, tool, request.name, request.arguments)

    def too_late(self, call_id: str) -> Answer:
        """What the model is told in place of a result that did not come in time."""
        if call_id not in self._open:
            return Answer("{}")
        request, _ = self._open[call_id]
        message = f"{request.name} took longer than {seconds_of(self.timeout(request)):g} s"
        return Answer(json.dumps({"error": message}), message)

    def end(self, call_id: str, given: Answer, now: Samples) -> ToolReturned | None:
        """The event for the log; None for a call that has been answered already."""
        request, asked = self._open.pop(call_id, (None, 0))
        if request is None:
            return None
        return ToolReturned(
            pts=now,
            agent=self._given.name,
            call=call_id,
            tool=request.name,
            output=given.output,
            latency=now - asked,
            error=given.error,
        )
