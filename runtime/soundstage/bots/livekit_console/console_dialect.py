"""What LiveKit's agents say on the socket of their console: all that is known of its insides.

Source: livekit-agents 1.8.9, `cli/tcp_console.py` and `voice/remote_session.py`, and
livekit-protocol 1.1, `AgentSessionMessage`. It is the wire between the command line `lk` and an
agent in Python, and is not documented. So the version is asked for, and another one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.bots.protobuf_fields import (
    bytes_field,
    fields_of,
    message_of,
    number_field,
    number_of,
    read_fields,
    text_field,
    text_of,
)
from soundstage.bots.wire_audio import WireEncoder, WireFormat
from soundstage.errors import BotFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.bots.bot_call import BotLine, BotTarget
    from soundstage.bots.protobuf_fields import FieldValue

VERSION: Final = "1.8"
"""The versions of livekit-agents whose console is known: 1.8.x."""

WIRE: Final = WireFormat("pcm16", 48_000)
"""Both ways; the agent makes 24 kHz of it."""

AUDIO_INPUT: Final = 1
AUDIO_OUTPUT: Final = 2
EVENT: Final = 3
REQUEST: Final = 4
RESPONSE: Final = 5
PLAYBACK_FLUSH: Final = 6
PLAYBACK_CLEAR: Final = 7
PLAYBACK_FINISHED: Final = 8

GET_FRAMEWORK_INFO: Final = 10
PING: Final = 2
"""In a request."""

FRAMEWORK_INFO: Final = 11
PONG: Final = 3
"""In a response."""

_AGENT_STATES: Final = ("initializing", "idle", "listening", "thinking", "speaking")
_USER_STATES: Final = ("speaking", "listening", "away")
_ROLES: Final = ("developer", "system", "user", "assistant")


class ConsoleDialect:
    """The messages of one call: each is a whole `AgentSessionMessage`, without its length.

    Args:
        target: not looked at: nothing can be told to an agent on its console.
        line: gets what the agent tells.

    Attributes:
        framework: what the agent runs on, as `python 1.8.9`; empty until it has said so.
        pongs: how many pings have been answered.
    """

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        del target
        self.heard: WireFormat = WIRE
        self.framework = ""
        self.pongs = 0
        self._line = line
        self._encoder = WireEncoder(WIRE)
        self._segments = 0
        self._takes: dict[int, Callable[[bytes], list[str | bytes]]] = {
            AUDIO_OUTPUT: self._take_audio,
            EVENT: self._take_event,
            RESPONSE: self._take_response,
            PLAYBACK_FLUSH: self._end_segment,
            PLAYBACK_CLEAR: self._clear,
        }

    @property
    def is_known(self) -> bool:
        """Whether the agent is of a version whose console is known."""
        return self.framework.startswith(f"python {VERSION}.")

    def opening(self) -> list[str | bytes]:
        """Ask for the version, which is answered when the agent's session has begun."""
        asked = text_field(1, "version") + bytes_field(GET_FRAMEWORK_INFO, b"")
        return [bytes_field(REQUEST, asked)]

    def ping(self) -> list[str | bytes]:
        """Ask whether the agent still runs."""
        asked = text_field(1, "alive") + bytes_field(PING, b"")
        return [bytes_field(REQUEST, asked)]

    def audio(self, pcm: bytes) -> list[str | bytes]:
        """`audio_input` for a frame."""
        audio = self._encoder.push(pcm)
        frame = (
            bytes_field(1, audio)
            + number_field(2, WIRE.rate)
            + number_field(3, 1)
            + number_field(4, len(audio) // WIRE.sample_bytes)
        )
        return [bytes_field(AUDIO_INPUT, frame)]

    def receive(self, message: str | bytes) -> list[str | bytes]:
        """Audio, its end, its clearing, an event, or an answer.

        Raises:
            BotFailed: it cannot be read, or its audio is not of the console's format.
        """
        if isinstance(message, str):
            raise BotFailed("it sent a text, where the console has protobuf messages")
        answers: list[str | bytes] = []
        for number, value in read_fields(message):
            # A field that is not known is of a later 1.8.x, and no part of a call.
            if (take := self._takes.get(number)) is not None:
                answers += take(message_of(value))
        return answers

    def played(self, _mark: str, /) -> list[str | bytes]:
        """`audio_playback_finished`: the agent stays in "speaking" without it."""
        return [bytes_field(PLAYBACK_FINISHED, b"")]

    def press(self, _keys: str, /) -> list[str | bytes] | None:
        """There are no messages for keys: they are heard as tones."""
        return None

    def closing(self) -> list[str | bytes]:
        """Nothing: the end of the connection says it."""
        return []

    def _take_audio(self, body: bytes) -> list[str | bytes]:
        frame = fields_of(body)
        rate, channels = number_of(frame.get(2)), number_of(frame.get(3))
        if (rate, channels) != (WIRE.rate, 1):
            raise BotFailed(
                f"it sent audio of {rate} Hz and {channels} channels, where the console has "
                f"{WIRE.rate} Hz and 1"
            )
        self._line.audio(message_of(frame.get(1)))
        return []

    def _end_segment(self, _body: bytes) -> list[str | bytes]:
        self._segments += 1
        name = str(self._segments)
        return self.played(name) if self._line.mark(name) else []

    def _clear(self, _body: bytes) -> list[str | bytes]:
        # What is cleared is not finished: the agent reckons by itself how much was heard.
        self._line.clear()
        return []

    def _take_response(self, body: bytes) -> list[str | bytes]:
        told = fields_of(body)
        self.pongs += PONG in told
        info = fields_of(message_of(told.get(FRAMEWORK_INFO)))
        if info:
            self.framework = f"{text_of(info.get(1))} {text_of(info.get(2))}"
        return []

    def _take_event(self, body: bytes) -> list[str | bytes]:
        for number, value in read_fields(body):
            if number in _EVENTS:
                name, describe = _EVENTS[number]
                self._line.note(name, describe(message_of(value)))
        return []


def _states(names: tuple[str, ...]) -> Callable[[bytes], dict[str, Any]]:
    def describe(body: bytes) -> dict[str, Any]:
        told = fields_of(body)
        return {"old": _named(names, told.get(1)), "new": _named(names, told.get(2))}

    return describe


def _named(names: tuple[str, ...], value: FieldValue | None) -> str:
    number = number_of(value)
    return names[number] if number < len(names) else str(number)


def _transcript(body: bytes) -> dict[str, Any]:
    told = fields_of(body)
    return {"text": text_of(told.get(1)), "final": bool(number_of(told.get(2)))}


def _item(body: bytes) -> dict[str, Any]:
    item = fields_of(message_of(fields_of(body).get(1)))
    if 1 not in item:
        return {"other": next((_OTHER_ITEMS.get(number, "") for number in item), "")}
    said = message_of(item[1])
    told = fields_of(said)
    texts = [
        text_of(fields_of(message_of(part)).get(1))
        for number, part in read_fields(said)
        if number == 3  # noqa: PLR2004 - the repeated field `content`
    ]
    return {
        "role": _named(_ROLES, told.get(2)),
        "text": "\n".join(texts),
        "interrupted": bool(number_of(told.get(4))),
    }


_OTHER_ITEMS: Final = {2: "function_call", 3: "function_call_output", 4: "agent_handoff"}
"""Items that are nothing said, by their number in `ChatItem`."""


def _calls(body: bytes) -> dict[str, Any]:
    calls, outputs = [], []
    for number, value in read_fields(body):
        told = fields_of(message_of(value))
        if number == 1:
            calls.append({"tool": text_of(told.get(4)), "arguments": text_of(told.get(3))})
        else:
            is_error = bool(number_of(told.get(5)))
            outputs.append({"output": text_of(told.get(4)), "is_error": is_error})
    return {"calls": calls} | ({"outputs": outputs} if outputs else {})


def _error(body: bytes) -> dict[str, Any]:
    return {"message": text_of(fields_of(body).get(1))}


def _resumed(body: bytes) -> dict[str, Any]:
    return {"resumed": bool(number_of(fields_of(body).get(1)))}


_EVENTS: Final[dict[int, tuple[str, Callable[[bytes], dict[str, Any]]]]] = {
    10: ("agent_state_changed", _states(_AGENT_STATES)),
    11: ("user_state_changed", _states(_USER_STATES)),
    12: ("conversation_item_added", _item),
    13: ("user_input_transcribed", _transcript),
    14: ("function_tools_executed", _calls),
    15: ("error", _error),
    20: ("function_tools_started", _calls),
    23: ("agent_false_interruption", _resumed),
}
"""The events that are of use to the author of an agent, by number: what the agent believes."""

NOTES: Final = frozenset(name for name, _ in _EVENTS.values())
"""What the events of an agent are called here."""
