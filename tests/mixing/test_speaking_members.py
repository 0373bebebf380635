"""Which members speak, where several sound at the same time."""

from __future__ import annotations

import pytest
from dummy_line import make

from soundstage.audio.effects import Chain, Gain, Link
from soundstage.mixing import Edge, EffectLines, MixBus, RoutingGraph
from soundstage.mixing.speaking_members import HOLDS, LET_GO, MOST_JUDGED, SpeakingMembers
from soundstage.units import FRAME_SAMPLES, SILENCE

VOICE = b"\x00\x10" * FRAME_SAMPLES
NOISE = b"\x00\x20" * FRAME_SAMPLES
TRIO = ("a", "b", "c")


class DummyVad:
    """Finds speech in one kind of frame."""

    name, version, fingerprint = "dummy", "1", "f"
    lag = 0
    at_start = True

    def __init__(self) -> None:
        self.opened = 0
        self.heard = 0

    def open(self) -> DummyVad:
        self.opened += 1
        return self

    def hear(self, pcm: bytes) -> float:
        self.heard += 1
        return float(pcm == VOICE)


@pytest.fixture
def vad() -> DummyVad:
    return DummyVad()


@pytest.fixture
def members(vad: DummyVad) -> SpeakingMembers:
    made = SpeakingMembers()
    made.engine = vad
    return made


def room(lines: EffectLines | None = None, engine: DummyVad | None = None) -> MixBus:
    edges = [Edge(one, other, room="r") for one in TRIO for other in TRIO if one != other]
    bus = MixBus(RoutingGraph(TRIO, edges), lines)
    bus.speaking.engine = engine
    return bus


def test_a_member_that_sounds_alone_is_not_judged(members: SpeakingMembers, vad: DummyVad) -> None:
    assert members.silent([NOISE, SILENCE, SILENCE]) == frozenset()
    assert not vad.opened


def test_noise_beside_a_voice_is_no_voice_and_stays_none_in_its_pauses(
    members: SpeakingMembers,
) -> None:
    assert members.silent([NOISE, VOICE, SILENCE]) == {0}
    assert members.silent([NOISE, SILENCE, SILENCE]) == {0}
    for _ in range(HOLDS):
        silent = members.silent([NOISE, SILENCE, SILENCE])
    assert silent == {0, 1}


def test_a_member_that_is_silent_for_long_is_judged_no_more(
    members: SpeakingMembers, vad: DummyVad
) -> None:
    members.silent([NOISE, VOICE, SILENCE])
    for _ in range(LET_GO):
        members.silent([SILENCE, SILENCE, SILENCE])
    heard = vad.heard
    assert members.silent([NOISE, SILENCE, SILENCE]) == frozenset()
    assert vad.heard == heard


def test_only_so_many_members_are_judged_at_once(members: SpeakingMembers, vad: DummyVad) -> None:
    assert members.silent([NOISE] * 20) == frozenset(range(MOST_JUDGED))
    assert vad.opened == MOST_JUDGED


def test_without_an_engine_no_member_is_judged() -> None:
    assert SpeakingMembers().silent([NOISE, VOICE]) == frozenset()


def test_a_mix_names_all_that_sound_and_of_these_the_voices(vad: DummyVad) -> None:
    mixes = room(engine=vad).mix([NOISE, VOICE, SILENCE])
    assert mixes.speakers == [("b",), ("a",), ("a", "b")]
    assert mixes.voices == [("b",), (), ("b",)]


def test_where_one_sounds_it_is_the_voice(vad: DummyVad) -> None:
    mixes = room(engine=vad).mix([NOISE, SILENCE, SILENCE])
    assert mixes.voices == mixes.speakers == [(), ("a",), ("a",)]


def test_a_voice_that_its_line_makes_faint_is_not_the_loudest(vad: DummyVad) -> None:
    faint = Chain([Link("faint", make(Gain, level="-40dB"))])
    mixes = room(EffectLines(sends={"a": faint}), vad).mix([VOICE, VOICE, SILENCE])
    assert mixes.speakers[2] == ("b", "a")
    assert mixes.voices[2] == ("b", "a")
