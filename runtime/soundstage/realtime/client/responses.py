"""One response of the conversation at a time: a request made meanwhile waits."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct

from soundstage.realtime.protocol.client_events import ConversationItemCreate, ResponseCreate
from soundstage.realtime.protocol.items import Item
from soundstage.realtime.recent import MOST_REMEMBERED, Recent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.realtime.client.outbox import ClientOutbox
    from soundstage.realtime.protocol.items import ErrorBody, Response

ALREADY_ACTIVE = "conversation_already_has_active_response"


class ResponseRequest(Struct, frozen=True):
    """A response to ask for.

    Attributes:
        item: what goes into the conversation right before it, if anything does.
        params: overrides of the session for this response.
    """

    item: Item | None = None
    params: dict[str, Any] | None = None

    @property
    def out_of_band(self) -> bool:
        """Whether it stays out of the conversation, where any number may run at once."""
        return (self.params or {}).get("conversation") == "none"


class ResponseRequests:
    """Asks for responses and knows which are being made.

    Turn detection makes responses as well, unasked; when it was quicker, a request that the
    server refused for that reason is made again.

    Args:
        outbox: takes the events.
    """

    def __init__(self, outbox: ClientOutbox) -> None:
        self._outbox = outbox
        self._queue: deque[ResponseRequest] = deque()
        self._active: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._out_of_band: Recent[ResponseRequest] = Recent()
        self._params: Recent[dict[str, Any] | None] = Recent()
        self._over: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._lost: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._asked = ("", ResponseRequest())
        self._asked_out_of_band: Recent[ResponseRequest] = Recent()
        self._waits = False
        self._open = False
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether a response of the conversation is being made, or has been asked for."""
        return self._waits or bool(self._active)

    @property
    def awaits(self) -> bool:
        """Whether a response of the conversation has been asked for that has not begun."""
        return self._waits and not self._active

    @property
    def active(self) -> tuple[str, ...]:
        """The responses of the conversation that are being made."""
        return tuple(self._active)

    def ask(self, request: ResponseRequest) -> None:
        """Ask for a response, as soon as that can be; not any more after `stop`."""
        if self._stopped:
            return
        # Out of band, a response stands in the way of no other one.
        if request.out_of_band:
            again = ResponseRequest(params=request.params)
            self._asked_out_of_band.put(self._create(request), again)
            return
        # One response answers everything before it, so a second bare request would say nothing
        # new.
        if request == ResponseRequest() and self._queue and self._queue[-1].params is None:
            return
        self._queue.append(request)
        self._ask_next()

    def open(self) -> None:
        """The session is configured: ask for what has waited for that."""
        self._open = True
        self._ask_next()

    def forget(self) -> None:
        """Forget what has not been asked for yet."""
        self._queue.clear()

    def stop(self) -> None:
        """Forget what has not been asked for yet, and ask for nothing more."""
        self._stopped = True
        self.forget()

    def restart(self, unheard: Iterable[str]) -> list[ResponseRequest]:
        """The call is lost: forget all that was asked of it.

        Args:
            unheard: the responses of the conversation of which nothing was heard.

        Returns:
            What is to be asked for again, in order; the items of what had been asked for are in
            the conversation already.
        """
        again = [self._params.get(each) for each in unheard]
        if self._waits and self._asked[0] and not self._active:
            again.append(self._asked[1].params)
        # One response answers everything before it.
        once = [params for place, params in enumerate(again) if params or place == len(again) - 1]
        requests = [ResponseRequest(params=params) for params in once]
        requests += [*self._asked_out_of_band.values(), *self._out_of_band.values()]
        # What was not asked for yet still has its item.
        requests += self._queue
        self._queue.clear()
        self._active.clear()
        self._out_of_band.clear()
        self._asked_out_of_band.clear()
        self._asked, self._waits, self._open = ("", ResponseRequest()), False, False
        return requests

    def started(self, response: Response) -> bool:
        """A response is being made; False when that was known."""
        ident = response.id
        if any(
            ident in known for known in (self._active, self._out_of_band, self._over, self._lost)
        ):
            return False
        # Some servers give no conversation id at all: it tells only where such a response was
        # asked for.
        asked = None if response.conversation_id else self._asked_out_of_band.take_oldest()
        if asked is not None:
            self._out_of_band.put(ident, asked)
        else:
            self._params.put(ident, self._asked[1].params if self._waits else None)
            self._waits = False
            self._active.append(ident)
        return True

    def done(self, ident: str, *, lost: bool = False) -> bool:
        """A response has been made; False when that was known.

        Args:
            ident: its id.
            lost: whether the server has not said so.
        """
        if ident in self._lost:
            self._lost.remove(ident)
            self._over.append(ident)
            # It may have been in the way of what was asked for since.
            if not self._active and not self._asked[0]:
                self._waits = False
                self._ask_next()
            return False
        if ident in self._over:
            return False
        # Kept apart: the server's own word on it may still come, and then counts.
        (self._lost if lost else self._over).append(ident)
        if ident in self._out_of_band:
            self._out_of_band.pop(ident)
            return True
        # A response may end here that never began: its `response.created` could not be read.
        if ident in self._active:
            self._active.remove(ident)
        self._waits = False
        self._ask_next()
        return True

    def is_out_of_band(self, ident: str) -> bool:
        """Whether a response that is being made stays out of the conversation."""
        return ident in self._out_of_band

    def is_over(self, ident: str) -> bool:
        """Whether a response has been made."""
        return ident in self._over

    def is_lost(self, ident: str) -> bool:
        """Whether a response counts as made though the server has not said so."""
        return ident in self._lost

    def refused(self, error: ErrorBody) -> bool:
        """The server refused an event; True when it has been dealt with here."""
        # Some servers give the code as the type.
        in_the_way = ALREADY_ACTIVE in {error.code, error.type}
        named = error.event_id or ""
        if named in self._asked_out_of_band:
            self._asked_out_of_band.pop(named)
            return False
        event_id, request = self._asked
        if not event_id or (named != event_id and not (in_the_way and not named)):
            return False
        self._asked = ("", ResponseRequest())
        if not in_the_way:
            self._waits = False
            self._ask_next()
            return False
        # The response that is in the way has not ended, so its end will set this going again.
        self._waits = True
        if not self._stopped:
            # Its item is in the conversation already: only the response is asked for again.
            self._queue.appendleft(ResponseRequest(params=request.params))
        return True

    def _ask_next(self) -> None:
        if self._open and self._queue and not self.busy:
            request = self._queue.popleft()
            self._waits = True
            # Remembered with its event, for a server that refuses it because turn detection was
            # quicker.
            self._asked = (self._create(request), request)

    def _create(self, request: ResponseRequest) -> str:
        if request.item is not None:
            self._outbox.send(ConversationItemCreate(item=request.item))
        params = UNSET if request.params is None else request.params
        return self._outbox.send(ResponseCreate(response=params))
