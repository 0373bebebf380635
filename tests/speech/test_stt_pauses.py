import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.speech.stt_whisper import cut_at_pauses

RATE = 100


@given(st.integers(0, 3000), st.integers(0, 2**32 - 1))
def test_pieces_joined_are_the_recording(length, seed):
    samples = np.random.Generator(np.random.PCG64(seed)).standard_normal(length).astype(np.float32)
    pieces = list(cut_at_pauses(samples, 1000, RATE))
    assert np.array_equal(np.concatenate(pieces), samples)
    assert all(len(piece) <= 1000 for piece in pieces)
    assert all(len(piece) > 600 for piece in pieces[:-1])


def test_a_recording_is_cut_in_its_pause():
    samples = np.ones(1500, np.float32)
    samples[800:850] = 0
    first, second = cut_at_pauses(samples, 1000, RATE)
    assert 800 < len(first) < 850
    assert len(second) == 1500 - len(first)
