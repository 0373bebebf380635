"""What a response made, put together from all events that tell of it, and whether it has ended.

Servers of the GA protocol list it in `response.done`. Others leave that list empty, or leave out
of it what an event of its own has told: a call in `response.function_call_arguments.done`, words in
the deltas or in the `done` event of a transcript. Nothing of it is lost.

A function that a response asks for is called when the response is done, and the next response is
asked for then. A server that loses `response.done` itself would leave the call without an answer
for ever, so that a response whose items are whole is taken to be done after a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from soundstage.realtime.protocol import server_events as server
from soundstage.realtime.protocol.items import Item, Part, Response
from soundstage.realtime.recent import Recent
from soundstage.units import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from soundstage.realtime.client.notifications import Notification
    from soundstage.realtime.protocol.event_codec import Unknown
    from soundstage.realtime.protocol.server_events import ServerEvent

Delta: TypeAlias = server.OutputTextDelta | server.OutputTranscriptDelta
Words: TypeAlias = Delta | server.OutputTextDone | server.OutputTranscriptDone
Made: TypeAlias = Words | server.OutputItemAdded | server.OutputItemDone | server.ArgumentsDone


CALLS_WAIT: Final = 2 * FRAMES_PER_SECOND
"""Frames without an event of a response that has asked for a function. Where servers do send its
end, it comes within milliseconds; one that comes later than this does no harm."""

MESSAGES_WAIT: Final = 5 * FRAMES_PER_SECOND
"""The same for one that has only spoken, from the end of its sound: models think between items."""


class _Gathered:
    """The words of one response by item and part, and its calls by their ids.

    Attributes:
        ident: the response's id.
        messages: the words.
        calls: the calls.
        begun: ids of items that are not whole.
        whole: ids of those that are.
        quiet: frames since its last event.
        told: whether it was said that it must have ended.
    """

    def __init__(self, ident: str) -> None:
        self.ident = ident
        self.messages: dict[str, dict[int, str]] = {}
        self.calls: dict[str, Item] = {}
        self.begun: set[str] = set()
        self.whole: set[str] = set()
        self.quiet = 0
        self.told = False

    @property
    def asks(self) -> bool:
        """Whether it has asked for a function."""
        return bool(self.calls) and any(call.status == "completed" for call in self.calls.values())

    @property
    def may_have_ended(self) -> bool:
        """Whether it may have ended, as far as its items tell, and nothing was said of that."""
        return not self.told and (self.asks or bool(self.whole and not self.begun))

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
            case server.OutputItemAdded():
                gathered.begun.add(event.item.id or "")
                _take_item(gathered, event.item)
            case server.OutputItemDone():
                gathered.begun.discard(event.item.id or "")
                gathered.whole.add(event.item.id or "")
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

    def note(self, event: ServerEvent | Unknown) -> None:
        """An event has come, of whatever kind: the response that it is about goes on."""
        gathered = self._responses.get(str(getattr(event, "response_id", "")))
        if gathered is not None:
            gathered.quiet = 0

    def foresee(self, most: int, playing: str | None) -> int:
        """Of how many of the next frames `frame` has nothing to tell; this changes nothing."""
        for gathered in self._responses.values():
            if gathered.may_have_ended and not _is_heard(gathered, playing):
                most = min(most, _wait_of(gathered) - gathered.quiet)
        return max(0, most)

    def skip(self, ticks: int, playing: str | None) -> None:
        """So many frames have gone by of which nothing was told."""
        for gathered in self._responses.values():
            gathered.quiet = 0 if _is_heard(gathered, playing) else gathered.quiet + ticks

    def frame(self, playing: str | None) -> list[Response]:
        """One frame has gone by; the responses that must have ended by now, without their items.

        Args:
            playing: the response that is being heard.
        """
        lost: list[Response] = []
        for gathered in self._responses.values():
            gathered.quiet = 0 if _is_heard(gathered, playing) else gathered.quiet + 1
            if gathered.quiet > _wait_of(gathered) and gathered.may_have_ended:
                lost.append(_ended(gathered))
        return lost

    def followed(self, by: str) -> list[Response]:
        """Another response of the conversation has begun: those before it must have ended."""
        before = [each for each in self._responses.values() if each.ident != by]
        return [_ended(gathered) for gathered in before if gathered.may_have_ended]

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
            gathered = _Gathered(response)
            self._responses.put(response, gathered)
        return gathered


def _is_heard(gathered: _Gathered, playing: str | None) -> bool:
    # Long after it was made, a reply is still being heard.
    return gathered.ident == playing and not gathered.asks


def _wait_of(gathered: _Gathered) -> int:
    # A call waits for its answer, and what was only spoken for nothing.
    return CALLS_WAIT if gathered.asks else MESSAGES_WAIT


def _ended(gathered: _Gathered) -> Response:
    gathered.told = True
    # How it ended was in the event that is lost; with whole items, it ended well.
    return Response(id=gathered.ident, status="completed")


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
