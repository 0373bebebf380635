"""What a session remembers of a peer that may name as many things as it likes."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

MOST_REMEMBERED: Final = 512
"""More than a session has at once of anything; a conversation of an hour has some 2,000 items."""


class Recent(Generic[Value]):
    """Values by id; the oldest is forgotten when there are too many.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._values: dict[str, Value] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def put(self, key: str, value: Value) -> None:
        """Remember a value as the newest."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            # A dict keeps the order of insertion, so the first is the oldest.
            del self._values[next(iter(self._values))]

    def values(self) -> tuple[Value, ...]:
        """All that is remembered, the oldest first."""
        return tuple(self._values.values())

    def take_oldest(self) -> Value | None:
        """The oldest value, which is then forgotten; None where there is none."""
        return self._values.pop(next(iter(self._values), ""), None)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def get(self, key: str) -> Value | None:
        """The value of an id, or None."""
        return self._values.get(key)

    def pop(self, key: str) -> Value | None:
        """The value of an id, which is then forgotten, or None."""
        return self._values.pop(key, None)
