"""The calls of one session, one after the other."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from dummy_wire import DummyWire

from soundstage.messages import Frame, TransportEvent, TransportOpened
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE
from soundstage_agents._session_line import FromCall, SessionLine


class Wire(DummyWire):
    """A wire that keeps what it is given to be heard, and counts what it lost."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[bytes] = []
        self.closed = False
        self.dropped, self.concealed, self.late = 1, 2, 3

    def play(self, pcm: bytes) -> None:
        self.heard.append(pcm)

    def take(self) -> bytes:
        return b"\x01" * FRAME_BYTES

    def close(self) -> None:
        self.closed = True


class Line:
    """A line with its wires, and what came of them."""

    def __init__(self, *, reconnects: bool = True) -> None:
        self.wires: list[Wire] = []
        self.posted: list[Any] = []
        self.bodies: list[dict[str, Any]] = []
        self.line = SessionLine(self.make, {"model": "m"}, reconnects=reconnects)
        self.tick = 0

    def make(self, body: dict[str, Any]) -> Wire:
        self.bodies.append(body)
        self.wires.append(Wire())
        return self.wires[-1]

    def hear(self, *marks: int) -> None:
        for mark in marks:
            self.tick += 1
            pcm = bytes([mark]) * FRAME_BYTES
            speakers = ("bob",) if mark else ()
            self.line.hear(Frame("a", self.tick * FRAME_SAMPLES, pcm, speakers=speakers))

    def marks(self, wire: int) -> list[int]:
        return [pcm[0] for pcm in self.wires[wire].heard]


def test_what_a_single_call_posts_comes_as_it_is() -> None:
    made = Line(reconnects=False)
    made.line.open(made.posted.append)
    assert made.posted[0] == TransportOpened("call")
    assert isinstance(made.posted[1], TransportEvent)


def test_what_a_lost_call_still_posts_is_known_to_be_of_that_call() -> None:
    made = Line()
    made.line.open(made.posted.append)
    first = made.posted[0]
    assert isinstance(first, FromCall)
    assert made.line.is_present(first.number)
    made.line.lose(0)
    assert not made.line.is_present(first.number)
    made.line.place({"model": "n"}, made.posted.append)
    assert not made.line.is_present(first.number)
    assert made.line.is_present(made.posted[-1].number)
    assert made.bodies == [{"model": "m"}, {"model": "n"}]


def test_what_is_heard_in_a_gap_is_heard_by_the_next_call_once_it_is_configured() -> None:
    made = Line()
    made.line.open(made.posted.append)
    made.line.opened()
    made.hear(1, 2)
    made.line.lose(20)
    assert made.wires[0].closed
    assert made.line.take() == SILENCE
    made.hear(3)
    made.line.place({}, made.posted.append)
    made.line.opened()
    made.hear(4)
    assert made.line.resume() == 60
    made.hear(0, 0)
    assert made.marks(0) == [1, 2]
    assert made.marks(1) == [0, 2, 3]
    assert made.line.take() != SILENCE


def test_what_was_lost_on_all_calls_is_counted_together() -> None:
    made = Line()
    made.line.lose(0)
    made.line.place({}, made.posted.append)
    assert (made.line.dropped, made.line.concealed, made.line.late) == (2, 4, 6)


def test_a_call_that_was_lost_is_let_go_and_its_counts_are_kept() -> None:
    line = Line()
    line.line.lose(0)
    line.line.place({"model": "m"}, line.posted.append)
    lost = weakref.ref(line.wires.pop(0))
    gc.collect()

    assert lost() is None
    counts = line.line.dropped, line.line.concealed, line.line.late
    assert counts == (2, 4, 6)
