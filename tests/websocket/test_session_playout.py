from __future__ import annotations

import base64
import json

import pytest
from dummy_tone import tone

from soundstage.audio import G711Decoder, G711Encoder, peak
from soundstage.units import FRAME_BYTES, SILENCE
from soundstage.websocket.playout import LEAD
from soundstage.websocket.session_playout import Passed, SessionPlayout

SPEECH = b"".join(tone(number) for number in range(10))
SESSION = {"type": "realtime", "model": "some-model"}


def event(kind: str, **fields) -> str:
    return json.dumps({"type": kind, "event_id": "event_1", **fields})


def audio(pcm: bytes, name: str = "response.output_audio.delta", **fields) -> str:
    at = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    return event(name, **at | {"delta": base64.b64encode(pcm).decode()} | fields)


def done(status: str = "completed", reason: str | None = None) -> str:
    details = {"type": status, "reason": reason} if reason else None
    return event(
        "response.done", response={"id": "resp_1", "status": status, "status_details": details}
    )


STARTED = '{"type":"output_audio_buffer.started","response_id":"resp_1"}'
CLEARED = '{"type":"output_audio_buffer.cleared","response_id":"resp_1"}'
SPOKE = event("input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=7)


def told(passed: Passed) -> list[str]:
    return [each if isinstance(each, str) else each.decode() for each in passed.told]


def sent(passed: Passed) -> list[dict]:
    return [json.loads(each) for each in passed.sent]


def truncation(ms: int) -> dict:
    kind = "conversation.item.truncate"
    return {"type": kind, "item_id": "item_1", "content_index": 0, "audio_end_ms": ms}


def speaking(session=SESSION) -> SessionPlayout:
    """One that has played two frames of a reply."""
    playout = SessionPlayout(session)
    assert told(playout.receive(audio(SPEECH))) == [STARTED]
    for _ in range(LEAD + 2):
        playout.take()
    return playout


def test_audio_is_played_and_its_events_are_not_told():
    playout = SessionPlayout(SESSION)
    assert told(playout.receive(audio(SPEECH))) == [STARTED]
    assert [playout.take()[0] for _ in range(LEAD + 2)][LEAD:] == [tone(0), tone(1)]


def test_events_of_the_beta_are_played_as_well():
    assert told(SessionPlayout(SESSION).receive(audio(SPEECH, "response.audio.delta"))) == [STARTED]


def test_audio_that_names_no_response_is_of_the_one_that_is_being_made():
    playout = SessionPlayout(SESSION)
    playout.receive(event("response.created", response={"id": "resp_1"}))
    assert told(playout.receive(audio(SPEECH, response_id=None))) == [STARTED]


def test_audio_that_is_no_base64_is_counted_and_loses_nothing_else():
    playout = SessionPlayout(SESSION)
    assert playout.receive(audio(b"", delta="no base64!")) == Passed()
    assert playout.unreadable == 1
    assert told(playout.receive(audio(SPEECH))) == [STARTED]


@pytest.mark.parametrize("text", ["{", "[]", '{"type":"of.another.server"}', b"\xff"])
def test_whatever_else_comes_is_told_as_it_is(text):
    assert SessionPlayout(SESSION).receive(text) == Passed(told=[text])


def test_a_server_that_says_what_it_plays_is_not_believed():
    assert SessionPlayout(SESSION).receive(STARTED) == Passed()


def test_speech_cuts_what_plays_and_the_server_learns_what_was_heard():
    passed = speaking().receive(SPOKE)
    assert told(passed) == [SPOKE, CLEARED]
    assert sent(passed) == [truncation(40)]


@pytest.mark.parametrize("where", ["call", "update"])
def test_speech_that_must_not_interrupt_cuts_nothing(where):
    detection = {"turn_detection": {"type": "server_vad", "interrupt_response": False}}
    session = {**SESSION, "audio": {"input": detection}}
    playout = speaking(session if where == "call" else SESSION)
    if where == "update":
        update = event("session.update", session=session).encode()
        assert playout.send(update) == Passed(sent=[update])
    assert playout.receive(SPOKE) == Passed(told=[SPOKE])


def test_a_response_that_the_server_cut_for_speech_is_not_played_on():
    text = done("cancelled", "turn_detected")
    passed = speaking().receive(text)
    assert told(passed) == [text, CLEARED]
    assert sent(passed) == [truncation(40)]


def test_a_response_that_its_client_cancels_plays_on_until_that_clears_it():
    playout = speaking()
    text = done("cancelled", "client_cancelled")
    assert playout.receive(text) == Passed(told=[text])
    assert playout.take()[0] == tone(2)
    passed = playout.send(event("output_audio_buffer.clear").encode())
    assert told(passed) == [CLEARED]
    assert sent(passed) == [truncation(60)]


def test_a_response_that_its_client_refuses_by_name_is_not_heard():
    cancel = event("response.cancel", response_id="resp_1").encode()
    playout = SessionPlayout(SESSION)
    assert playout.send(cancel) == Passed(sent=[cancel])
    assert playout.receive(audio(SPEECH)) == Passed()
    passed = speaking().send(cancel)
    assert passed.sent[0] == cancel
    assert told(passed) == [CLEARED]
    assert sent(passed)[1:] == [truncation(40)]


def test_the_end_of_a_reply_is_told_when_it_has_been_played():
    playout = speaking()
    playout.receive(done())
    frames = [playout.take() for _ in range(9)]
    assert [told(passed) for _, passed in frames[:8]] == [[]] * 8
    assert told(frames[8][1]) == ['{"type":"output_audio_buffer.stopped","response_id":"resp_1"}']


def test_the_server_hears_nothing_before_it_has_taken_the_configuration():
    playout = SessionPlayout(SESSION)
    assert [playout.play(tone(number)) for number in range(4)] == [None] * 4
    playout.receive(event("session.updated", session={}))
    assert playout.play(tone(0)) is None
    body = json.loads(playout.play(tone(1)))
    assert body["type"] == "input_audio_buffer.append"
    assert base64.b64decode(body["audio"]) == tone(0) + tone(1)


@pytest.mark.parametrize(("kind", "law"), [("audio/pcmu", "mu"), ("audio/pcma", "a")])
def test_audio_of_the_telephone_is_coded_as_the_session_says(kind, law):
    sides = {side: {"format": {"type": kind}} for side in ("input", "output")}
    playout = SessionPlayout(SESSION)
    playout.receive(event("session.updated", session={"audio": sides}))
    coder = G711Encoder(law)
    coded = coder.push(SPEECH) + coder.flush()
    playout.receive(audio(coded))
    playout.receive(event("response.output_audio.done", response_id="resp_1", item_id="item_1"))
    heard = b"".join(playout.take()[0] for _ in range(LEAD + 10))
    assert len(heard) == (LEAD + 10) * FRAME_BYTES
    assert peak(heard) > peak(SPEECH) * 0.8
    pieces = [piece for number in range(50) if (piece := playout.play(tone(number)))]
    decoder = G711Decoder(law)
    back = b"".join(decoder.push(base64.b64decode(json.loads(piece)["audio"])) for piece in pieces)
    assert len(back) > 40 * FRAME_BYTES
    assert peak(back) > peak(SPEECH) * 0.8


@pytest.mark.parametrize("names_model", [True, False])
def test_the_first_update_names_the_model_where_the_provider_wants_it(names_model):
    playout = SessionPlayout(SESSION, names_model=names_model)
    update = event("session.update", session={"type": "realtime"}).encode()
    models = [sent(playout.send(update))[0]["session"].get("model") for _ in range(2)]
    assert models == ["some-model" if names_model else None, None]


def test_without_a_reply_there_is_silence():
    assert SessionPlayout(SESSION).take() == (SILENCE, Passed())
