from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import FrameCutter
from soundstage.units import FRAME_BYTES, SILENCE


@given(st.lists(st.integers(0, 3000), max_size=12))
def test_frames_joined_are_what_was_pushed(lengths):
    pieces = [bytes([index + 1]) * length for index, length in enumerate(lengths)]
    cutter = FrameCutter()
    frames = [frame for piece in pieces for frame in cutter.push(piece)]
    frames += cutter.flush()
    whole = b"".join(pieces)
    assert all(len(frame) == FRAME_BYTES for frame in frames)
    assert b"".join(frames)[: len(whole)] == whole
    assert not any(b"".join(frames)[len(whole) :])
    assert len(frames) == -(-len(whole) // FRAME_BYTES)


def test_a_frame_of_zeros_is_the_shared_silence():
    [frame] = FrameCutter().push(bytes(FRAME_BYTES))
    assert frame is SILENCE


def test_flushing_leaves_nothing_behind():
    cutter = FrameCutter()
    cutter.push(b"\1\0")
    assert len(cutter.flush()) == 1
    assert cutter.flush() == []
