"""What a response made, put together from all events that tell of it.

Servers of the GA protocol list it in `response.done`. Others leave that list empty, or leave out
of it what an event of its own has told: a call in `response.function_call_arguments.done`, words in
the deltas or in the `done` event of a transcript. Nothing of it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from soundstage.realtime.client.recent import Recent
from soundstage.realtime.protocol import server_events as server
from soundstage.realtime.protocol.items import Item, Part

if TYPE_CHECKING:
    from soundstage.realtime.client.notifications import Notification
    from soundstage.realtime.protocol.items import Response

Delta: TypeAlias = server.OutputTextDelta | server.OutputTranscriptDelta
Words: TypeAlias = Delta | server.OutputTextDone | server.OutputTranscriptDone
Made: TypeAlias = Words | server.OutputItemAdded | server.OutputItemDone | server.ArgumentsDone


class _Gathered:
    """The words of one response by item and part, and its calls by their ids."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[int, str]] = {}
        self.calls: dict[str, Item] = {}

    def parts(self, item: str) -> dict[int, str]:
        return self.messages.setdefault(item, {})


class ResponseOutput:
    """Gathers what responses make, until they are done."""

    def __init__(self) -> None:
        self._responses: Recent[_Gathered] = Recent()

    def take(self, event: Made) -> list[Notification]:
        """Take an event about what a response makes.

        Returns:
            The words that are new, as the delta that tells them; for all words of a part that no
            delta has told, one of them all.
        """
        gathered = self._gathered(event.response_id)
        match event:
            case server.OutputTextDelta() | server.OutputTranscriptDelta():
                parts = gathered.parts(event.item_id)
                parts[event.content_index] = parts.get(event.content_index, "") + event.delta
                return [event]
            case server.OutputTextDone():
                return _whole(gathered, event, event.text, server.OutputTextDelta)
            case server.OutputTranscriptDone():
                return _whole(gathered, event, event.transcript, server.OutputTranscriptDelta)
            case server.OutputItemAdded() | server.OutputItemDone():
                _take_item(gathered, event.item)
            case server.ArgumentsDone():
                call = Item(
                    id=event.item_id,
                    type="function_call",
                    status="completed",
                    call_id=event.call_id,
                    name=event.name,
                    arguments=event.arguments,
                )
                _take_item(gathered, call)
        return []

    def complete(self, response: Response) -> None:
        """Add to a response that is done what its list of items lacks."""
        gathered = self._responses.pop(response.id)
        if gathered is None:
            return
        listed = {item.call_id for item in response.output if item.type == "function_call"}
        calls = [
            call
            for ident, call in gathered.calls.items()
            # Of one that was begun and never finished, the arguments may be cut.
            if ident not in listed and call.status == "completed"
        ]
        response.output = [*_messages(gathered, response), *response.output, *calls]

    def _gathered(self, response: str) -> _Gathered:
        gathered = self._responses.get(response)
        if gathered is None:
            gathered = _Gathered()
            self._responses.put(response, gathered)
        return gathered


def _whole(
    gathered: _Gathered,
    event: server.OutputTextDone | server.OutputTranscriptDone,
    text: str,
    kind: type[Delta],
) -> list[Notification]:
    parts = gathered.parts(event.item_id)
    told = parts.get(event.content_index)
    if not text:
        return []
    parts[event.content_index] = text
    if told:
        return []
    return [
        kind(
            event_id=event.event_id,
            response_id=event.response_id,
            item_id=event.item_id,
            output_index=event.output_index,
            content_index=event.content_index,
            delta=text,
        )
    ]


def _take_item(gathered: _Gathered, item: Item) -> None:
    if item.type == "function_call" and item.call_id:
        known = gathered.calls.get(item.call_id, item)
        # The beta's `arguments.done` has no name, and the item that was added no arguments.
        item.name = item.name or known.name
        item.arguments = item.arguments or known.arguments
        gathered.calls[item.call_id] = item
    elif item.type == "message" and item.said:
        texts = (part.text or part.transcript or "" for part in item.content or [])
        gathered.messages[item.id or ""] = dict(enumerate(texts))


def _messages(gathered: _Gathered, response: Response) -> list[Item]:
    has_message = any(item.type == "message" for item in response.output)
    # Of a reply that was cut, a message without words says that nothing was heard.
    if response.said or (has_message and response.status != "completed"):
        return []
    return [
        Item(
            id=ident,
            type="message",
            role="assistant",
            status="completed" if response.status == "completed" else "incomplete",
            content=[Part(type="output_text", text=text) for text in parts.values() if text],
        )
        for ident, parts in gathered.messages.items()
        if any(parts.values())
    ]
