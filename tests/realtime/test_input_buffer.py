from __future__ import annotations

from soundstage.realtime._input_buffer import MAX_BUFFERED_BYTES, InputBuffer
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES


def frame(value: int) -> bytes:
    return bytes([value]) * FRAME_BYTES


def test_positions_count_all_audio_that_was_ever_heard():
    buffer = InputBuffer()
    buffer.append(frame(1))
    buffer.clear()
    buffer.append(frame(2))
    assert (buffer.start, buffer.end) == (FRAME_SAMPLES, 2 * FRAME_SAMPLES)


def test_audio_before_a_position_can_be_dropped():
    buffer = InputBuffer()
    buffer.append(frame(1) + frame(2) + frame(3))
    buffer.keep_from(FRAME_SAMPLES)
    assert buffer.take() == frame(2) + frame(3)
    assert buffer.held == 0


def test_dropping_to_a_position_that_is_gone_already_drops_nothing():
    buffer = InputBuffer()
    buffer.append(frame(1) + frame(2))
    buffer.keep_from(FRAME_SAMPLES)
    buffer.keep_from(0)
    assert buffer.held == FRAME_SAMPLES


def test_a_stretch_is_copied_by_its_positions_as_far_as_it_is_held():
    buffer = InputBuffer()
    buffer.append(frame(1) + frame(2) + frame(3))
    buffer.keep_from(FRAME_SAMPLES)
    assert buffer.copy(0, 2 * FRAME_SAMPLES) == frame(2)
    assert buffer.copy(2 * FRAME_SAMPLES, 9 * FRAME_SAMPLES) == frame(3)
    assert buffer.copy(0, FRAME_SAMPLES) == b""


def test_held_audio_is_told_in_milliseconds():
    buffer = InputBuffer()
    buffer.append(bytes(2 * 36))
    assert buffer.held_ms == 1.5


def test_the_oldest_audio_goes_when_there_is_too_much():
    buffer = InputBuffer()
    buffer.append(frame(1))
    buffer.append(bytes(MAX_BUFFERED_BYTES))
    assert buffer.held * 2 == MAX_BUFFERED_BYTES
    assert buffer.start == FRAME_SAMPLES
    assert buffer.take()[0] == 0
