"""Whatever a bot sends, its dialect takes it or says what is wrong with it, and never breaks.

A new dialect is a row of `DIALECTS`: its class, and messages as a bot sends them.
"""

from __future__ import annotations

import json
import random
import tracemalloc
from typing import TYPE_CHECKING, Any, Final

import pytest

from soundstage.bots import BotTarget, Dialect, WireFormat
from soundstage.bots.livekit_console import ConsoleDialect
from soundstage.bots.pipecat.frame_dialect import FrameDialect
from soundstage.bots.protobuf_fields import bytes_field, number_field, text_field
from soundstage.bots.raw_websocket import RawDialect
from soundstage.bots.twilio import TwilioDialect
from soundstage.bots.twilio_webhook import stream_in
from soundstage.errors import BotFailed

if TYPE_CHECKING:
    from collections.abc import Callable

STREAM = "MZ" + "0" * 32


def twilio(event: str, **body: Any) -> str:
    return json.dumps({"event": event, "streamSid": STREAM, event: body})


def console_audio() -> bytes:
    shape = number_field(2, 48_000) + number_field(3, 1) + number_field(4, 3)
    return bytes_field(2, bytes_field(1, b"\1\0\2\0\3\0") + shape)


def console_item() -> bytes:
    said = number_field(2, 3) + bytes_field(3, text_field(1, "Good day.")) + number_field(4, 1)
    return bytes_field(3, bytes_field(12, bytes_field(1, bytes_field(1, said))))


def console_call() -> bytes:
    call = text_field(3, "{}") + text_field(4, "look")
    told = bytes_field(1, call) + bytes_field(2, text_field(4, "grey") + number_field(5, 1))
    return bytes_field(3, bytes_field(14, told))


def console_version() -> bytes:
    info = text_field(1, "python") + text_field(2, "1.8.9")
    return bytes_field(5, text_field(1, "version") + bytes_field(11, info))


def pipecat_frame(data: str) -> bytes:
    return bytes_field(4, text_field(1, data))


RTVI = {"label": "rtvi-ai", "type": "bot-tts-text", "id": "1", "data": {"text": "Good day."}}

DIALECTS: Final[dict[str, tuple[Callable[..., Dialect], list[str | bytes]]]] = {
    "websocket": (
        RawDialect,
        [b"\1\0\2\0", '{"type": "clear"}', '{"type": "text", "text": "Good day."}', "hello"],
    ),
    "twilio": (
        TwilioDialect,
        [
            twilio("media", payload="f39/fw=="),
            twilio("mark", name="end"),
            json.dumps({"event": "clear", "streamSid": STREAM}),
        ],
    ),
    "livekit-console": (
        ConsoleDialect,
        [
            console_audio(),
            console_item(),
            console_call(),
            console_version(),
            bytes_field(6, b""),
            bytes_field(7, b""),
            bytes_field(3, bytes_field(10, number_field(1, 3) + number_field(2, 4))),
            bytes_field(3, bytes_field(13, text_field(1, "Hi") + number_field(2, 1))),
        ],
    ),
    "pipecat-websocket": (
        FrameDialect,
        [
            bytes_field(
                2, bytes_field(3, b"\1\0\2\0") + number_field(4, 24_000) + number_field(5, 1)
            ),
            pipecat_frame(json.dumps(RTVI)),
            bytes_field(5, b""),
        ],
    ),
}

WORDS: Final = (
    *("null", "[]", "{}", '""', "-1", "1e999", "true", '"\\ud800"', "[[[[", '"' + "x" * 300 + '"'),
    *('{"event": "media"}', "\0", "\N{REPLACEMENT CHARACTER}", "18446744073709551616"),
)


class Line:
    """Takes what a dialect tells, and holds it to the types that a caller has."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.taken = 0

    def audio(self, audio: bytes) -> None:
        assert isinstance(audio, bytes)
        self.taken += 1

    def form(self, form: WireFormat) -> None:
        assert form.rate > 0

    def mark(self, name: str) -> bool:
        assert isinstance(name, str)
        return self.chance.random() < 0.5

    def clear(self) -> list[str]:
        return ["end", ""]

    def keys(self, keys: str) -> None:
        assert isinstance(keys, str)

    def note(self, name: str, data: dict[str, Any]) -> None:
        assert isinstance(name, str)
        assert isinstance(data, dict)
        # It goes into the event log, which is JSON in UTF-8.
        json.dumps(data).encode()

    def warn(self, message: str) -> None:
        assert message


VALUES: Final = (None, True, -1, 1e300, "", "\ud800", "x" * 300, [], {}, [[1]], {"event": 7})


def with_another_value(message: str, chance: random.Random) -> str:
    """A JSON object with one of its values, however deep, replaced by another."""
    told = json.loads(message)
    place = told
    while isinstance(place, dict) and place:
        key = chance.choice(sorted(place))
        if isinstance(place[key], dict) and chance.random() < 0.7:
            place = place[key]
            continue
        place[key] = chance.choice(VALUES)
        break
    return json.dumps(told)


def mutated(message: str | bytes, chance: random.Random) -> str | bytes:
    """A message with some damage, as text or as bytes."""
    if isinstance(message, str) and message.startswith("{") and chance.random() < 0.5:
        return with_another_value(message, chance)
    if isinstance(message, str):
        text = message
        for _ in range(chance.randint(1, 3)):
            at, upto = sorted(chance.choices(range(len(text) + 1), k=2))
            kind = chance.randrange(3)
            if kind == 0:
                text = text[:at] + text[upto:]
            elif kind == 1:
                text = text[:at] + chance.choice(WORDS) + text[upto:]
            else:
                text = text[:upto] + text[at:]
        return text if chance.random() < 0.95 else text.encode("utf-8", "replace")
    raw = bytearray(message)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(raw) + 1)
        kind = chance.randrange(4)
        if kind == 0 and raw:
            raw[at % len(raw)] = chance.randrange(256)
        elif kind == 1:
            del raw[at : at + chance.randint(1, 8)]
        elif kind == 2:
            raw[at:at] = chance.randbytes(chance.randint(1, 12))
        else:
            raw[at:at] = bytes([chance.randrange(256)]) + b"\xff" * 9 + b"\1"
    return bytes(raw) if chance.random() < 0.95 else raw.decode("latin-1")


@pytest.mark.parametrize("transport", DIALECTS)
@pytest.mark.parametrize(
    "count",
    [500, pytest.param(20_000, marks=[pytest.mark.prove, pytest.mark.timeout(1200)])],
    ids=["few", "many"],
)
def test_a_message_is_taken_or_refused_with_a_reason(transport: str, count: int) -> None:
    make, samples = DIALECTS[transport]
    taken = refused = 0
    for number in range(count):
        chance = random.Random(number)
        dialect = make(BotTarget(), Line(chance))
        for message in samples:
            dialect.receive(message)
        for _ in range(3):
            try:
                answers = dialect.receive(mutated(chance.choice(samples), chance))
                assert all(isinstance(each, str | bytes) for each in answers)
                taken += 1
            except BotFailed as failed:
                refused += bool(str(failed).strip())
    print(f"{transport}: {taken} messages taken, {refused} refused")
    assert taken + refused == 3 * count
    assert taken > count / 20
    assert transport == "websocket" or refused > count / 20


@pytest.mark.parametrize("transport", DIALECTS)
def test_a_message_that_lies_about_its_length_takes_no_memory(transport: str) -> None:
    make, samples = DIALECTS[transport]
    tracemalloc.start()
    try:
        dialect = make(BotTarget(), Line(random.Random(1)))
        for message in samples:
            if isinstance(message, bytes):
                for lie in (b"\x12\xff\xff\xff\xff\x0f", b"\x1a\xff\xff\xff\xff\xff\xff\xff\x7f"):
                    try:
                        dialect.receive(lie + message)
                    except BotFailed:
                        continue
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


def test_twiml_that_is_wrong_is_refused_with_a_reason() -> None:
    good = (
        "<?xml version='1.0'?><Response><Connect><Stream url='wss://x/media'>"
        "<Parameter name='tier' value='gold'/></Stream></Connect></Response>"
    )
    taken = refused = 0
    for number in range(3_000):
        chance = random.Random(number)
        text = mutated(good, chance)
        try:
            stream_in(text if isinstance(text, str) else text.decode(), "http://127.0.0.1:1/voice")
            taken += 1
        except BotFailed as failed:
            refused += bool(str(failed).strip())
    assert taken + refused == 3_000
    assert taken > 30
