"""What a server session has done for it: recognition, composing a reply, speech."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from soundstage.realtime._items import Item


class FunctionCall(Struct, frozen=True):
    """A tool that a reply calls; `arguments` is JSON text."""

    name: str
    arguments: str


class Reply(Struct, frozen=True):
    """What a session answers.

    Attributes:
        text: what it says, or None.
        calls: the tools it calls.
    """

    text: str | None = None
    calls: tuple[FunctionCall, ...] = ()


class Transcribe(Struct, frozen=True):
    """Write down 24 kHz mono PCM."""

    job: str
    item: str
    pcm: bytes


class Compose(Struct, frozen=True):
    """Decide what a response says.

    Attributes:
        job: to be named with the result.
        response: the response it is for.
        conversation: the items so far, the oldest first.
        heard: the words of the turn that it answers; None where it answers none.
        instructions: the persona in force.
        tools: the tools it may call.
    """

    job: str
    response: str
    conversation: tuple[Item, ...]
    heard: str | None
    instructions: str
    tools: tuple[dict[str, Any], ...]


class Speak(Struct, frozen=True):
    """Synthesise the words of a response."""

    job: str
    response: str
    text: str
    voice: str
    speed: float


class Abandon(Struct, frozen=True):
    """The result of a job is no longer wanted."""

    job: str


Job: TypeAlias = Transcribe | Compose | Speak | Abandon
