"""Backchannels and interruptions, told apart by their length."""

from __future__ import annotations

from soundstage.units import FRAME_SAMPLES, samples_of_ms
from soundstage_agents._overlap import PAUSE, Overlap

SHORTEST = samples_of_ms(400)


def heard(overlap: Overlap, frames: int, *, start: int = 0, speaking: bool = True) -> int:
    pts = start
    for _ in range(frames):
        overlap.hear(pts, audible=True, speaking=speaking)
        pts += FRAME_SAMPLES
    return pts


def noticed(*, interrupts: bool = True, speaking: bool = True) -> Overlap:
    overlap = Overlap(SHORTEST, interrupts=interrupts)
    overlap.hear(0, audible=False, speaking=speaking)
    overlap.begin()
    return overlap


def test_a_sound_is_meant_once_it_is_as_long_as_no_backchannel_is() -> None:
    overlap = noticed()
    pts = heard(overlap, 19)
    assert not overlap.is_meant
    heard(overlap, 1, start=pts)
    assert overlap.is_meant


def test_a_short_sound_that_ends_while_the_agent_speaks_is_a_backchannel() -> None:
    overlap = noticed()
    heard(overlap, 10)
    assert overlap.is_backchannel
    assert not overlap.is_meant


def test_a_short_answer_that_ends_after_the_agent_is_none() -> None:
    overlap = noticed()
    pts = heard(overlap, 5)
    heard(overlap, 5, start=pts, speaking=False)
    assert not overlap.is_backchannel


def test_the_gap_within_mm_hm_is_part_of_it_and_a_longer_one_is_not() -> None:
    overlap = noticed()
    pts = heard(overlap, 11)
    heard(overlap, 5, start=pts + PAUSE)
    assert overlap.is_meant
    apart = noticed()
    pts = heard(apart, 11)
    heard(apart, 5, start=pts + PAUSE + FRAME_SAMPLES)
    assert not apart.is_meant


def test_what_began_before_the_agent_spoke_does_not_interrupt_it() -> None:
    overlap = noticed(speaking=False)
    heard(overlap, 50)
    assert not overlap.is_meant


def test_nothing_interrupts_an_agent_that_is_not_to_be_interrupted() -> None:
    overlap = noticed(interrupts=False)
    heard(overlap, 50)
    assert not overlap.is_meant


def test_without_a_length_the_session_decides() -> None:
    overlap = Overlap(0, interrupts=True)
    overlap.hear(0, audible=True, speaking=True)
    overlap.begin()
    heard(overlap, 50)
    assert not overlap.matters
    assert not overlap.is_meant
    assert not overlap.is_backchannel
