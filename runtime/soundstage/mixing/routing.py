"""Which member hears which, and how loud: links and rooms as one matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


class Edge(Struct, frozen=True):
    """One agent hears another.

    Attributes:
        speaker: who is heard.
        listener: who hears.
        gain: the factor that samples are multiplied by.
        room: the room that joins them; empty for a link.
    """

    speaker: str
    listener: str
    gain: float = 1.0
    room: str = ""


class RoutingGraph:
    """The edges among the members, those of rooms as long as both are in the room.

    Args:
        members: all members, in the order of declaration.
        edges: at most one for each speaker and listener.
    """

    def __init__(self, members: Sequence[str], edges: Iterable[Edge]) -> None:
        self.members = tuple(members)
        self.edges = tuple(edges)
        self._index = {name: index for index, name in enumerate(self.members)}
        # Kept apart from the edges: an agent that comes back has the same edges as before.
        self._outside: set[tuple[str, str]] = set()
        # Each speaker's own, by the place of the listener: the order of declaration.
        self._heard_over = self._by_speaker()
        self._listeners: dict[str, tuple[str, ...]] = {}
        self._open: tuple[Edge, ...] | None = None

    def enter(self, agent: str, room: str) -> None:
        """The agent is in the room again, if it is one of its members."""
        self._outside.discard((agent, room))
        self._forget()

    def leave(self, agent: str, room: str) -> None:
        """The agent neither hears the others in the room nor is heard by them."""
        self._outside.add((agent, room))
        self._forget()

    def open_edges(self) -> tuple[Edge, ...]:
        """The edges that sound passes over now."""
        if not self._outside:
            return self.edges
        if self._open is None:
            self._open = tuple(edge for edge in self.edges if self._is_open(edge))
        return self._open

    def gains(self, over: Sequence[tuple[str, str]] = ()) -> NDArray[np.float64]:
        """Factors, listeners in rows and speakers in columns.

        Args:
            over: speaker and listener of edges that have a column of their own, after the members'.
        """
        members = len(self.members)
        column = {edge: members + place for place, edge in enumerate(over)}
        matrix = np.zeros((members, members + len(over)))
        for edge in self.open_edges():
            speaker = column.get((edge.speaker, edge.listener), self._index[edge.speaker])
            matrix[self._index[edge.listener], speaker] = edge.gain
        return matrix

    @property
    def has_shared_lines(self) -> bool:
        """Whether any member hears two others or more, in whatever rooms they are."""
        heard: dict[str, set[str]] = {}
        for edge in self.edges:
            heard.setdefault(edge.listener, set()).add(edge.speaker)
        return any(len(speakers) > 1 for speakers in heard.values())

    def listeners_of(self, speaker: str) -> tuple[str, ...]:
        """Who hears the speaker now, in the order of declaration."""
        # Asked at each start and end of speech, and changed only when an agent comes or goes.
        found = self._listeners.get(speaker)
        if found is None:
            edges = self._heard_over[speaker]
            if self._outside:
                edges = [edge for edge in edges if self._is_open(edge)]
            found = tuple(dict.fromkeys(edge.listener for edge in edges))
            self._listeners[speaker] = found
        return found

    def _by_speaker(self) -> dict[str, list[Edge]]:
        over: dict[str, list[Edge]] = {name: [] for name in self.members}
        for edge in self.edges:
            over[edge.speaker].append(edge)
        for edges in over.values():
            edges.sort(key=lambda edge: self._index[edge.listener])
        return over

    def _is_open(self, edge: Edge) -> bool:
        outside, room = self._outside, edge.room
        return (edge.speaker, room) not in outside and (edge.listener, room) not in outside

    def _forget(self) -> None:
        """Forget what was worked out: an agent has come or gone."""
        self._open = None
        self._listeners = {}
