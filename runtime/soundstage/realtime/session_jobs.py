"""What a server session has done for it: recognition, composing a reply, speech."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from soundstage.realtime.protocol.items import Item
from soundstage.units import Samples


class FunctionCall(Struct, frozen=True):
    """A tool that a reply calls; `arguments` is JSON text."""

    name: str
    arguments: str


class Reply(Struct, frozen=True):
    """What a session answers.

    Attributes:
        text: what it says, or None; where parts of it were given before, what comes after them.
        calls: the tools it calls.
        unfinished: why it stops before it is complete, `max_output_tokens` or `content_filter`;
            empty where it is complete.
        served_by: the model that wrote it, as its server names it; empty where it does not.
    """

    text: str | None = None
    calls: tuple[FunctionCall, ...] = ()
    unfinished: str = ""
    served_by: str = ""


class Transcribe(Struct, frozen=True):
    """Write down 24 kHz mono PCM.

    Attributes:
        job: to be named with the result.
        item: the user item that the audio is of, or will be.
        pcm: the audio, up to a short silence after the last word.
        language: the language spoken, as the client says; None where it does not.
        wanted_in: how soon the words can be of use at the earliest; the speaker may go on before
            that, and the job be abandoned.
    """

    job: str
    item: str
    pcm: bytes
    language: str | None = None
    wanted_in: Samples = 0


class Compose(Struct, frozen=True):
    """Decide what a response says.

    Attributes:
        job: to be named with the result.
        response: the response it is for.
        conversation: the items that it may know, the oldest first; a user's audio has as its
            transcript what was recognised.
        heard: what the user said or wrote since the assistant last did something, empty where no
            word of it was understood; None where the user did nothing.
        instructions: the persona in force.
        tools: the tools it may call.
        tool_choice: `auto`, or `required` where it must call one of them.
        parallel: whether it may call several.
        spoken: whether it is spoken, not written.
        longest: the most tokens it may have.
        outputs: the results of tools that have come since the assistant last did something.
    """

    job: str
    response: str
    conversation: tuple[Item, ...]
    heard: str | None
    instructions: str
    tools: tuple[dict[str, Any], ...]
    tool_choice: str = "auto"
    parallel: bool = True
    spoken: bool = True
    longest: int = 4096
    outputs: tuple[Item, ...] = ()


class Speak(Struct, frozen=True):
    """Synthesise the words of a response, at `speed` times the usual pace."""

    job: str
    response: str
    text: str
    voice: str
    speed: float


class Abandon(Struct, frozen=True):
    """The result of a job is no longer wanted."""

    job: str


Job: TypeAlias = Transcribe | Compose | Speak | Abandon


class JobQueue:
    """Names jobs and hands them out, each once.

    Attributes:
        waiting: those that were not handed out yet.
    """

    def __init__(self) -> None:
        self._count = 0
        self.waiting: list[Job] = []

    def name(self) -> str:
        """A name for a job that is about to be posted."""
        self._count += 1
        return f"job_{self._count}"

    def post(self, job: Job) -> None:
        """Have something done."""
        self.waiting.append(job)

    def abandon(self, name: str) -> None:
        """Want a job's result no more; one that was not handed out yet never is."""
        # One that was not handed out needs no answer: it is as if it had never been posted.
        waiting = [job for job in self.waiting if job.job != name]
        if len(waiting) == len(self.waiting):
            waiting.append(Abandon(name))
        self.waiting = waiting

    def drain(self) -> list[Job]:
        """The jobs posted since the last time."""
        drained, self.waiting = self.waiting, []
        return drained
