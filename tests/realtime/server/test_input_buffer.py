"""The audio that is not yet an item: where it lies, and how it comes in pieces."""

from __future__ import annotations

import base64

from soundstage.realtime.audio_formats import Unchanged
from soundstage.realtime.server.input_buffer import MAX_BUFFERED_BYTES, AppendedAudio, InputBuffer
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


def encoded(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def test_audio_of_any_length_is_cut_into_frames():
    appended = AppendedAudio(Unchanged())
    appended.put(encoded(b"\1" * 1000))
    assert appended.frames() == [b"\1" * FRAME_BYTES]
    appended.put(encoded(b"\2" * 920))
    assert appended.frames() == [b"\1" * 40 + b"\2" * 920]
    assert appended.frames() == []


def test_the_rest_holds_whole_samples_only():
    appended = AppendedAudio(Unchanged())
    appended.put(encoded(b"\1" * 5))
    assert appended.rest() == b"\1" * 4
    appended.put(encoded(b"\2"))
    assert appended.rest() == b"\1\2"


def test_what_nobody_takes_is_bounded():
    appended = AppendedAudio(Unchanged())
    appended.put(encoded(bytes(MAX_BUFFERED_BYTES)))
    appended.put(encoded(b"\1" * 3))
    rest = appended.rest()
    assert len(rest) <= MAX_BUFFERED_BYTES
    assert rest[-2:] == b"\1\1"


def test_cleared_audio_is_gone():
    appended = AppendedAudio(Unchanged())
    appended.put(encoded(b"\1" * 5))
    appended.clear()
    appended.put(encoded(b"\2" * 2))
    assert appended.rest() == b"\2" * 2
