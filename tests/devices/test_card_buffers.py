"""Bytes between two threads, and a card that keeps a pace of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundstage.devices.card_buffers import Playout, Ring
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE

LOUD = b"\x01\x20" * FRAME_SAMPLES


def play(asks_for: int, ticks: int) -> tuple[Playout, bytes]:
    """A card that asks for so many samples in the time of each frame."""
    playout, air = Playout(SAMPLE_RATE), list[bytearray]()
    for _ in range(ticks):
        playout.put(LOUD)
        block = bytearray(asks_for * 2)
        playout.fill(memoryview(block))
        air.append(block)
    return playout, b"".join(air)


def test_at_the_same_pace_nothing_is_lost_and_nothing_is_missing() -> None:
    playout, air = play(FRAME_SAMPLES, 500)
    assert (playout.dropped, playout.concealed) == (0, 0)
    silent = air.index(LOUD[:2])
    assert air[silent:] == LOUD * ((len(air) - silent) // FRAME_BYTES)


def test_a_card_that_is_slow_has_frames_left_out_and_the_delay_stays_bounded() -> None:
    playout, _ = play(FRAME_SAMPLES - 4, 10_000)
    assert playout.dropped > 40
    assert playout.waiting < 8 * FRAME_BYTES


def test_a_card_that_is_fast_finds_gaps_that_are_counted() -> None:
    playout, air = play(FRAME_SAMPLES + 10, 5000)
    assert 0 < playout.concealed < 200
    assert len(air) == 5000 * (FRAME_SAMPLES + 10) * 2


def test_silence_is_played_until_there_is_a_reserve() -> None:
    playout = Playout(SAMPLE_RATE)
    playout.put(LOUD)
    block = bytearray(b"x" * FRAME_BYTES)
    playout.fill(memoryview(block))
    assert bytes(block) == bytes(FRAME_BYTES)


@given(st.lists(st.one_of(st.binary(max_size=12), st.integers(0, 12)), max_size=60))
def test_what_comes_out_is_what_went_in_less_what_found_no_room(steps: list[bytes | int]) -> None:
    ring, waiting, lost = Ring(16), b"", 0
    for step in steps:
        if isinstance(step, bytes):
            if len(step) <= 16 - len(waiting):
                waiting += step
            else:
                lost += len(step)
            ring.put(memoryview(step))
        else:
            out = bytearray(step)
            got = ring.get(memoryview(out))
            assert bytes(out[:got]) == waiting[:step]
            waiting = waiting[step:]
        assert (ring.waiting, ring.lost) == (len(waiting), lost)
    assert ring.take() == waiting
