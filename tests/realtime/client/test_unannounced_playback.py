"""A server that sends audio and never says of which response it is."""

from __future__ import annotations

from dummy_samples import SESSION
from dummy_server import (
    Call,
    call,
    cancelled,
    created,
    done,
    event,
    item_added,
    playback,
    speech,
    truncated,
)

from soundstage.realtime import UnannouncedAudio
from soundstage.realtime.client.unannounced_playback import (
    ANSWERED_AFTER,
    BEGUN_AFTER,
    NEXT_AFTER,
    PLAYED_AFTER,
    TOLD_AFTER,
)

STARTED = "output_audio_buffer.started"
STOPPED = "output_audio_buffer.stopped"
CLEARED = "output_audio_buffer.cleared"


def frames(spoken: Call, count: int, *, audible: bool = True) -> list[tuple[str, str]]:
    """Let so many frames come; the playback events they stand for, with their response."""
    told = [
        notification
        for _ in range(count)
        for notification in spoken.session.hear_frame(audible=audible)
    ]
    return [names_of(one) for one in told if not isinstance(one, UnannouncedAudio)]


def names_of(notification) -> tuple[str, str]:
    return str(notification.__struct_config__.tag), notification.response_id


def playing(response: str = "resp_1") -> Call:
    spoken = Call.configured()
    spoken.hear(created(response))
    assert frames(spoken, BEGUN_AFTER) == [(STARTED, response)]
    return spoken


def playback_of(told) -> list[tuple[str, str]]:
    return [names_of(one) for one in told if hasattr(one, "response_id")]


def test_the_first_sound_of_a_response_opens_the_gate():
    spoken = Call.configured()
    spoken.hear(created())
    assert frames(spoken, 5, audible=False) == []
    assert not spoken.session.gate_open
    assert frames(spoken, 5) == [(STARTED, "resp_1")]
    assert spoken.session.gate_open
    assert spoken.session.playing == "resp_1"


def test_an_announcement_may_come_right_after_the_first_sound():
    spoken = Call.configured()
    spoken.hear(created())
    assert frames(spoken, BEGUN_AFTER - 1) == []
    assert not spoken.session.gate_open
    assert playback_of(spoken.hear(playback("started"))) == [(STARTED, "resp_1")]


def test_sound_without_a_response_is_not_heard_and_told_once():
    spoken = Call.configured()
    told = [one for _ in range(3 * TOLD_AFTER) for one in spoken.session.hear_frame(audible=True)]
    assert told == [UnannouncedAudio("")]
    assert not spoken.session.gate_open
    assert "audio arrives that no response announced" in told[0].message
    assert "nothing of it is heard" in told[0].message


def test_it_is_told_once_that_a_response_was_not_announced():
    spoken = Call.configured()
    spoken.hear(created(), done())
    session = spoken.session
    told = [one for _ in range(TOLD_AFTER) for one in session.hear_frame(audible=True)]
    told += [one for _ in range(PLAYED_AFTER) for one in session.hear_frame(audible=False)]
    spoken.hear(created("resp_2"), done("resp_2"))
    told += [one for _ in range(TOLD_AFTER) for one in session.hear_frame(audible=True)]
    assert [one for one in told if isinstance(one, UnannouncedAudio)] == [
        UnannouncedAudio("resp_1")
    ]


def test_a_short_reply_that_was_not_announced_is_told_at_its_end():
    spoken = playing()
    spoken.hear(done())
    told = [one for _ in range(PLAYED_AFTER) for one in spoken.session.hear_frame(audible=False)]
    assert told[0] == UnannouncedAudio("resp_1")
    assert names_of(told[1]) == (STOPPED, "resp_1")


def test_a_pause_within_a_reply_does_not_end_it():
    spoken = playing()
    assert frames(spoken, 2 * PLAYED_AFTER, audible=False) == []
    spoken.hear(done())
    assert frames(spoken, 10) == []
    assert frames(spoken, PLAYED_AFTER - 1, audible=False) == []
    assert frames(spoken, 1, audible=False) == [(STOPPED, "resp_1")]
    assert spoken.session.playing is None


def test_a_response_that_is_done_before_its_first_sound_plays_to_its_end():
    spoken = Call.configured()
    spoken.hear(created(), done())
    assert frames(spoken, BEGUN_AFTER) == [(STARTED, "resp_1")]
    assert frames(spoken, PLAYED_AFTER, audible=False) == [(STOPPED, "resp_1")]


def test_the_next_response_plays_after_a_short_silence():
    spoken = playing()
    spoken.hear(done(), created("resp_2"))
    assert frames(spoken, NEXT_AFTER, audible=False) == [(STOPPED, "resp_1")]
    assert frames(spoken, 1) == [(STARTED, "resp_2")]


def test_a_response_that_only_calls_a_tool_is_not_taken_for_what_sounds():
    spoken = playing()
    spoken.hear(done(), created("resp_2"), done("resp_2", call()))
    assert frames(spoken, NEXT_AFTER, audible=False) == []
    assert frames(spoken, 10) == []
    assert spoken.session.playing == "resp_1"


def test_speech_cuts_what_plays():
    spoken = playing()
    told = spoken.hear(speech("started"))
    assert playback_of(told)[-1] == (CLEARED, "resp_1")
    assert not spoken.session.gate_open
    assert frames(spoken, 50) == []
    assert not spoken.session.gate_open


def test_speech_soon_after_the_end_of_a_reply_answers_it_and_does_not_cut_it():
    spoken = playing()
    spoken.hear(done())
    assert frames(spoken, ANSWERED_AFTER, audible=False) == []
    told = spoken.hear(speech("started"))
    assert (STOPPED, "resp_1") in playback_of(told)
    assert frames(spoken, PLAYED_AFTER, audible=False) == []
    spoken.hear(speech("stopped"), created("resp_2"))
    assert frames(spoken, BEGUN_AFTER) == [(STARTED, "resp_2")]


def test_speech_in_a_pause_of_a_reply_that_is_being_made_cuts_it():
    spoken = playing()
    assert frames(spoken, ANSWERED_AFTER, audible=False) == []
    assert (CLEARED, "resp_1") in playback_of(spoken.hear(speech("started")))


def test_the_words_that_were_heard_of_a_cut_reply_are_asked_for():
    spoken = Call.configured()
    spoken.hear(created(), item_added())
    frames(spoken, BEGUN_AFTER)
    spoken.hear(speech("started"), truncated())
    assert "conversation.item.retrieve" in spoken.kinds()


def test_speech_does_not_cut_where_nothing_interrupts():
    detection = {"type": "server_vad", "interrupt_response": False}
    spoken = Call.configured(
        {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    )
    spoken.hear(created())
    frames(spoken, BEGUN_AFTER)
    assert playback_of(spoken.hear(speech("started"))) == []
    assert spoken.session.gate_open


def test_a_reply_that_the_server_cancels_is_cut():
    spoken = playing()
    told = spoken.hear(cancelled(reason="client_cancelled"))
    assert (CLEARED, "resp_1") in playback_of(told)
    assert not spoken.session.gate_open


def test_a_reply_that_the_client_cancels_is_cut_and_the_next_one_is_heard():
    spoken = playing()
    spoken.session.cancel()
    assert not spoken.session.gate_open
    assert frames(spoken, 3) == [(CLEARED, "resp_1")]
    assert playback_of(spoken.hear(cancelled(reason="client_cancelled"))) == []
    spoken.hear(created("resp_2"))
    assert frames(spoken, 1) == [(STARTED, "resp_2")]
    assert spoken.session.gate_open


def test_a_server_that_announces_its_audio_is_believed_alone():
    spoken = Call.configured()
    spoken.hear(created(), playback("started"), done(), playback("stopped"))
    spoken.hear(created("resp_2"))
    assert frames(spoken, 3 * TOLD_AFTER) == []
    assert spoken.session.playing is None


def test_an_announcement_that_comes_after_the_first_sound_is_not_told_twice():
    spoken = playing()
    assert playback_of(spoken.hear(playback("started"))) == []
    assert spoken.session.playing == "resp_1"
    spoken.hear(done())
    assert frames(spoken, 2 * PLAYED_AFTER, audible=False) == []
    assert playback_of(spoken.hear(playback("stopped"))) == [(STOPPED, "resp_1")]


def test_what_comes_before_the_session_is_configured_is_taken_as_well():
    made = Call()
    made.hear(event("session.created", session=SESSION), created())
    assert frames(made, BEGUN_AFTER) == [(STARTED, "resp_1")]
