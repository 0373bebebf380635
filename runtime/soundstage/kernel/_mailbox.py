"""What waits for an actor: in order, but for the three urgent messages, and bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.messages import Interrupt, Kill, Mute

if TYPE_CHECKING:
    from collections import Counter

    from soundstage.kernel._policy import Limits


class Start(Struct, frozen=True):
    """Begin the incarnation of this number: before anything else, or there is nobody to tell."""

    incarnation: int


URGENT = frozenset({Start, Interrupt, Mute, Kill})


class Mailbox:
    """Letters in the order of their coming; `Interrupt`, `Mute` and `Kill` go ahead.

    Not thread-safe: a host that needs it puts a lock around.

    Args:
        limits: what may wait.
        drops: where dropped letters are counted, by `Type` or `Type:source`.

    Attributes:
        overflowed: whether more letters came than may wait; they were dropped.
    """

    def __init__(self, limits: Limits, drops: Counter[str]) -> None:
        self._bounded = limits.bounded
        self._most = limits.letters
        self._drops = drops
        self._urgent: deque[Any] = deque()
        self._ordinary: deque[Any] = deque()
        self._waiting: dict[tuple[type, str], int] = {}
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._urgent) + len(self._ordinary)

    def put(self, letter: Any) -> bool:
        """Keep a letter; the oldest of its kind goes where too many wait.

        Returns:
            Whether more letters wait now than before.
        """
        kind: type[Any] = type(letter)
        most = self._bounded.get(kind)
        if most is not None:
            key = (kind, getattr(letter, "source", ""))
            waiting = self._waiting.get(key, 0)
            if waiting >= most:
                self._drop_oldest(key)
                self._ordinary.append(letter)
                return False
            self._waiting[key] = waiting + 1
        elif kind in URGENT:
            self._urgent.append(letter)
            return True
        elif len(self._ordinary) >= self._most:
            self.overflowed = True
            self._drops[kind.__name__] += 1
            return False
        self._ordinary.append(letter)
        return True

    def get(self) -> Any:
        """Take the next letter; None where none waits."""
        if self._urgent:
            return self._urgent.popleft()
        if not self._ordinary:
            return None
        letter = self._ordinary.popleft()
        kind: type[Any] = type(letter)
        if kind in self._bounded:
            self._waiting[kind, getattr(letter, "source", "")] -= 1
        return letter

    def clear(self) -> int:
        """Drop everything that waits; returns how much that was."""
        lost = len(self)
        self._urgent.clear()
        self._ordinary.clear()
        self._waiting.clear()
        return lost

    def _drop_oldest(self, key: tuple[type, str]) -> None:
        kind, source = key
        for index, letter in enumerate(self._ordinary):
            if type(letter) is kind and getattr(letter, "source", "") == source:
                del self._ordinary[index]
                break
        self._drops[f"{kind.__name__}:{source}" if source else kind.__name__] += 1
