"""Backchannels and interruptions, told apart by their length."""

from __future__ import annotations

from soundstage.units import FRAME_SAMPLES, samples_of_ms
from soundstage_agents._barge_in import PAUSE, BargeInDetector

SHORTEST = samples_of_ms(400)


def heard(detector: BargeInDetector, frames: int, *, start: int = 0, speaking: bool = True) -> int:
    pts = start
    for _ in range(frames):
        detector.hear(pts, audible=True, speaking=speaking)
        pts += FRAME_SAMPLES
    return pts


def noticed(*, interrupts: bool = True, speaking: bool = True) -> BargeInDetector:
    detector = BargeInDetector(SHORTEST, interrupts=interrupts)
    detector.hear(0, audible=False, speaking=speaking)
    detector.begin()
    return detector


def test_a_sound_is_meant_once_it_is_as_long_as_no_backchannel_is() -> None:
    detector = noticed()
    pts = heard(detector, 19)
    assert not detector.is_meant
    heard(detector, 1, start=pts)
    assert detector.is_meant


def test_a_short_sound_that_ends_while_the_agent_speaks_is_a_backchannel() -> None:
    detector = noticed()
    heard(detector, 10)
    assert detector.is_backchannel
    assert not detector.is_meant


def test_a_short_answer_that_ends_after_the_agent_is_none() -> None:
    detector = noticed()
    pts = heard(detector, 5)
    heard(detector, 5, start=pts, speaking=False)
    assert not detector.is_backchannel


def test_the_gap_within_mm_hm_is_part_of_it_and_a_longer_one_is_not() -> None:
    detector = noticed()
    pts = heard(detector, 11)
    heard(detector, 5, start=pts + PAUSE)
    assert detector.is_meant
    apart = noticed()
    pts = heard(apart, 11)
    heard(apart, 5, start=pts + PAUSE + FRAME_SAMPLES)
    assert not apart.is_meant


def test_what_began_before_the_agent_spoke_does_not_interrupt_it() -> None:
    detector = noticed(speaking=False)
    heard(detector, 50)
    assert not detector.is_meant


def test_nothing_interrupts_an_agent_that_is_not_to_be_interrupted() -> None:
    detector = noticed(interrupts=False)
    heard(detector, 50)
    assert not detector.is_meant


def test_without_a_length_the_session_decides() -> None:
    detector = BargeInDetector(0, interrupts=True)
    detector.hear(0, audible=True, speaking=True)
    detector.begin()
    heard(detector, 50)
    assert not detector.matters
    assert not detector.is_meant
    assert not detector.is_backchannel
