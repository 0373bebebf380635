"""The clock by which a caller hears a bot."""

import math
import struct

import pytest

from soundstage.audio import peak
from soundstage.bots import PlayoutClock, WireFormat
from soundstage.errors import BotFailed
from soundstage.units import FRAME_BYTES, SILENCE

MULAW = WireFormat("mulaw", 8000)
FRAME = bytes([0x20]) * 160
"""20 ms of a loud, if dull, sound."""


def speech(seconds, rate=24_000):
    samples = [
        int(9000 * math.sin(2 * math.pi * 300 * n / rate)) for n in range(int(seconds * rate))
    ]
    return struct.pack(f"<{len(samples)}h", *samples)


def take(clock, frames):
    return [clock.take() for _ in range(frames)]


def test_audio_that_came_at_once_is_played_frame_by_frame():
    clock = PlayoutClock(WireFormat())
    clock.add(speech(2.0))
    frames = [pcm for pcm, _ in take(clock, 110)]
    assert b"".join(frames[:100]) == speech(2.0)
    assert frames[100:] == [SILENCE] * 10
    assert clock.figures.buffered == 48_000


def test_no_reply_loses_its_end():
    clock = PlayoutClock(MULAW)
    clock.add(FRAME * 5)
    frames = [pcm for pcm, _ in take(clock, 7)]
    assert all(len(pcm) == FRAME_BYTES for pcm in frames)
    assert [peak(pcm) > 100 for pcm in frames] == [True] * 6 + [False]


def test_a_mark_comes_back_when_all_before_it_has_been_played():
    clock = PlayoutClock(MULAW)
    assert clock.mark("at once")
    clock.add(FRAME * 2)
    assert not clock.mark("first")
    clock.add(FRAME * 3)
    assert not clock.mark("second")
    marks = [marks for _, marks in take(clock, 6)]
    assert marks == [[], ["first"], [], [], ["second"], []]
    assert clock.mark("at once again")


def test_a_clear_silences_the_next_frame_and_gives_back_the_marks():
    clock = PlayoutClock(MULAW)
    clock.add(FRAME * 50)
    clock.mark("one")
    clock.add(FRAME * 50)
    clock.mark("two")
    take(clock, 10)
    assert clock.clear() == ["one", "two"]
    assert [pcm for pcm, _ in take(clock, 3)] == [SILENCE] * 3
    assert clock.figures.dropped == 90 * 480
    assert clock.waiting == 0


def test_silence_in_the_midst_of_speech_is_counted_and_a_pause_is_not():
    clock = PlayoutClock(WireFormat())
    clock.add(speech(0.04))
    take(clock, 5)
    clock.add(speech(0.04))
    assert clock.figures.underruns == 3 * 480
    take(clock, 50)
    clock.add(speech(0.04))
    assert clock.figures.underruns == 3 * 480


def test_jitter_holds_the_first_audio_of_a_speech_and_no_more():
    clock = PlayoutClock(WireFormat(), jitter=960)
    clock.add(speech(0.1))
    assert [pcm is SILENCE for pcm, _ in take(clock, 7)] == [True, True] + [False] * 5


def test_samples_that_are_cut_in_two_by_messages_are_whole_again():
    clock = PlayoutClock(WireFormat())
    audio = speech(0.06)
    for at in range(0, len(audio), 777):
        clock.add(audio[at : at + 777])
    assert b"".join(pcm for pcm, _ in take(clock, 3)) == audio


def test_more_than_half_an_hour_is_refused():
    clock = PlayoutClock(MULAW)
    for _ in range(30):
        clock.add(bytes(8000 * 60))
    with pytest.raises(BotFailed, match="30 minutes"):
        clock.add(b"0")


def test_audio_of_another_format_is_played_behind_what_waits():
    clock = PlayoutClock(WireFormat())
    clock.add(speech(0.1))
    clock.change(WireFormat("pcm16", 48_000))
    clock.add(speech(0.1, 48_000))
    assert clock.waiting == 4800
    frames = [pcm for pcm, _ in take(clock, 13)]
    assert b"".join(frames[:5]) == speech(0.1)
    assert all(peak(pcm) > 5000 for pcm in frames[5:10])
    assert frames[11:] == [SILENCE] * 2
    assert clock.waiting == 0


def test_after_a_clear_audio_is_read_in_the_format_that_came_last():
    clock = PlayoutClock(MULAW)
    clock.add(FRAME)
    clock.change(WireFormat())
    clock.add(speech(0.1))
    clock.clear()
    clock.add(speech(0.1))
    assert b"".join(pcm for pcm, _ in take(clock, 5)) == speech(0.1)


def test_of_what_is_dropped_with_the_call_only_sound_was_lost():
    clock = PlayoutClock(WireFormat())
    clock.add(speech(0.1))
    clock.add(bytes(48_000 * 2))
    clock.mark("never reached")
    assert clock.drop() == 2400
    assert clock.figures.dropped == 2400 + 48_000
    assert (clock.waiting, clock.take()) == (0, (SILENCE, []))
    assert clock.drop() == 0
