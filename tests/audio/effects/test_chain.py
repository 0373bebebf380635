"""Effects in a row."""

import numpy as np
import pytest
from dummy_line import make, white

from soundstage.audio.effects import Chain, Delay, Effect, Gain, Link, Noise
from soundstage.units import FRAME_SAMPLES

SOUND = np.arange(FRAME_SAMPLES) - 200


def chain(*effects):
    return Chain([Link(f"e{place}", effect) for place, effect in enumerate(effects)])


class Crack(Effect):
    """Works three times."""

    made = None

    def apply(self, sound):
        self.calls = getattr(self, "calls", 0) + 1
        if self.calls <= 3:
            return sound
        if self.made is None:
            raise ValueError("cracked")
        return self.made


def test_sound_goes_through_them_in_order():
    louder = make(Gain, level="20dB")

    class Cut(Effect):
        def apply(self, sound):
            return np.minimum(sound, np.float32(100 / 32768))

    loud = np.full(FRAME_SAMPLES, 100)
    assert chain(louder, make(Cut)).carry(loud)[0] == 100
    assert chain(make(Cut), louder).carry(loud)[0] == 1000


def test_nothing_is_limited_on_the_way():
    softer, louder = make(Gain, level="-40dB"), make(Gain, level="40dB")
    loud = np.full(FRAME_SAMPLES, 32_000)
    assert chain(louder).carry(loud)[0] == 3_200_000
    assert abs(chain(louder, softer).carry(loud)[0] - 32_000) <= 1
    assert chain(*[louder] * 5).carry(loud)[0] == 1 << 30


def test_it_rests_when_the_tail_is_out():
    line = chain(make(Delay, delay="30ms"))
    assert line.rests(closed=False)
    line.carry(SOUND)
    assert not line.rests(closed=False)
    for _ in range(3):
        line.carry(np.zeros(FRAME_SAMPLES, int))
    assert line.rests(closed=False)
    assert (line.tail, line.lag) == (1200, 720)


def test_noise_never_rests_unless_nobody_is_there():
    line = chain(make(Noise))
    assert not line.rests(closed=False)
    assert line.rests(closed=True)


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (None, "ValueError: cracked"),
        (np.zeros(3), "gave back samples of shape (3,), not (480,)"),
        (np.full(FRAME_SAMPLES, np.nan), "gave back samples that are no numbers"),
        ("nothing", "gave back str, not samples"),
        (np.zeros(FRAME_SAMPLES, complex), "gave back an array of complex128, not samples"),
    ],
)
def test_an_effect_that_fails_is_told_once_and_gone_past(made, error):
    crack = make(Crack)
    crack.made = made
    line = chain(crack, make(Gain, level="0dB"))
    for _ in range(6):
        assert line.carry(SOUND).tolist() == SOUND.tolist()
    [failed] = line.failures
    assert failed.name == "e0"
    assert failed.cause.message.startswith(error)
    assert (failed.cause.owner, failed.cause.reason) == ("simulator", "fault:effects.e0")
    assert ("Traceback" in failed.traceback) == error.startswith("ValueError")


def test_a_chain_does_not_change_what_goes_in():
    sound = (white(0.02) * 32768).astype(np.int16)
    before = sound.copy()
    chain(make(Gain, level="6dB"), make(Noise)).carry(sound)
    assert np.array_equal(sound, before)
