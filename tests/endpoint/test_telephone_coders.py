from __future__ import annotations

import base64

import pytest
from dummy_call import DummyCall

from soundstage.audio import G711Encoder, TelephoneCoders, peak
from soundstage.realtime import Transcribe
from soundstage.units import samples_of_ms

FORMATS = ["audio/pcmu", "audio/pcma"]
LOUD = b"\x00\x20" * samples_of_ms(400)


def session(kind: str, **audio) -> dict:
    sides = {"input": {"format": {"type": kind}, "turn_detection": None}}
    return {"type": "realtime", "audio": {**sides, "output": {"format": {"type": kind}}, **audio}}


def call_of(kind: str) -> DummyCall:
    return DummyCall(session(kind), transport="websocket", coders=TelephoneCoders())


def coded(kind: str, pcm: bytes) -> str:
    encoder = G711Encoder("mu" if kind == "audio/pcmu" else "a")
    return base64.b64encode(encoder.push(pcm) + encoder.flush()).decode()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_telephone_is_heard(kind):
    call = call_of(kind)
    audio = coded(kind, LOUD)
    call.send("input_audio_buffer.append", audio=audio[:1000])
    call.send("input_audio_buffer.append", audio=audio[1000:])
    call.send("input_audio_buffer.commit")
    heard = call.job(Transcribe).pcm
    assert len(heard) == len(LOUD)
    assert abs(peak(heard[4800:9600]) - 0x2000) <= 0x100


@pytest.mark.parametrize("kind", FORMATS)
def test_a_telephone_is_answered_in_its_own_format(kind):
    call = call_of(kind)
    call.send("response.create")
    call.compose("One two three")
    call.voice()
    call.pause(200)
    deltas = call.all("response.output_audio.delta")
    audio = b"".join(base64.b64decode(delta["delta"]) for delta in deltas)
    assert len(audio) == 8 * 600
    assert call.last("response.done")["response"]["audio"]["output"]["format"] == {"type": kind}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_item_with_the_audio_of_a_telephone_is_given_back_in_its_format(kind):
    call = call_of(kind)
    audio = coded(kind, LOUD)
    part = {"type": "input_audio", "audio": audio}
    call.send(
        "conversation.item.create", item={"type": "message", "role": "user", "content": [part]}
    )
    assert len(call.job(Transcribe).pcm) == len(LOUD)
    ident = call.last("conversation.item.done")["item"]["id"]
    back = call.item(ident)["content"][0]["audio"]
    assert len(base64.b64decode(back)) == len(base64.b64decode(audio))


def test_the_format_may_change_while_audio_comes():
    call = call_of("audio/pcmu")
    call.send("input_audio_buffer.append", audio=coded("audio/pcmu", LOUD))
    call.send("session.update", session=session("audio/pcm"))
    call.send("input_audio_buffer.append", audio=base64.b64encode(LOUD).decode())
    call.send("input_audio_buffer.commit")
    assert len(call.job(Transcribe).pcm) == 2 * len(LOUD)
