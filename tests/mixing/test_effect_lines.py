"""Effects where they belong: on what is sent, on the way, and on what is heard."""

from __future__ import annotations

import numpy as np
from dummy_line import make

from soundstage.audio.effects import AcousticEcho, Chain, Delay, Effect, Gain, Link, Noise
from soundstage.mixing import Edge, EffectLines, MixBus, RoutingGraph
from soundstage.units import FRAME_SAMPLES, SILENCE


class Named(Effect):
    """Doubles, and notes that it was its turn."""

    def __init__(self, name, order):
        self.name = name
        self.order = order

    def apply(self, sound):
        if sound.any():
            self.order.append(self.name)
        return sound * 2


def chain(*effects):
    return Chain([Link("e", effect) for effect in effects])


def room(*names):
    return RoutingGraph(names, [Edge(a, b, room="hall") for a in names for b in names if a != b])


def tone(level):
    return (np.ones(FRAME_SAMPLES) * level).astype("<i2").tobytes()


def levels(frames):
    return [int(np.frombuffer(frame, "<i2")[-1]) for frame in frames]


def test_sound_goes_over_the_senders_line_then_the_way_then_the_listeners_line():
    order = []
    lines = EffectLines(
        sends={"a": chain(Named("sends", order))},
        edges={("a", "b"): chain(Named("way", order))},
        hears={"b": chain(Named("hears", order))},
    )
    heard = MixBus(RoutingGraph(("a", "b"), [Edge("a", "b")]), lines).mix([tone(10), SILENCE]).heard
    assert order == ["sends", "way", "hears"]
    assert levels(heard) == [0, 80]


def test_a_senders_line_is_for_all_listeners_and_is_carried_once():
    order = []
    bus = MixBus(room("a", "b", "c"), EffectLines(sends={"a": chain(Named("sends", order))}))
    mixes = bus.mix([tone(10), tone(100), SILENCE])
    assert levels(mixes.heard) == [100, 20, 120]
    assert order == ["sends"]


def test_what_an_agent_said_is_measured_before_its_line():
    lines = EffectLines(sends={"a": chain(make(Gain, level="20dB"))})
    peaks = MixBus(room("a", "b"), lines).mix([tone(10), SILENCE]).peaks
    assert peaks.tolist() == [10, 0, 0, 100]


def test_an_effect_on_the_way_is_for_one_listener_only():
    lines = EffectLines(edges={("a", "c"): chain(make(Gain, level="20dB"))})
    mixes = MixBus(room("a", "b", "c"), lines).mix([tone(10), tone(1), SILENCE])
    assert levels(mixes.heard) == [1, 10, 101]
    assert mixes.speakers == [("b",), ("a",), ("a", "b")]


def test_a_listeners_line_is_for_everything_that_it_hears():
    lines = EffectLines(hears={"c": chain(make(Gain, level="20dB"))})
    mixes = MixBus(room("a", "b", "c"), lines).mix([tone(10), tone(1), SILENCE])
    assert levels(mixes.heard) == [1, 10, 110]


def test_what_is_made_too_loud_is_turned_down_and_not_clipped():
    louder = {"level": "40dB"}
    for lines in (
        EffectLines(sends={"a": chain(make(Gain, **louder))}),
        EffectLines(edges={("a", "b"): chain(make(Gain, **louder))}),
        EffectLines(hears={"b": chain(make(Gain, **louder))}),
    ):
        bus = MixBus(room("a", "b"), lines)
        bus.mix([tone(10_000), SILENCE])
        assert levels(bus.mix([tone(10_000), SILENCE]).heard) == [0, 32_767]


def test_a_tail_is_let_out_when_the_sender_has_gone_quiet():
    for name in ("sends", "hears", "edges"):
        who = {"sends": "a", "hears": "b", "edges": ("a", "b")}[name]
        bus = MixBus(room("a", "b"), EffectLines(**{name: {who: chain(make(Delay, delay="50ms"))}}))
        heard = [bus.mix([tone(1000) if tick == 0 else SILENCE, SILENCE]) for tick in range(8)]
        assert [bool(mixes.peaks[3]) for mixes in heard] == [False] * 2 + [True] * 2 + [False] * 4
        assert all(mixes.heard[1] is SILENCE for mixes in heard[6:])


def test_noise_is_on_the_line_while_an_agent_is_at_its_beginning():
    lines = EffectLines(sends={"a": chain(make(Noise, snr="10dB"))})
    bus = MixBus(room("a", "b"), lines)
    silence = [SILENCE, SILENCE]
    assert bus.mix(silence).heard[1] is SILENCE
    lines.open("a")
    assert bus.mix(silence).heard[1] is not SILENCE
    lines.open("a", closed=True)
    assert bus.mix(silence).heard[1] is SILENCE


def test_a_line_lags_as_all_its_parts_together():
    delay = {"delay": "10ms"}
    lines = EffectLines(
        sends={"a": chain(make(Delay, **delay))},
        edges={("a", "b"): chain(make(Delay, **delay), make(Delay, **delay))},
        hears={"b": chain(make(Delay, **delay))},
    )
    assert lines.lag("a", "b") == 4 * 240
    assert lines.lag("b", "a") == 0


def test_one_who_leaves_the_room_is_not_heard_over_a_link_of_the_room():
    graph = room("a", "b", "c")
    bus = MixBus(graph, EffectLines(edges={("a", "c"): chain(make(Gain, level="20dB"))}))
    graph.leave("a", "hall")
    bus.rewire()
    assert levels(bus.mix([tone(10), tone(1), SILENCE]).heard) == [0, 0, 1]


class BrokenEar(AcousticEcho):
    def hear_back(self, sound):
        raise ValueError("a bug")


def talk(bus, *said, ticks=4):
    """What each hears: the members say this in the first tick, and then nothing."""
    return [
        levels(bus.mix(said if not tick else [SILENCE] * len(said)).heard) for tick in range(ticks)
    ]


def test_an_echo_at_a_loudspeaker_comes_back_to_the_one_who_spoke():
    echo = make(AcousticEcho, delay="40ms", level="-20dB")
    bus = MixBus(room("a", "b"), EffectLines(sends={"b": chain(echo)}))
    assert talk(bus, tone(100), SILENCE) == [[0, 100], [0, 0], [10, 0], [0, 0]]


def test_an_echo_is_of_all_that_an_agent_hears_and_goes_to_all_that_hear_it():
    echo = make(AcousticEcho, delay="20ms", level="-20dB")
    bus = MixBus(room("a", "b", "c"), EffectLines(sends={"c": chain(echo)}))
    assert talk(bus, tone(100), tone(200), SILENCE, ticks=2) == [[200, 100, 300], [30, 30, 0]]


def test_an_echo_on_the_way_to_one_listener_is_for_that_one():
    echo = make(AcousticEcho, delay="20ms", level="-20dB")
    bus = MixBus(room("a", "b", "c"), EffectLines(edges={("c", "a"): chain(echo)}))
    assert talk(bus, tone(100), SILENCE, SILENCE, ticks=2) == [[0, 100, 100], [10, 0, 0]]


def test_an_echo_is_no_voice_of_the_agent_at_whose_loudspeaker_it_is():
    echo = make(AcousticEcho, delay="20ms", level="-6dB")
    bus = MixBus(room("a", "b"), EffectLines(sends={"b": chain(echo)}))
    bus.mix([tone(1000), SILENCE])
    mixes = bus.mix([tone(1000), SILENCE])
    assert levels(mixes.heard)[0] > 0
    assert mixes.speakers == [(), ("a",)]


def test_a_line_with_an_echo_rests_once_all_of_it_has_come_back():
    line = EffectLines(sends={"b": chain(make(AcousticEcho, delay="40ms"))})
    bus = MixBus(room("a", "b"), line)
    talk(bus, tone(1000), SILENCE, ticks=2)
    assert not line.sends["b"].rests
    talk(bus, SILENCE, SILENCE, ticks=4)
    assert line.sends["b"].rests


def test_two_loudspeakers_that_hear_each_other_fade():
    lines = {name: chain(make(AcousticEcho, delay="20ms", level="-6dB")) for name in "ab"}
    bus = MixBus(room("a", "b"), EffectLines(sends=lines))
    heard = [max(tick) for tick in talk(bus, tone(1000), SILENCE, ticks=40)]
    assert heard[0] == 1000
    assert heard[4] < heard[2] < heard[0]
    assert heard[-1] == 0


def test_an_echo_that_fails_is_taken_off_its_line():
    lines = EffectLines(sends={"b": chain(make(BrokenEar))})
    bus = MixBus(room("a", "b"), lines)
    bus.mix([tone(1000), SILENCE])
    assert [failed.name for failed in lines.failures()] == ["e"]
    assert levels(bus.mix([tone(10), tone(20)]).heard) == [20, 10]
