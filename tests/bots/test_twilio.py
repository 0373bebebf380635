"""The messages of Twilio Media Streams, with no socket."""

import base64
import json

import pytest

from soundstage.bots import BotTarget, PlayoutClock, WireFormat
from soundstage.bots.twilio import TwilioDialect
from soundstage.bots.twilio_webhook import signature, stream_in
from soundstage.errors import BotFailed
from soundstage.secrets import Secret
from soundstage.units import SILENCE


class Line(PlayoutClock):
    """The playout alone."""

    def __init__(self):
        super().__init__(WireFormat("mulaw", 8000))

    audio = PlayoutClock.add


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def twilio(line):
    return TwilioDialect(BotTarget(parameters={"from_number": "+15550001"}), line)


def media(twilio, frames):
    payload = base64.b64encode(bytes([0x20]) * 160 * frames).decode()
    return json.dumps({"event": "media", "streamSid": twilio.stream, "media": {"payload": payload}})


def told(messages):
    return [json.loads(message) for message in messages]


def test_a_call_begins_with_connected_and_start(twilio):
    connected, start = told(twilio.opening())
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert (start["sequenceNumber"], start["streamSid"]) == ("1", twilio.stream)
    assert start["start"]["customParameters"] == {"from_number": "+15550001"}
    assert start["start"]["mediaFormat"]["sampleRate"] == 8000


def test_media_is_numbered_in_texts_and_has_20_ms(twilio):
    twilio.opening()
    first, second = told([*twilio.audio(SILENCE), *twilio.audio(SILENCE)])
    assert (first["sequenceNumber"], second["sequenceNumber"]) == ("2", "3")
    assert (second["media"]["chunk"], second["media"]["timestamp"]) == ("2", "20")
    assert len(base64.b64decode(second["media"]["payload"])) == 160


def test_a_mark_is_echoed_at_once_when_nothing_waits_and_later_otherwise(twilio, line):
    mark = json.dumps({"event": "mark", "streamSid": twilio.stream, "mark": {"name": "a"}})
    assert [m["mark"]["name"] for m in told(twilio.receive(mark))] == ["a"]
    twilio.receive(media(twilio, 2))
    assert twilio.receive(mark) == []
    assert [marks for _, marks in (line.take(), line.take())] == [[], ["a"]]


def test_a_clear_brings_back_every_mark(twilio, line):
    twilio.receive(media(twilio, 100))
    twilio.receive(json.dumps({"event": "mark", "streamSid": twilio.stream, "mark": {"name": "a"}}))
    answer = twilio.receive(json.dumps({"event": "clear", "streamSid": twilio.stream}))
    assert [m["mark"]["name"] for m in told(answer)] == ["a"]
    assert line.take() == (SILENCE, [])


def test_keys_and_the_end_are_messages(twilio):
    assert [m["dtmf"]["digit"] for m in told(twilio.press("5#"))] == ["5", "#"]
    assert told(twilio.closing())[0]["stop"]["callSid"] == twilio.call


@pytest.mark.parametrize(
    ("message", "told_as"),
    [
        ("no json", "no JSON object"),
        (b"binary", "binary message"),
        ('{"event": "play"}', "knows media, mark and clear"),
        ('{"event": "clear", "streamSid": "MZother"}', "names the stream 'MZother'"),
        ('{"event": "media", "streamSid": "SID", "media": {"payload": "%%"}}', "base64"),
        ('{"event": "media", "streamSid": "SID"}', "no object media"),
        ('{"event": "mark", "streamSid": "SID", "mark": {}}', "no name"),
    ],
)
def test_what_twilio_does_not_take_is_the_bots_fault(twilio, message, told_as):
    if isinstance(message, str):
        message = message.replace("SID", twilio.stream)
    with pytest.raises(BotFailed, match=told_as):
        twilio.receive(message)


def test_an_answer_that_is_nested_without_end_is_the_bots_fault(twilio):
    with pytest.raises(BotFailed, match="no JSON object"):
        twilio.receive('{"event":' * 5000)


def test_the_stream_of_twiml_goes_to_the_server_that_was_asked():
    twiml = (
        '<Response><Connect><Stream url="wss://bot.example.org/media-stream">'
        '<Parameter name="lang" value="en"/></Stream></Connect></Response>'
    )
    answer = stream_in(twiml, "http://127.0.0.1:8000/incoming-call")
    assert answer.url == "ws://127.0.0.1:8000/media-stream"
    assert answer.parameters == {"lang": "en"}


@pytest.mark.parametrize("twiml", ["hello", "<Response><Say>Hi</Say></Response>"])
def test_an_answer_without_a_stream_is_the_bots_fault(twiml):
    with pytest.raises(BotFailed, match="TwiML"):
        stream_in(twiml, "http://127.0.0.1/")


def test_a_signature_is_that_of_twilios_own_example():
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    made = signature(Secret("12345"), "https://mycompany.com/myapp.php?foo=1&bar=2", fields)
    assert made == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
