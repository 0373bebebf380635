"""One response of the backend, told in the events of the Responses API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.live.protocol.server_events import ResponseEvent
from soundstage.live.server.session_config import tokens_of

if TYPE_CHECKING:
    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.realtime import FunctionCall, Ids

Fields = dict[str, Any]


class BackendResponse:
    """Tells what a response makes, in order.

    Its snapshots have no output, no tools and no instructions, as the service's have not: what a
    function is called with is in `response.output_item.done` alone.

    Args:
        ids: for its items.
        events: takes the events.
        delegation: whose work it is.
        model: the backend's.
        unix_time: seconds since 1970.
        ident: its id, where it has been told already.

    Attributes:
        id: the response's.
    """

    def __init__(
        self,
        ids: Ids,
        events: ServerOutbox,
        *,
        delegation: str | None,
        model: str,
        unix_time: int,
        ident: str,
    ) -> None:
        self.id = ident
        self._ids = ids
        self._events = events
        self._delegation = delegation
        self._model = model
        self._unix_time = unix_time
        self._sequence = 0
        self._outputs = 0
        self._tokens = 0

    def create(self) -> None:
        """It begins."""
        self._tell("response.created", response=self._snapshot("in_progress"))
        self._tell("response.in_progress", response=self._snapshot("in_progress"))

    def call(self, call: FunctionCall, call_id: str, *, complete: bool) -> None:
        """It calls a function; one whose arguments break off is incomplete."""
        status = "completed" if complete else "incomplete"
        item: Fields = {
            "id": self._ids.make("fc"),
            "type": "function_call",
            "call_id": call_id,
            "name": call.name,
        }
        place = {"output_index": self._outputs}
        of_item = {**place, "item_id": item["id"]}
        begun = {**item, "arguments": "", "status": "in_progress"}
        self._tell("response.output_item.added", **place, item=begun)
        self._tell("response.function_call_arguments.delta", **of_item, delta=call.arguments)
        self._tell(
            "response.function_call_arguments.done",
            **of_item,
            name=call.name,
            arguments=call.arguments,
        )
        done = {**item, "arguments": call.arguments, "status": status}
        self._tell("response.output_item.done", **place, item=done)
        self._end_item(call.arguments)

    def write(self, text: str, *, complete: bool) -> None:
        """It writes a message."""
        item: Fields = {"id": self._ids.make("msg"), "type": "message", "role": "assistant"}
        place = {"output_index": self._outputs}
        within = {**place, "item_id": item["id"], "content_index": 0}
        part: Fields = {"type": "output_text", "annotations": [], "text": text}
        begun = {**item, "status": "in_progress", "content": []}
        self._tell("response.output_item.added", **place, item=begun)
        self._tell("response.content_part.added", **within, part={**part, "text": ""})
        for word in _pieces(text):
            self._tell("response.output_text.delta", **within, delta=word, logprobs=[])
        self._tell("response.output_text.done", **within, text=text, logprobs=[])
        self._tell("response.content_part.done", **within, part=part)
        status = "completed" if complete else "incomplete"
        done = {**item, "status": status, "content": [part]}
        self._tell("response.output_item.done", **place, item=done)
        self._end_item(text)

    def complete(self) -> None:
        """It is complete, also where its functions have not answered."""
        self._tell("response.completed", response=self._snapshot("completed", usage=self._usage()))

    def break_off(self, reason: str) -> None:
        """It stops before it is complete."""
        snapshot = self._snapshot("incomplete", usage=self._usage())
        snapshot["incomplete_details"] = {"reason": reason}
        self._tell("response.incomplete", response=snapshot)

    def fail(self, message: str) -> None:
        """It has failed."""
        snapshot = self._snapshot("failed")
        snapshot["error"] = {"code": "server_error", "message": message}
        self._tell("response.failed", response=snapshot)

    def _end_item(self, text: str) -> None:
        self._outputs += 1
        self._tokens += tokens_of(text)

    def _tell(self, kind: str, **fields: Any) -> None:
        event = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        self._events.send(ResponseEvent(event=event, delegation_id=self._delegation))

    def _snapshot(self, status: str, usage: Fields | None = None) -> Fields:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._unix_time,
            "status": status,
            "model": self._model,
            "output": [],
            "tools": [],
            "instructions": None,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "temperature": None,
            "top_p": None,
            "metadata": {},
            "error": None,
            "incomplete_details": None,
            "usage": usage,
        }

    def _usage(self) -> Fields:
        return {
            "input_tokens": 0,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": self._tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self._tokens,
        }


def _pieces(text: str) -> list[str]:
    """The words, each with the space before it."""
    words = text.split(" ")
    return [f" {word}" if number else word for number, word in enumerate(words)]
