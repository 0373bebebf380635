"""The function calls of a session: each is acted on once, and answered together with its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.realtime.client.notifications import ToolAbandoned, ToolRequested
from soundstage.realtime.protocol.items import Item
from soundstage.realtime.recent import Recent

if TYPE_CHECKING:
    from soundstage.realtime.protocol.items import Response


class _Batch:
    """The calls of one response, in order, with the outputs that are there."""

    def __init__(self, calls: list[str]) -> None:
        self.outputs: dict[str, str | None] = dict.fromkeys(calls)
        self.respond = False

    @property
    def complete(self) -> bool:
        return None not in self.outputs.values()


class FunctionCalls:
    """Finds the calls in responses, and gathers what the tools return."""

    def __init__(self) -> None:
        self._batches: Recent[_Batch] = Recent()

    def requested(self, response: Response) -> list[ToolRequested]:
        """The calls that a finished response makes: none of one that was cut or has failed."""
        if response.status != "completed":
            return []
        # By call id: the same call stands in three events, and some servers list it twice.
        requests: dict[str, ToolRequested] = {}
        for item in response.output:
            call = item.call_id
            if item.type == "function_call" and call and call not in self._batches:
                name, arguments = item.name or "", item.arguments or ""
                requests.setdefault(call, ToolRequested(call, name, arguments, response.id))
        # Kept together: a response is asked for once, when all its calls have been answered.
        batch = _Batch(list(requests))
        for call in requests:
            self._batches.put(call, batch)
        return list(requests.values())

    def abandoned(self, response: Response) -> list[ToolAbandoned]:
        """The calls of a response that was cut or has failed: their arguments may be cut too."""
        if response.status == "completed":
            return []
        return [
            ToolAbandoned(item.call_id, item.name or "", response.id)
            for item in response.output
            if item.type == "function_call" and item.call_id
        ]

    def returned(self, call: str, output: str, *, respond: bool = True) -> list[Item]:
        """Take the output of a call, and whether it is to be answered.

        Returns:
            The items that answer the response's calls, once all of them have their output; none
            for a call that is unknown or has been answered.
        """
        batch = self._batches.get(call)
        if batch is None or batch.outputs[call] is not None:
            return []
        batch.outputs[call] = output
        # One result that is to be answered is enough.
        batch.respond |= respond
        if not batch.complete:
            return []
        return [
            Item(type="function_call_output", call_id=call_id, output=text)
            for call_id, text in batch.outputs.items()
        ]

    def wants_response(self, call: str) -> bool:
        """Whether any output of the response that made this call is to be answered."""
        batch = self._batches.get(call)
        return batch is not None and batch.respond
