import threading
from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import JitterBuffer, peak
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE


def frame(number):
    return number.to_bytes(2, "little") * FRAME_SAMPLES


def filled(*numbers, **options):
    buffer = JitterBuffer(**options)
    for number in numbers:
        buffer.put(frame(number))
    return buffer


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 4), st.integers(4, 12))
def test_every_tick_gets_one_frame_and_order_is_kept(puts, target, capacity):
    buffer = JitterBuffer(target=target, settle=5, capacity=capacity)
    sent = 0
    taken = []
    for is_put in puts:
        if is_put:
            sent += 1
            buffer.put(frame(sent))
        else:
            out = buffer.take()
            assert len(out) == FRAME_BYTES
            # A concealed frame is faded, so only a real one is the same throughout.
            if out[:2] == out[-2:] and out is not SILENCE:
                taken.append(int.from_bytes(out[:2], "little"))
        assert len(buffer) <= capacity
    assert taken == sorted(set(taken))
    assert len(taken) + buffer.dropped + len(buffer) == sent


def test_playing_starts_when_the_target_is_in():
    buffer = filled(1, target=2)
    assert buffer.take() is SILENCE
    assert buffer.concealed == 0
    buffer.put(frame(2))
    assert [buffer.take(), buffer.take()] == [frame(1), frame(2)]


def test_a_missing_frame_is_the_last_one_faded_then_silence():
    buffer = filled(1000, 1000, target=2)
    buffer.take()
    buffer.take()
    faded = np.frombuffer(buffer.take(), "<i2")
    assert faded[0] == 1000
    assert faded[-1] <= 3
    assert (np.diff(faded) <= 0).all()
    assert buffer.take() is SILENCE
    assert buffer.concealed == 2


def test_after_running_dry_it_waits_for_the_target_again():
    buffer = filled(1, 2, target=2)
    buffer.take()
    buffer.take()
    buffer.take()
    buffer.put(frame(3))
    assert buffer.take() is SILENCE
    buffer.put(frame(4))
    assert buffer.take() == frame(3)


def test_one_frame_is_dropped_when_too_many_have_waited_for_a_second():
    buffer = filled(1, 2, 3, target=2, settle=50)
    taken = []
    for number in range(4, 104):
        taken.append(buffer.take())
        buffer.put(frame(number))
    assert buffer.dropped == 1
    assert taken[48:51] == [frame(49), frame(51), frame(52)]
    assert len(buffer) == 2


def test_a_burst_that_passes_is_not_dropped():
    buffer = filled(1, 2, 3, 4, target=2, settle=50)
    for number in range(5, 40):
        buffer.take()
        buffer.put(frame(number))
    buffer.take()
    buffer.take()
    for number in range(40, 90):
        buffer.take()
        buffer.put(frame(number))
    assert buffer.dropped == 0


def test_the_oldest_frame_goes_when_the_buffer_is_full():
    buffer = filled(1, 2, 3, target=1, capacity=2)
    assert buffer.dropped == 1
    assert buffer.take() == frame(2)


def test_clearing_forgets_what_waits_and_what_was_played():
    buffer = filled(1000, 1001, target=2)
    buffer.take()
    buffer.clear()
    assert buffer.take() is SILENCE
    assert peak(buffer.take()) == 0
    assert len(buffer) == 0
    assert buffer.concealed == 0


def test_no_frame_is_lost_between_two_threads():
    buffer = JitterBuffer(target=1, settle=10**9, capacity=20)
    total = 5000
    seen = deque()
    done = threading.Event()

    def put_all():
        for number in range(1, total + 1):
            buffer.put(frame(number))
        done.set()

    writer = threading.Thread(target=put_all)
    writer.start()
    while not done.is_set() or len(buffer):
        out = buffer.take()
        if out[:2] == out[-2:] and out is not SILENCE:
            seen.append(int.from_bytes(out[:2], "little"))
    writer.join()
    assert list(seen) == sorted(set(seen))
    assert len(seen) + buffer.dropped == total
