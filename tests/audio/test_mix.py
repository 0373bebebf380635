import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import mix
from soundstage.units import FRAME_BYTES, SILENCE

frames = st.lists(
    st.lists(st.integers(-32768, 32767), min_size=8, max_size=8).map(
        lambda values: np.array(values, "<i2").tobytes()
    ),
    min_size=1,
    max_size=5,
)


@given(frames)
def test_a_mix_is_the_sum_saturated_at_full_scale(frames):
    total = sum(np.frombuffer(frame, "<i2").astype(int) for frame in frames)
    assert np.frombuffer(mix(frames), "<i2").tolist() == np.clip(total, -32768, 32767).tolist()


@given(frames, st.randoms(use_true_random=False))
def test_a_mix_does_not_depend_on_the_order(frames, random):
    shuffled = frames.copy()
    random.shuffle(shuffled)
    assert mix(shuffled) == mix(frames)


def test_a_single_frame_passes_through_unchanged():
    frame = bytes([1]) * FRAME_BYTES
    assert mix([SILENCE, frame, SILENCE]) is frame


def test_the_mix_of_nothing_is_silence():
    assert mix([]) is SILENCE
    assert mix([SILENCE, SILENCE]) is SILENCE


def test_frames_of_different_length_do_not_mix():
    with pytest.raises(ValueError, match="operands"):
        mix([b"\1\0" * 4, b"\1\0" * 5])
