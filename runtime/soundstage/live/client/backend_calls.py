"""The functions that the backend calls, read from the events of its responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.live.client.notifications import BackendFailed
from soundstage.realtime import ToolRequested
from soundstage.realtime import json_reading as reading

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_CALLS: Final = 1000
_FAILED: Final = frozenset({"response.failed", "response.incomplete"})


class BackendCalls:
    """Tells of each call once, when the response that makes it is complete.

    A call is read from `response.output_item.done`: the snapshots of a response have no output. One
    whose arguments broke off has the status `incomplete`, and is none; nor is one of a response
    that has failed, whose output the service refuses. So what a function has answered before that
    is known is held back.
    """

    def __init__(self) -> None:
        self._coming: list[ToolRequested] = []
        self._held: dict[str, str] = {}
        self._open: dict[str, bool] = {}
        self._response = ""

    @property
    def are_open(self) -> bool:
        """Whether a function has still to answer."""
        return not all(self._open.values())

    def follow(self, event: Mapping[str, Any]) -> tuple[list[ToolRequested], BackendFailed | None]:
        """One event of a response: the calls to be made now, and that it came to nothing.

        With the calls, answers that were held may be due.
        """
        kind, response = (
            reading.text_in(event.get("type")),
            reading.object_in(event.get("response")),
        )
        if kind == "response.created":
            self._response, self._coming = reading.text_in(response.get("id")), []
            self._held.clear()
        elif kind == "response.output_item.done":
            self._note(reading.object_in(event.get("item")))
        elif kind == "response.completed":
            return self._take(), None
        elif kind in _FAILED:
            self._coming = []
            self._held.clear()
            why = reading.object_in(response.get("error")) or reading.object_in(
                response.get("incomplete_details")
            )
            said = reading.text_in(why.get("message")) or reading.text_in(why.get("reason"))
            ident = reading.text_in(response.get("id")) or self._response
            return [], BackendFailed(ident, said, kind.removeprefix("response."))
        return [], None

    def hold(self, call_id: str, output: str) -> bool:
        """Hold an answer to a call whose response is not complete; whether it is such a call."""
        if all(each.call_id != call_id for each in self._coming):
            return False
        self._held.setdefault(call_id, output)
        return True

    def take_held(self) -> list[tuple[str, str]]:
        """The answers, each with its call, that need not be held any more."""
        held, self._held = self._held, {}
        return [*held.items()]

    def answered(self, call_id: str) -> bool:
        """A function has answered; whether it was the last one."""
        if self._open.get(call_id) is not False:
            return False
        self._open[call_id] = True
        return not self.are_open

    def _note(self, item: Mapping[str, Any]) -> None:
        call_id, name = (
            reading.text_in(item.get("call_id")),
            reading.text_in(item.get("name")),
        )
        is_call = item.get("type") == "function_call" and item.get("status") != "incomplete"
        if is_call and call_id and call_id not in self._open:
            name = reading.text_in(item.get("name"))
            arguments = reading.text_in(item.get("arguments"))
            self._coming.append(ToolRequested(call_id, name, arguments, self._response))

    def _take(self) -> list[ToolRequested]:
        coming, self._coming = self._coming, []
        new: list[ToolRequested] = []
        for each in coming:
            if each.call_id not in self._open:
                self._open[each.call_id] = False
                if each.call_id not in self._held:
                    new.append(each)
        for ident in [i for i, done in self._open.items() if done][:-_MOST_CALLS]:
            del self._open[ident]
        return new
