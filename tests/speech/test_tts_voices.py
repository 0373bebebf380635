import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.speech import voice_for

VOICES = ("alloy", "echo", "sage")


@pytest.mark.parametrize("name", VOICES)
def test_a_known_voice_is_itself(name):
    assert voice_for(name, VOICES) == (name, True)


@given(st.text())
def test_an_unknown_voice_has_a_stand_in_that_stays(name):
    voice, known = voice_for(name, VOICES)
    assert voice in VOICES
    assert known == (name in VOICES)
    assert voice_for(name, VOICES) == (voice, known)


def test_stand_ins_are_spread_over_the_voices():
    assert {voice_for(f"voice {number}", VOICES)[0] for number in range(50)} == set(VOICES)
