"""The mixer, on the virtual clock."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio.effects import Chain, Delay, Effect, EffectGiven, Link, Sound
from soundstage.config.values import Duration
from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import (
    Entry,
    Faulted,
    Frame,
    Interrupt,
    Join,
    Leave,
    Mixed,
    Mute,
    SpeechStarted,
    SpeechStopped,
    Tick,
)
from soundstage.messages.events import Carried, VoiceStarted, Warned
from soundstage.mixing import Edge, EffectLines, Mixer, RoutingGraph
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.kernel import Address

TRIO = ("a", "b", "c")


def trio() -> RoutingGraph:
    pairs = [(speaker, listener) for speaker in TRIO for listener in TRIO]
    return RoutingGraph(TRIO, [Edge(*pair, room="hall") for pair in pairs if pair[0] != pair[1]])


def tone(level: int) -> bytes:
    return level.to_bytes(2, "little", signed=True) * FRAME_SAMPLES


class Keeper(Actor):
    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept

    @handles(Frame)
    @handles(Mixed)
    @handles(Entry)
    @handles(Faulted)
    @handles(SpeechStarted)
    @handles(SpeechStopped)
    def keep(self, message: object) -> None:
        self.kept.append(message)


class Room:
    """A mixer with three listeners that keep what they hear."""

    def __init__(self, kernel: SimulatedKernel) -> None:
        self.kernel = kernel
        self.kept: dict[str, list[object]] = {}
        self.recorder = self.keeper("recorder")
        self.journal = self.keeper("journal")
        self.mixer = self.spawn_mixer("mixer", {name: self.keeper(name) for name in TRIO})
        for name in TRIO:
            self.mixer.tell(Join(name))

    def spawn_mixer(
        self, name: str, listeners: dict[str, Address], lines: EffectLines | None = None
    ) -> Address:
        return self.kernel.spawn(
            name,
            lambda: Mixer(
                graph=trio(),
                lines=lines,
                listeners=listeners,
                recorder=self.recorder,
                journal=self.journal,
            ),
        )

    def keeper(self, name: str) -> Address:
        kept = self.kept.setdefault(name, [])
        return self.kernel.spawn(name, lambda: Keeper(kept))

    def say(self, pts: int, **levels: int) -> None:
        for name, level in levels.items():
            pcm = tone(level) if level else SILENCE
            self.mixer.tell(Frame(name, pts, pcm))
        self.kernel.settle()

    def heard(self, name: str) -> list[bytes]:
        return [message.pcm for message in self.kept[name] if isinstance(message, Frame)]


@pytest.fixture
def room() -> Iterator[Room]:
    with SimulatedKernel() as kernel:
        yield Room(kernel)


def test_each_member_hears_the_sum_of_the_others_and_not_itself(room: Room) -> None:
    room.say(0, a=1000, b=2000, c=4000)
    assert room.heard("a") == [tone(6000)]
    assert room.heard("b") == [tone(5000)]
    assert room.heard("c") == [tone(3000)]


def test_a_tick_is_mixed_as_soon_as_each_member_has_sent(room: Room) -> None:
    room.say(0, a=1000, b=0)
    assert room.heard("c") == []
    room.say(0, c=0)
    assert room.heard("c") == [tone(1000)]


def test_a_missing_frame_is_silence_one_tick_later(room: Room) -> None:
    room.say(0, a=1000, b=2000)
    room.kernel.run_for(FRAME_SAMPLES)
    assert room.heard("c") == [tone(3000)]
    assert room.heard("a") == [tone(2000)]


def test_frames_of_ticks_that_are_told_all_at_once_are_waited_for_like_any(room: Room) -> None:
    room.kernel.run_for(FRAME_SAMPLES)
    room.say(FRAME_SAMPLES, a=0, b=0, c=0)
    ticks = [number * FRAME_SAMPLES for number in range(2, 6)]
    for pts in ticks:
        room.mixer.tell(Tick(pts))
    room.kernel.settle()
    assert room.heard("c") == [SILENCE] * 2
    for pts in ticks[:3]:
        room.say(pts, a=1000, b=0, c=0)
    assert room.heard("c")[2:] == [tone(1000)] * 3
    room.say(ticks[3], a=1000)
    assert room.heard("c")[5:] == []
    room.kernel.run_for(FRAME_SAMPLES)
    assert room.heard("c")[5:] == [tone(1000)]


def test_a_frame_of_an_older_epoch_is_not_heard(room: Room) -> None:
    room.mixer.tell(Interrupt("a", 0, epoch=1, by="b"))
    room.kernel.settle()
    room.mixer.tell(Frame("a", 0, tone(1000), epoch=0))
    room.say(0, b=0, c=0)
    room.kernel.run_for(FRAME_SAMPLES)
    assert room.heard("b")[0] == SILENCE


def test_a_member_that_has_left_is_not_waited_for(room: Room) -> None:
    room.mixer.tell(Leave("c"))
    room.say(0, a=1000, b=2000)
    assert room.heard("a") == [tone(2000)]


def test_a_muted_agent_is_not_heard_until_its_time(room: Room) -> None:
    room.mixer.tell(Mute("a", until=FRAME_SAMPLES))
    room.kernel.settle()
    room.say(0, a=1000, b=0, c=0)
    room.say(FRAME_SAMPLES, a=1000, b=0, c=0)
    assert room.heard("b") == [SILENCE, tone(1000)]


def test_the_recorder_gets_everything_said_and_heard(room: Room) -> None:
    room.say(0, a=1000, b=0, c=0)
    [mixed] = [m for m in room.kept["recorder"] if isinstance(m, Mixed)]
    assert mixed.said == {"a": tone(1000), "b": SILENCE, "c": SILENCE}
    assert mixed.heard == {"a": SILENCE, "b": tone(1000), "c": tone(1000)}


def test_a_voice_is_told_to_the_log_and_to_those_who_hear_it(room: Room) -> None:
    room.say(0, a=1000, b=0, c=0)
    assert SpeechStarted("a", 0) in room.kept["b"]
    assert SpeechStarted("a", 0) not in room.kept["a"]
    entries = [m.event for m in room.kept["journal"] if isinstance(m, Entry)]
    assert VoiceStarted(pts=0, agent="a", track="said") in entries
    assert VoiceStarted(pts=0, agent="b", track="heard") in entries


def test_a_mix_names_who_is_audible_in_it_the_loudest_first(room: Room) -> None:
    room.say(0, a=1000, b=2000, c=0)
    [frame] = [m for m in room.kept["c"] if isinstance(m, Frame)]
    assert frame.speakers == ("b", "a")


def test_a_member_leaves_a_room_and_comes_back(room: Room) -> None:
    room.mixer.tell(Leave("c", room="hall"))
    room.kernel.settle()
    room.say(0, a=1000, b=2000, c=4000)
    room.mixer.tell(Join("c", room="hall"))
    room.kernel.settle()
    room.say(FRAME_SAMPLES, a=1000, b=2000, c=4000)
    assert room.heard("a") == [tone(2000), tone(6000)]
    assert room.heard("c") == [SILENCE, tone(3000)]


def test_who_is_shut_out_is_not_told_of_voices(room: Room) -> None:
    room.mixer.tell(Leave("c", room="hall"))
    room.kernel.settle()
    room.say(0, a=1000, b=0, c=0)
    assert SpeechStarted("a", 0) in room.kept["b"]
    assert SpeechStarted("a", 0) not in room.kept["c"]


def test_the_room_goes_on_for_the_others_whatever_a_member_sends(room: Room) -> None:
    """One member dies, one sends rubbish, twice as much as it should; the third is heard on."""
    room.say(0, a=1000, b=2000, c=4000)
    room.mixer.tell(Leave("b"))
    for tick in range(1, 60):
        pts = tick * FRAME_SAMPLES
        room.mixer.tell(Frame("c", pts, b"nan"))
        room.mixer.tell(Frame("c", pts, b"nan"))
        room.say(pts, a=1000)
        room.kernel.run_for(FRAME_SAMPLES)
    assert room.heard("b")[1:] == [tone(1000)] * 59
    assert room.heard("a")[1:] == [SILENCE] * 59


def test_at_the_end_it_is_told_what_became_of_each_members_frames(room: Room) -> None:
    room.say(0, a=30_000, b=30_000, c=0)
    room.mixer.tell(Frame("a", FRAME_SAMPLES, b""))
    room.kernel.run_for(FRAME_SAMPLES * 2)
    room.say(0, b=1)
    room.mixer.tell(Frame("c", 1, SILENCE))
    room.kernel.settle()
    room.kernel.stop([[room.mixer]], FRAME_SAMPLES)
    entries = [m.event for m in room.kept["journal"] if isinstance(m, Entry)]
    counted = {e.agent: e for e in entries if isinstance(e, Carried)}
    assert (counted["a"].wrong, counted["a"].limited) == (1, 0)
    assert (counted["b"].missing, counted["b"].late) == (2, 1)
    assert (counted["c"].dropped, counted["c"].limited) == (1, 1)
    assert {e.agent: e.code for e in entries if isinstance(e, Warned)} == {
        "a": "frames_wrong",
        "c": "frames_astray",
    }


class Cracked(Effect):
    def apply(self, sound: Sound) -> Sound:
        raise ValueError("cracked")


def test_an_effect_that_fails_is_a_fault_and_the_sound_goes_on(room: Room) -> None:
    cracked = Cracked(None, EffectGiven(random.Random(0), lambda *_: np.zeros(1, np.float32)))
    lines = EffectLines(sends={"a": Chain([Link("crackle", cracked)])})
    mixer = room.spawn_mixer("another", {"b": room.keeper("listener")}, lines)
    for name in TRIO:
        mixer.tell(Join(name))
        mixer.tell(Frame(name, 0, tone(1000) if name == "a" else SILENCE))
    room.kernel.settle()
    assert room.heard("listener") == [tone(1000)]
    [fault] = [m for m in room.kept["journal"] if isinstance(m, Faulted)]
    assert (fault.actor, fault.cause.message) == ("effects.crackle", "ValueError: cracked")


def test_a_voice_is_told_to_a_listener_when_it_has_come_over_the_line(room: Room) -> None:
    settings = Delay.Settings(kind="delay", delay=Duration("100ms"))
    given = EffectGiven(random.Random(0), lambda *_: np.zeros(1, np.float32))
    lines = EffectLines(edges={("a", "b"): Chain([Link("far", Delay(settings, given))])})
    mixer = room.spawn_mixer("another", {"b": room.keeper("far"), "c": room.keeper("near")}, lines)
    for name in TRIO:
        mixer.tell(Join(name))
        mixer.tell(Frame(name, 0, tone(1000) if name == "a" else SILENCE))
    room.kernel.settle()
    assert SpeechStarted("a", 0) in room.kept["near"]
    assert not any(isinstance(m, SpeechStarted) for m in room.kept["far"])
    room.kernel.run_for(5 * FRAME_SAMPLES)
    assert SpeechStarted("a", 2400) in room.kept["far"]
