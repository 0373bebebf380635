"""The order of packets that a network may have shuffled."""

from __future__ import annotations

from typing import Final

_MODULUS: Final = 1 << 16
_RESTART: Final = 100
"""A jump of so many numbers, either way, is a new stream and not a loss (as in RFC 3550, A.1)."""


class PacketOrder:
    """Gives packets back in the order of their sequence numbers.

    A packet that comes before its predecessor is held until that one has come, or until `hold`
    later ones are waiting as well: then the missing one counts as lost.

    Attributes:
        late: packets that came after they had been given up, or twice.
    """

    def __init__(self, hold: int = 1) -> None:
        self.late = 0
        self._hold = hold
        self._next: int | None = None
        self._waiting: dict[int, bytes] = {}

    @property
    def waiting(self) -> bool:
        """Whether a packet is missing and its successors are held for it."""
        return bool(self._waiting)

    def push(self, sequence: int, payload: bytes) -> list[bytes | None]:
        """Take one packet in.

        Args:
            sequence: its number, 0 to 65535.
            payload: what it carries.

        Returns:
            The payloads that are due now, in order; None stands for one that is lost.
        """
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) % _MODULUS
        if _RESTART <= ahead <= _MODULUS - _RESTART:
            self._waiting.clear()
            self._next = sequence
            ahead = 0
        if ahead >= _MODULUS - _RESTART or sequence in self._waiting:
            self.late += 1
            return []
        if ahead == 0 and not self._waiting:
            self._next = (sequence + 1) % _MODULUS
            return [payload]
        self._waiting[sequence] = payload
        return self._due()

    def _due(self) -> list[bytes | None]:
        due: list[bytes | None] = []
        while self._waiting and self._next is not None:
            payload = self._waiting.pop(self._next, None)
            if payload is None and len(self._waiting) <= self._hold:
                break
            due.append(payload)
            self._next = (self._next + 1) % _MODULUS
        return due
