from __future__ import annotations

import pytest
from dummy_tone import tone

from soundstage.realtime import client_events as client
from soundstage.realtime import server_events as server
from soundstage.units import FRAME_BYTES, FRAMES_PER_SECOND, SILENCE
from soundstage.websocket.playout import GIVEN_UP_AFTER, LEAD, Effects, Playout

SPEECH = [tone(number) for number in range(10)]


def started(response: str) -> Effects:
    return Effects(told=[server.OutputAudioBufferStarted(response_id=response)])


def stopped(response: str) -> Effects:
    return Effects(told=[server.OutputAudioBufferStopped(response_id=response)])


def frames(playout: Playout, number: int) -> list[bytes]:
    """So many ticks, in which nothing happens."""
    taken = [playout.take() for _ in range(number)]
    assert all(effects == Effects() for _, effects in taken)
    return [frame for frame, _ in taken]


def playing(*pieces: bytes) -> Playout:
    """One that has announced a reply and is about to play it."""
    playout = Playout()
    effects = [playout.add("resp_1", "item_1", 0, piece) for piece in pieces]
    assert effects[0] == started("resp_1")
    assert frames(playout, LEAD) == [SILENCE] * LEAD
    return playout


def test_nothing_is_silence():
    playout = Playout()
    assert playout.is_idle
    assert playout.take() == (SILENCE, Effects())


def test_a_reply_that_came_at_once_is_played_a_frame_a_tick_and_is_over_when_it_is_done():
    playout = playing(b"".join(SPEECH))
    playout.complete("resp_1")
    playout.made("resp_1")
    assert frames(playout, 10) == SPEECH
    assert playout.take() == (SILENCE, stopped("resp_1"))
    assert playout.is_idle
    assert playout.concealed == 0


def test_pieces_of_any_length_are_joined_and_the_last_one_is_filled_up():
    whole = b"".join(SPEECH)[:-100]
    playout = playing(*(whole[at : at + 334] for at in range(0, len(whole), 334)))
    playout.made("resp_1")
    heard = b"".join(frames(playout, 10))
    assert heard == whole + bytes(100)


def test_what_is_late_is_silence_that_counts_and_the_reply_goes_on():
    playout = playing(SPEECH[0])
    assert frames(playout, 3) == [SPEECH[0], SILENCE, SILENCE]
    assert playout.concealed == 2
    assert playout.add("resp_1", "item_1", 0, SPEECH[1]) == Effects()
    assert frames(playout, 1) == [SPEECH[1]]


def test_a_reply_whose_end_is_not_told_is_over_some_time_after_its_audio():
    playout = playing(SPEECH[0])
    playout.complete("resp_1")
    assert frames(playout, 1 + GIVEN_UP_AFTER) == [SPEECH[0]] + [SILENCE] * GIVEN_UP_AFTER
    assert playout.take() == (SILENCE, stopped("resp_1"))
    assert playout.concealed == 0


@pytest.mark.parametrize("played", [0, 1, 4])
def test_a_reply_that_is_cut_is_truncated_to_what_was_played(played):
    playout = playing(b"".join(SPEECH))
    frames(playout, played)
    assert playout.cut() == Effects(
        told=[server.OutputAudioBufferCleared(response_id="resp_1")],
        sent=[
            client.ConversationItemTruncate(
                item_id="item_1", content_index=0, audio_end_ms=20 * played
            )
        ],
    )
    assert playout.is_idle


def test_no_item_is_truncated_beyond_the_audio_that_came():
    playout = playing(SPEECH[0] + bytes(FRAME_BYTES // 2))
    playout.complete("resp_1")
    playout.add("resp_1", "item_2", 1, SPEECH[1])
    frames(playout, 2)
    [truncated] = playout.cut().sent
    assert (truncated.item_id, truncated.content_index, truncated.audio_end_ms) == ("item_2", 1, 0)
    short = playing(bytes(FRAME_BYTES // 2))
    short.add("resp_1", "item_2", 0, b"")
    frames(short, 1)
    assert [(each.item_id, each.audio_end_ms) for each in short.cut().sent] == [("item_2", 0)]


def test_late_audio_of_a_reply_that_was_cut_is_not_heard():
    playout = playing(SPEECH[0])
    playout.cut()
    assert playout.add("resp_1", "item_1", 0, SPEECH[1]) == Effects()
    assert playout.is_idle
    assert playout.add("resp_2", "item_2", 0, SPEECH[2]) == started("resp_2")


def test_a_reply_that_was_heard_whole_is_not_cut():
    playout = playing(SPEECH[0])
    playout.made("resp_1")
    frames(playout, 1)
    assert playout.cut() == stopped("resp_1")


def test_one_reply_plays_after_the_other():
    playout = playing(SPEECH[0])
    assert playout.add("resp_2", "item_2", 0, SPEECH[1]) == Effects()
    playout.made("resp_1")
    frames(playout, 1)
    both = Effects(told=[*stopped("resp_1").told, *started("resp_2").told])
    assert playout.take() == (SILENCE, both)
    assert frames(playout, LEAD + 1) == [SILENCE] * LEAD + [SPEECH[1]]


def test_one_of_two_replies_is_cut_and_the_other_is_played():
    playout = playing(SPEECH[0])
    playout.add("resp_2", "item_2", 0, SPEECH[1])
    effects = playout.cut("resp_1")
    assert effects.told == [
        server.OutputAudioBufferCleared(response_id="resp_1"),
        server.OutputAudioBufferStarted(response_id="resp_2"),
    ]
    assert frames(playout, LEAD + 1) == [SILENCE] * LEAD + [SPEECH[1]]


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr("soundstage.websocket.playout.MOST_WAITING", FRAMES_PER_SECOND)
    playout = Playout()
    playout.add("resp_1", "item_1", 0, bytes(FRAME_BYTES) * (FRAMES_PER_SECOND + 7))
    assert playout.dropped == 7
