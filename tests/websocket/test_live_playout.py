"""A Live session over a WebSocket, as its owner sees it: events without audio, and a track."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from soundstage.units import FRAME_BYTES, SILENCE
from soundstage.websocket.live_playout import (
    BEHIND,
    LEAD,
    LEAD_WITHIN,
    MOST_WAITING,
    LivePlayout,
)

LOUD = b"\x00\x20" * (FRAME_BYTES // 2)
STARTED = json.dumps({"type": "session.started", "event_id": "e", "session": {"id": "live_1"}})


def audio(pcm: bytes) -> str:
    return json.dumps(
        {"type": "session.output_audio.delta", "delta": base64.b64encode(pcm).decode()}
    )


def started(session: dict[str, Any] | None = None) -> LivePlayout:
    playout = LivePlayout({"model": "gpt-live-1.1", **(session or {})})
    assert playout.receive(STARTED).told == [STARTED]
    return playout


def take(playout: LivePlayout, count: int) -> list[bytes]:
    return [playout.take()[0] for _ in range(count)]


def test_it_is_begun_and_ended_by_events_of_its_own() -> None:
    playout = LivePlayout({"model": "gpt-live-1.1"})
    (start,) = playout.opening()
    assert json.loads(start) == {"type": "session.start", "session": {"model": "gpt-live-1.1"}}
    assert playout.parting() is None
    playout.receive(STARTED)
    (close,) = playout.parting() or []
    assert json.loads(close) == {"type": "session.close"}


def test_a_session_that_its_owner_has_closed_is_waited_for_and_not_closed_twice() -> None:
    playout = started()
    playout.send(b'{"type":"session.close"}')
    assert playout.parting() == []
    assert [playout.play(LOUD) for _ in range(4)] == [None] * 4


def test_nothing_is_heard_before_it_has_started() -> None:
    playout = LivePlayout({})
    assert playout.play(LOUD) is None
    playout.receive(STARTED)
    assert playout.play(LOUD) is None
    event = json.loads(playout.play(LOUD) or b"")
    assert event["type"] == "session.input_audio.append"
    assert base64.b64decode(event["audio"]) == LOUD * 2


def test_its_track_is_played_behind_a_lead() -> None:
    playout = started()
    assert playout.receive(audio(LOUD * 5)).told == []
    assert take(playout, 5) == [SILENCE] * 5
    playout.receive(audio(LOUD * 5))
    assert take(playout, 10) == [LOUD] * 10
    assert playout.concealed == 0


def test_what_does_not_come_in_time_is_counted_where_it_was_speech() -> None:
    playout = started()
    playout.receive(audio(LOUD * LEAD))
    take(playout, LEAD)
    take(playout, 3)
    assert playout.concealed == 3
    playout.receive(audio(LOUD * LEAD + SILENCE))
    take(playout, LEAD + 1)
    before = playout.concealed
    take(playout, 5)
    assert playout.concealed == before


def test_speech_that_comes_without_the_silences_is_played_too() -> None:
    playout = started()
    playout.receive(audio(LOUD * 2))
    heard = take(playout, LEAD_WITHIN + 2)
    assert heard.count(LOUD) == 2


def test_silence_is_left_out_when_much_waits_and_speech_never_is() -> None:
    playout = started()
    playout.receive(audio((SILENCE * 5 + LOUD) * BEHIND))
    heard = take(playout, 6 * BEHIND)
    assert heard.count(LOUD) == BEHIND
    assert heard.index(LOUD) == 0


def test_a_server_that_sends_faster_than_it_speaks_is_bounded() -> None:
    playout = started()
    for _ in range(4):
        playout.receive(audio(LOUD * (MOST_WAITING // 2)))
    assert playout.dropped == MOST_WAITING


@pytest.mark.parametrize("delta", ["***", "a"])
def test_audio_that_is_none_is_passed_over(delta: str) -> None:
    playout = started()
    event = json.dumps({"type": "session.output_audio.delta", "delta": delta})
    assert playout.receive(event).told == []
    assert playout.unreadable == 1


@pytest.mark.parametrize(
    ("kind", "rate", "size"), [("audio/pcm", 16000, 1280), ("audio/pcma", 8000, 320)]
)
def test_both_ways_are_of_the_sessions_format(kind: str, rate: int, size: int) -> None:
    playout = started({"audio": {"format": {"type": kind, "rate": rate}}})
    pieces = [playout.play(LOUD) for _ in range(100)]
    sent = b"".join(
        base64.b64decode(json.loads(piece)["audio"]) for piece in pieces if piece is not None
    )
    assert 45 * size < len(sent) <= 50 * size
    playout.receive(audio(sent))
    assert sum(frame != SILENCE for frame in take(playout, 110)) > 85
