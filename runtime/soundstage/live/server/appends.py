"""What the application has the voice model know, say or obey, once the timeline has taken it in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.live.protocol.client_events import (
    CommentaryAppend,
    InstructionsAppend,
    ThinkingAppend,
)
from soundstage.live.protocol.server_events import (
    CommentaryAppended,
    InstructionsAppended,
    ThinkingAppended,
)
from soundstage.live.server.session_config import tokens_of, too_long
from soundstage.units import Samples, ms_of, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Container

    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.speaker.session_timeline import Timeline

AnyAppend: TypeAlias = InstructionsAppend | ThinkingAppend | CommentaryAppend

TAKES: Final[Samples] = samples_of_ms(200)
"""How long the timeline takes to take one in; the guide's example shows 200 ms."""

LONGEST: Final = 500
"""Tokens of one, as the SDK documents."""

MOST_WAITING: Final = 1000
"""More than three minutes of them; what the service does then is not known."""

_ACKNOWLEDGED: Final[
    dict[
        type[AnyAppend],
        type[InstructionsAppended | ThinkingAppended | CommentaryAppended],
    ]
] = {
    InstructionsAppend: InstructionsAppended,
    ThinkingAppend: ThinkingAppended,
    CommentaryAppend: CommentaryAppended,
}


class _Waiting(Struct, frozen=True):
    append: AnyAppend
    start: Samples
    end: Samples


class Appends:
    """Takes them in one after the other.

    Args:
        timeline: where the session is.
        events: takes the acknowledgements.
    """

    def __init__(self, timeline: Timeline, events: ServerOutbox) -> None:
        self._timeline = timeline
        self._events = events
        self._waiting: deque[_Waiting] = deque()

    @property
    def is_waiting(self) -> bool:
        """Whether one has not been taken in yet."""
        return bool(self._waiting)

    def put(self, append: AnyAppend, delegations: Container[str]) -> None:
        """Begin to take one in.

        Args:
            append: the client's event.
            delegations: the ids of those to the client.

        Raises:
            ClientFault: it is too long, or about a delegation that is none of these; or too many
                wait.
        """
        if tokens_of(append.content) > LONGEST:
            raise too_long("content", LONGEST)
        ident = append.delegation_id
        if ident is not None and ident not in delegations:
            message = f"No delegation to the client has the id '{ident}'."
            raise ClientFault("invalid_value", message, param="delegation_id")
        if len(self._waiting) >= MOST_WAITING:
            message = f"{MOST_WAITING} appends wait already to be taken in."
            raise ClientFault("invalid_event", message, param="type")
        start = self._timeline.position
        if self._waiting:
            start = max(start, self._waiting[-1].end)
        self._waiting.append(_Waiting(append, start, start + TAKES))

    def taken_in(self) -> list[AnyAppend]:
        """Those that have been taken in by now; each is acknowledged, and given once."""
        waiting, taken, now = self._waiting, list[AnyAppend](), self._timeline.position
        while waiting and waiting[0].end <= now:
            each = waiting.popleft()
            acknowledged = _ACKNOWLEDGED[type(each.append)]
            told = acknowledged(start_ms=ms_of(each.start), end_ms=ms_of(each.end))
            self._events.send(told, answers=each.append.event_id or None)
            taken.append(each.append)
        return taken

    def close(self) -> None:
        """The session ends: what was not taken in never is."""
        waiting, self._waiting = self._waiting, deque()
        for each in waiting:
            message = "The session was closed before this was taken in."
            self._events.refuse(ClientFault("invalid_event", message), each.append.event_id or None)
