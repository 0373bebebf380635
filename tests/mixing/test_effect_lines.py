"""Effects where they belong: on what is sent, on the way, and on what is heard."""

from __future__ import annotations

import numpy as np
from dummy_line import make

from soundstage.audio.effects import Chain, Delay, Effect, Gain, Link, Noise
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
