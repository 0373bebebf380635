"""Who sits where."""

from __future__ import annotations

from soundstage.web.seats import Seats, State


def test_each_visit_gets_a_seat_of_its_own_while_there_are_any() -> None:
    seats = Seats(2)
    taken = [seats.take(visit) for visit in ("ann", "ben", "cleo")]
    assert [seat and seat.number for seat in taken] == [1, 2, None]


def test_a_visit_that_comes_back_gets_the_same_seat() -> None:
    seats = Seats(2)
    seats.take("ann")
    ben = seats.take("ben")
    assert seats.take("ben") is ben


def test_a_seat_that_was_freed_is_the_next_one_to_be_taken() -> None:
    seats = Seats(2)
    ann = seats.take("ann")
    seats.take("ben")
    assert ann is not None
    ann.muted = True
    ann.clear()
    assert seats.take("cleo") is ann
    assert not ann.muted


def test_nobody_is_told_whose_a_seat_is() -> None:
    seats = Seats(1)
    seat = seats.take("secret of ann")
    assert seat is not None
    seat.state = State.SEATED
    assert seats.shown() == [{"seat": 1, "state": "seated", "muted": False}]
