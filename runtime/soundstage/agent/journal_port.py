"""An agent's port to the event log: what is handed over is what the log will have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from soundstage.messages import Entry
from soundstage.messages.events import Event

if TYPE_CHECKING:
    from soundstage.kernel import Address

E = TypeVar("E", bound=Event)


class JournalPort:
    """Sends an agent's events.

    Args:
        journal: where they go.
    """

    def __init__(self, journal: Address) -> None:
        self._journal = journal

    def log(self, event: Event) -> None:
        """Send an event.

        Raises:
            TypeError: it is no event, or one of its values has no JSON form or the wrong type.
        """
        self._journal.tell(Entry(as_logged(event)))


def as_logged(event: E) -> E:
    """The event as the log will have it, apart from whatever the agent still changes.

    It is encoded at once, in the agent's own turn: later it would be the recorder that fails at
    a value of the agent's, and a list that has been changed since would be logged as it is then.

    Raises:
        TypeError: as for `JournalPort.log`.
    """
    if not isinstance(cast("object", event), Event):
        raise TypeError(f"the log takes events, not {type(event).__name__}")
    try:
        text = msgspec.json.encode(event)
    except UnicodeEncodeError:
        # Half of a surrogate pair, as a model or a recogniser may give it: JSON has no room for it.
        text = msgspec.json.encode(_encodable(msgspec.to_builtins(event)))
    try:
        return msgspec.json.decode(text, type=type(event))
    except msgspec.ValidationError as error:
        raise TypeError(f"{type(event).__name__}: {error}") from None


def _encodable(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_encodable(each) for each in cast("list[object]", value)]
        case dict():
            table = cast("dict[object, object]", value)
            return {_encodable(key): _encodable(each) for key, each in table.items()}
        case _:
            return value
