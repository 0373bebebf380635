"""Bytes between two threads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundstage.devices import Ring


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
