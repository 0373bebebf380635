from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime.server.output_track import (
    OutputBuffer,
    PlayoutCut,
    PlayoutStarted,
    PlayoutStopped,
)
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

LOUD = b"\1" * FRAME_BYTES


def playing(*responses: str, frames: int = 2) -> OutputBuffer:
    buffer = OutputBuffer()
    for response in responses:
        buffer.open(response, f"item of {response}")
        buffer.append(response, LOUD * frames)
        buffer.close(response)
    return buffer


def test_an_empty_buffer_plays_silence():
    frame, changes = OutputBuffer().take()
    assert frame is SILENCE
    assert changes == []


def test_a_response_starts_with_its_first_frame_and_stops_after_its_last():
    buffer = playing("a")
    assert [buffer.take() for _ in range(4)] == [
        (LOUD, [PlayoutStarted("a")]),
        (LOUD, []),
        (SILENCE, [PlayoutStopped("a")]),
        (SILENCE, []),
    ]


def test_responses_play_one_after_the_other_without_a_gap():
    buffer = playing("a", "b", frames=1)
    assert [buffer.take()[1] for _ in range(3)] == [
        [PlayoutStarted("a")],
        [PlayoutStopped("a"), PlayoutStarted("b")],
        [PlayoutStopped("b")],
    ]


def test_audio_that_comes_too_late_is_waited_for_in_silence():
    buffer = OutputBuffer()
    buffer.open("a", "item")
    buffer.append("a", LOUD)
    assert buffer.take()[0] == LOUD
    assert buffer.take() == (SILENCE, [])
    buffer.append("a", LOUD)
    assert buffer.take() == (LOUD, [])


def test_part_of_a_frame_waits_for_the_rest_and_is_padded_at_the_end():
    buffer = OutputBuffer()
    buffer.open("a", "item")
    buffer.append("a", LOUD[:100])
    assert buffer.take() == (SILENCE, [])
    buffer.close("a")
    assert buffer.take() == (LOUD[:100].ljust(FRAME_BYTES, b"\0"), [PlayoutStarted("a")])


def test_a_response_without_audio_neither_starts_nor_stops():
    buffer = playing("a", frames=0)
    assert buffer.take() == (SILENCE, [])
    assert not buffer.playing


def test_a_cut_tells_how_much_was_played_and_silences_what_still_comes():
    buffer = OutputBuffer()
    buffer.open("a", "item")
    buffer.append("a", LOUD * 5)
    buffer.take()
    buffer.take()
    assert buffer.cut(out_of_band=True) == [
        PlayoutCut("a", "item", 2 * FRAME_SAMPLES, audible=True)
    ]
    buffer.append("a", LOUD)
    assert buffer.take() == (SILENCE, [])


def test_a_cut_before_the_first_frame_was_not_audible():
    buffer = playing("a")
    assert buffer.cut(out_of_band=True) == [PlayoutCut("a", "item of a", 0, audible=False)]


def test_a_response_that_was_played_to_its_end_is_stopped_by_a_cut():
    buffer = playing("a", frames=1)
    buffer.take()
    assert buffer.cut(out_of_band=True) == [PlayoutStopped("a")]


def test_a_cut_may_leave_what_is_out_of_band():
    buffer = playing("a", frames=1)
    buffer.open("b", None)
    buffer.append("b", LOUD)
    buffer.cut(out_of_band=False)
    assert buffer.take() == (LOUD, [PlayoutStarted("b")])
    assert buffer.cut(out_of_band=True) == [PlayoutCut("b", None, FRAME_SAMPLES, audible=True)]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(0, 3000)),
            st.tuples(st.sampled_from(["open", "close", "take", "cut"]), st.just(0)),
        ),
        max_size=60,
    )
)
def test_never_more_is_played_than_was_appended_and_every_start_has_one_end(steps):
    buffer, number, appended, ends = OutputBuffer(), 0, {}, []
    for step, samples in steps:
        response = f"r{number}"
        if step == "open":
            buffer.close(response)
            number += 1
            appended[f"r{number}"] = 0
            buffer.open(f"r{number}", "item")
        elif step == "append" and number:
            buffer.append(response, bytes(2 * samples))
            appended[response] += samples
        elif step == "close":
            buffer.close(response)
        elif step == "take":
            frame, changes = buffer.take()
            assert len(frame) == FRAME_BYTES
            ends += changes
        elif step == "cut":
            ends += buffer.cut(out_of_band=True)
    for response, samples in appended.items():
        told = [change for change in ends if change.response == response]
        assert sum(isinstance(change, PlayoutStarted) for change in told) <= 1
        assert sum(not isinstance(change, PlayoutStarted) for change in told) <= 1
        for change in told:
            if isinstance(change, PlayoutCut):
                assert change.played <= samples
