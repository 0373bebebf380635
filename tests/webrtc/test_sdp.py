from __future__ import annotations

import pytest

from soundstage.errors import ConnectError
from soundstage.webrtc.sdp import Description

SESSION = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n"
SESSION += "a=ice-ufrag:x\r\na=ice-pwd:y\r\na=fingerprint:sha-256 00\r\n"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 96 0 8\r\nc=IN IP4 0.0.0.0\r\na=sendrecv\r\n"
CHANNEL = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=max-message-size:1073741823\r\n"


def test_an_answer_with_audio_and_a_channel_promises_both():
    read = Description.read(SESSION + AUDIO + CHANNEL)
    assert read == Description(sends_audio=True, has_channel=True, message_size=1_073_741_823)


def test_an_unstated_direction_sends_and_an_unstated_size_is_the_standards():
    read = Description.read(SESSION + AUDIO.replace("a=sendrecv\r\n", "") + "m=application 9 x\r\n")
    assert read == Description(sends_audio=True, has_channel=True, message_size=65_536)


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_a_section_that_only_receives_does_not_send(direction):
    assert not Description.read(SESSION + AUDIO.replace("sendrecv", direction)).sends_audio


def test_a_section_may_inherit_its_direction():
    sdp = SESSION + "a=recvonly\r\n" + AUDIO.replace("a=sendrecv\r\n", "") + CHANNEL
    assert not Description.read(sdp).sends_audio


def test_a_refused_channel_is_none():
    assert not Description.read(SESSION + AUDIO + CHANNEL.replace(" 9 ", " 0 ")).has_channel


@pytest.mark.parametrize("audio", ["", AUDIO.replace(" 9 ", " 0 ")])
def test_an_answer_without_audio_says_so(audio):
    with pytest.raises(ConnectError, match="no audio section"):
        Description.read(SESSION + audio + CHANNEL)


@pytest.mark.parametrize("garbage", ["", "<html>" + "x" * 1000, '{"sdp": "v=0"}'])
def test_garbage_is_shown_in_part_and_named(garbage):
    with pytest.raises(ConnectError, match="no session description") as caught:
        Description.read(garbage)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("missing", ["ice-ufrag", "ice-pwd", "fingerprint"])
def test_a_description_of_another_protocol_says_what_it_lacks(missing):
    sdp = (SESSION + AUDIO + CHANNEL).replace(f"a={missing}:", "a=other:")
    with pytest.raises(ConnectError, match=f"has no {missing}"):
        Description.read(sdp)
