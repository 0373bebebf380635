"""What waits for an actor: in order, but for the three urgent messages, and bounded."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.messages import Interrupt, Kill, Mute

if TYPE_CHECKING:
    from soundstage.kernel.actor_options import Limits


class Start(Struct, frozen=True):
    """Begin the incarnation of this number; it overtakes every other letter."""

    incarnation: int


# These three are of no use behind a backlog of frames: a person has begun to speak, an agent is to
# be silent at once, or an actor does not end by itself.
URGENT = frozenset({Start, Interrupt, Mute, Kill})


class Mailbox:
    """Letters in the order of their coming; `Interrupt`, `Mute` and `Kill` go ahead.

    Not thread-safe: the host that has threads puts a lock around.

    Args:
        limits: what may wait.

    Attributes:
        drops: counts the letters that were dropped, by `Type` or `Type:source`, and as `lost`
            those that waited for an actor that ended or came after that.
        overflowed: whether more letters came than may wait; they were dropped.
    """

    def __init__(self, limits: Limits) -> None:
        self.drops: Counter[str] = Counter()
        self.overflowed = False
        self._is_closed = False
        self._urgent: deque[Any] = deque()
        self._ordinary: deque[Any] = deque()
        # How many letters of each bounded kind wait; None as long as no bound can be exceeded.
        self._waiting: dict[tuple[type, str], int] | None = None
        self.limit(limits)

    def __len__(self) -> int:
        return len(self._urgent) + len(self._ordinary)

    def limit(self, limits: Limits) -> None:
        """Let these bounds hold for every letter from now on; what waits already is kept."""
        self._bounded = limits.bounded
        self._most = limits.letters
        # While fewer letters wait than every bound allows, none is exceeded and nothing is counted.
        self._least = min((limits.letters, *limits.bounded.values()))
        self._roomy = 0 if self._is_closed else self._least
        self._waiting = None
        if len(self._ordinary) >= self._least:
            self._begin_to_count()

    def put(self, letter: Any) -> bool:
        """Keep a letter; the oldest of its kind goes where too many wait.

        Returns:
            Whether more letters wait now than before.
        """
        kind: type[Any] = type(letter)
        # The usual case, at every letter of a run.
        if len(self._ordinary) < self._roomy and kind not in URGENT:
            self._ordinary.append(letter)
            return True
        if self._is_closed:
            self.drops["lost"] += 1
            return False
        most = self._bounded.get(kind)
        if most is not None:
            # For each source on its own: one that floods must not push out another's frames.
            key = _key(letter)
            counted = self._begin_to_count() if self._waiting is None else self._waiting
            waiting = counted.get(key, 0)
            if waiting >= most:
                self._drop_oldest(key)
                self._ordinary.append(letter)
                return False
            counted[key] = waiting + 1
        elif kind in URGENT:
            self._urgent.append(letter)
            return True
        elif len(self._ordinary) >= self._most:
            # The newest one goes: to drop an older one would leave a gap in an order of events.
            self.overflowed = True
            self.drops[kind.__name__] += 1
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
        if self._waiting is not None:
            self._count_taken(letter, self._waiting)
        return letter

    def clear(self) -> None:
        """Drop everything that waits, and count it as lost."""
        self.drops["lost"] += len(self)
        self._urgent.clear()
        self._ordinary.clear()
        self._waiting = None
        self._roomy = 0 if self._is_closed else self._least

    def close(self) -> None:
        """Drop everything that waits and all that comes later, and count it as lost."""
        # In this order: a letter that comes in between is dropped by one of the two.
        self._is_closed = True
        self.clear()

    def _begin_to_count(self) -> dict[tuple[type, str], int]:
        """Count what waits, from now until nothing waits."""
        # What waits may be of a kind that was not bounded before, and is taken out as one that is.
        self._waiting = dict(Counter(map(_key, self._ordinary)))
        self._roomy = 0
        return self._waiting

    def _count_taken(self, letter: Any, waiting: dict[tuple[type, str], int]) -> None:
        if type(letter) in self._bounded:
            # The count saves a search through all that waits at every frame.
            waiting[_key(letter)] -= 1
        if not self._ordinary:
            self._waiting = None
            self._roomy = 0 if self._is_closed else self._least

    def _drop_oldest(self, key: tuple[type, str]) -> None:
        kind, source = key
        for index, letter in enumerate(self._ordinary):
            if _key(letter) == key:
                del self._ordinary[index]
                break
        self.drops[f"{kind.__name__}:{source}" if source else kind.__name__] += 1


def _key(letter: Any) -> tuple[type, str]:
    """Letters of one type are bounded for each source where the type has one."""
    return type(letter), getattr(letter, "source", "")
