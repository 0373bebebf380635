"""The transport `twilio`: Twilio calls, and opens a bidirectional Media Stream.

Source: Twilio's page "Media Streams - WebSocket Messages". Numbers in its messages are texts.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from soundstage.bots.dialect_call import DialectCall
from soundstage.bots.twilio_webhook import ask_webhook, signature
from soundstage.bots.wire_audio import WireEncoder, WireFormat
from soundstage.errors import BotFailed
from soundstage.json_text import NotJson, read_json_as
from soundstage.units import FRAME_MS

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine, BotTarget
    from soundstage.bots.dialect import MakeDialect

_MULAW: Final = WireFormat("mulaw", 8000)

_SHOWN: Final = 80
"""Letters of a wrong message that a fault shows."""


class TwilioDialect:
    """The messages of one Media Stream, as Twilio sends and takes them.

    Args:
        target: the parameters of the call.
        line: gets what the bot tells.
    """

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        self.heard: WireFormat = _MULAW
        self.parameters: dict[str, str] = dict(target.parameters)
        self.account = "AC" + target.ids(32)
        self.call = "CA" + target.ids(32)
        self.stream = "MZ" + target.ids(32)
        self._line = line
        self._encoder = WireEncoder(_MULAW)
        self._sequence = 0
        self._chunk = 0

    def opening(self) -> list[str | bytes]:
        """`connected` and `start`."""
        start = {
            "streamSid": self.stream,
            "accountSid": self.account,
            "callSid": self.call,
            "tracks": ["inbound"],
            "customParameters": self.parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        connected = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        return [_text(connected), self._message("start", start)]

    def audio(self, pcm: bytes) -> list[str | bytes]:
        """`media` for every 20 ms, silence too."""
        self._chunk += 1
        media = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str((self._chunk - 1) * FRAME_MS),
            "payload": base64.b64encode(self._encoder.push(pcm)).decode(),
        }
        return [self._message("media", media)]

    def receive(self, message: str | bytes) -> list[str | bytes]:
        """`media`, `mark` or `clear`.

        Raises:
            BotFailed: it is none of them, or not of this stream.
        """
        if isinstance(message, bytes):
            raise BotFailed("it sent a binary message, where Twilio takes only JSON")
        try:
            told = read_json_as(message, dict[str, Any])
        except NotJson:
            raise BotFailed(f"it sent what is no JSON object: {message[:_SHOWN]}") from None
        event = told.get("event")
        if not isinstance(event, str) or event not in {"media", "mark", "clear"}:
            raise BotFailed(
                f"it sent the event {str(event)[:_SHOWN]!r}, where Twilio knows media, mark and "
                "clear"
            )
        if told.get("streamSid") != self.stream:
            raise BotFailed(
                f"its {event} names the stream {str(told.get('streamSid'))[:_SHOWN]!r}, and this "
                f"one is {self.stream}"
            )
        return self._taken(event, told)

    def played(self, mark: str) -> list[str | bytes]:
        """The echo of a mark."""
        return [self._message("mark", {"name": mark})]

    def press(self, keys: str) -> list[str | bytes] | None:
        """A `dtmf` for each key."""
        return [self._message("dtmf", {"track": "inbound_track", "digit": key}) for key in keys]

    def closing(self) -> list[str | bytes]:
        """`stop`."""
        return [self._message("stop", {"accountSid": self.account, "callSid": self.call})]

    def _taken(self, event: str, told: dict[str, Any]) -> list[str | bytes]:
        if event == "clear":
            return [message for mark in self._line.clear() for message in self.played(mark)]
        body = told.get(event)
        if not isinstance(body, dict):
            raise BotFailed(f"its {event} has no object {event}")
        if event == "mark":
            name = body.get("name")
            if not isinstance(name, str):
                raise BotFailed("its mark has no name")
            return self.played(name) if self._line.mark(name) else []
        payload = body.get("payload")
        try:
            audio = base64.b64decode(payload if isinstance(payload, str) else "?", validate=True)
        except (ValueError, binascii.Error):
            raise BotFailed("its media has no payload in base64") from None
        self._line.audio(audio)
        return []

    def _message(self, event: str, body: dict[str, Any]) -> str:
        self._sequence += 1
        return _text(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                "streamSid": self.stream,
                event: body,
            }
        )


class TwilioCall(DialectCall):
    """A call by Twilio: directly to the WebSocket, or by the webhook that says where it is.

    Args:
        target: the bot.
        line: gets what it tells.
    """

    keys_used: ClassVar[frozenset[str]] = frozenset(
        {"url", "webhook", "parameters", "auth_token", "jitter"}
    )
    plays_on: ClassVar[bool] = False
    delay: ClassVar[float] = 0.02
    notes: ClassVar[frozenset[str]] = frozenset()
    dialect_class: ClassVar[MakeDialect] = TwilioDialect

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        super().__init__(target, line)
        self.dialect: TwilioDialect = TwilioDialect(target, line)

    async def address(self) -> tuple[str, dict[str, str]]:
        """Where the stream goes: as the table says, or as the webhook answers.

        Raises:
            BotUnreachable: the webhook cannot be reached.
            BotFailed: it answers no TwiML with a stream.
        """
        url = self.target.url
        if self.target.webhook:
            stream = await ask_webhook(self.target, self.dialect.account, self.dialect.call)
            url = stream.url
            # With a webhook, it is TwiML that names the parameters of the stream.
            self.dialect.parameters = stream.parameters
        token = self.target.auth_token
        return url, {} if token is None else {"X-Twilio-Signature": signature(token, url, {})}


def _text(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
