from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import StereoMixer, as_array

SAMPLES = st.integers(-32768, 32767)


def block(*samples: int) -> bytes:
    return np.array(samples, np.int16).tobytes()


def picture(pcm: bytes) -> list[list[int]]:
    return np.frombuffer(pcm, np.int16).reshape(-1, 2).tolist()


@given(left=st.lists(SAMPLES, min_size=1, max_size=20), right=st.integers(-32768, 32767))
def test_two_voices_are_left_and_right_without_a_changed_sample(left, right):
    mixed = StereoMixer(2).mix([block(*left), block(*[right] * len(left))], len(left))
    assert picture(mixed) == [[sample, right] for sample in left]


@pytest.mark.parametrize("voices", range(1, 10))
def test_every_voice_has_the_same_power(voices):
    for left, right in StereoMixer(voices).gains:
        assert left**2 + right**2 == pytest.approx(1, abs=1e-4)


def test_further_voices_are_spread_evenly_between_the_first_two():
    angles = [np.degrees(np.arctan2(right, left)) for left, right in StereoMixer(5).gains]
    assert angles == pytest.approx([0, 90, 22.5, 45, 67.5], abs=0.01)


def test_a_voice_alone_is_in_the_middle():
    [[left, right]] = picture(StereoMixer(1).mix([block(10_000)], 1))
    assert left == right == 7071


def test_what_is_too_loud_is_held_at_the_limit():
    loud, quiet = block(32767, -32768), block(0, 0)
    mixed = StereoMixer(3).mix([loud, quiet, loud], 2)
    assert [sample[0] for sample in picture(mixed)] == [32767, -32768]


def test_silent_voices_are_silence():
    assert StereoMixer(3).mix([None, None, None], 4) == bytes(16)
    assert picture(StereoMixer(2).mix([None, block(3)], 1)) == [[0, 3]]


@given(
    voices=st.lists(st.lists(SAMPLES, min_size=12, max_size=12), min_size=1, max_size=6),
    cut=st.integers(0, 12),
)
def test_where_blocks_are_cut_does_not_matter(voices, cut):
    mixer = StereoMixer(len(voices))
    whole = mixer.mix([block(*voice) for voice in voices], 12)
    head = mixer.mix([block(*voice[:cut]) for voice in voices], cut)
    tail = mixer.mix([block(*voice[cut:]) for voice in voices], 12 - cut)
    assert whole == head + tail


def test_pcm_is_seen_as_an_array_of_samples():
    assert as_array(block(1, -2, 3)).tolist() == [1, -2, 3]
