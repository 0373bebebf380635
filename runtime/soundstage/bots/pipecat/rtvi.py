"""RTVI, the messages beside the audio of Pipecat: what is told to a bot, and what it believes.

Source: `processors/frameworks/rtvi/models.py` of pipecat-ai 1.14.0, which has protocol 2.2.0. The
protocol says its version when the bot is ready, and only a major one that is known is spoken with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from soundstage.errors import BotUnreachable
from soundstage.json_text import NotJson, read_json_as

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine

VERSION: Final = "2.2.0"
"""The protocol that is spoken."""

KNOWN: Final = frozenset({"1", "2"})
"""Major versions whose messages are these."""

LABEL: Final = "rtvi-ai"

TOLD: Final = frozenset(
    {
        "bot-interrupted",
        "bot-llm-started",
        "bot-llm-stopped",
        "bot-output",
        "bot-ready",
        "bot-started-speaking",
        "bot-stopped-speaking",
        "bot-transcription",
        "bot-tts-started",
        "bot-tts-stopped",
        "error",
        "error-response",
        "llm-function-call-in-progress",
        "llm-function-call-started",
        "llm-function-call-stopped",
        "server-message",
        "server-response",
        "user-started-speaking",
        "user-stopped-speaking",
        "user-transcription",
    }
)
"""The types that are of use to a bot's author; those for every word or token are left out."""

KEYPAD: Final = frozenset("0123456789*#")

_LONGEST: Final = 2000
"""Letters of a message that is not RTVI that are recorded."""


class _Envelope(Struct):
    label: str = ""
    type: str = ""
    data: Any = None


class Rtvi:
    """The client's side of RTVI.

    Args:
        line: gets what the bot tells, as notes.
    """

    def __init__(self, line: BotLine) -> None:
        self._line = line
        self._sent = 0

    def ready(self) -> str:
        """`client-ready`: many bots speak first when they have got it."""
        about = {"library": "soundstage", "platform": "python"}
        return self._message("client-ready", {"version": VERSION, "about": about})

    def press(self, keys: str) -> str:
        """`dtmf`; empty where the keypad of RTVI has none of the keys."""
        buttons = [key for key in keys if key in KEYPAD]
        return self._message("dtmf", {"buttons": buttons}) if buttons else ""

    def leaving(self) -> str:
        """`disconnect-bot`."""
        return self._message("disconnect-bot", None)

    def receive(self, text: str | bytes) -> None:
        """Note what a bot believes; nothing is judged by it.

        Raises:
            BotUnreachable: it speaks another version.
        """
        try:
            told = read_json_as(text, _Envelope)
        except NotJson:
            told = _Envelope()
        if told.label != LABEL:
            self._line.note("bot_message", {"text": _text_of(text)})
            return
        data: dict[str, Any] = told.data if isinstance(told.data, dict) else {}
        if told.type == "bot-ready":
            _check(str(data.get("version", "")))
        if told.type in TOLD:
            self._line.note(told.type.replace("-", "_"), data)

    def _message(self, kind: str, data: dict[str, Any] | None) -> str:
        self._sent += 1
        message = {"label": LABEL, "type": kind, "id": str(self._sent)}
        body = message if data is None else {**message, "data": data}
        return msgspec.json.encode(body).decode()


def _text_of(text: str | bytes) -> str:
    return (text if isinstance(text, str) else text.decode(errors="replace"))[:_LONGEST]


def _check(version: str) -> None:
    """See that the bot's protocol is known; one that names none is taken as it is.

    Raises:
        BotUnreachable: it is not.
    """
    if version and version.partition(".")[0] not in KNOWN:
        raise BotUnreachable(
            f"the bot speaks RTVI {version[:20]}, and this transport speaks {VERSION}: run the bot "
            "with pipecat-ai 1.x"
        )
