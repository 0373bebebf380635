"""What answers for a persona: a language model, or a stand-in that was written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from msgspec import Struct

from soundstage.endpoint import ScriptedResponder, WrittenReplies, language_model_for
from soundstage.kernel import JobKind
from soundstage.realtime import Compose, Item, Part, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from soundstage.cache import Cache
    from soundstage.endpoint import ChatSettings

NOTHING_YET: Final = "(The call has begun. No one has spoken yet: you speak first.)"
SILENCE_SINCE: Final = "(The other side says nothing.)"
NOT_UNDERSTOOD: Final = "(The other side has spoken, and you have not understood it.)"
INTERRUPTS: Final = "(The other side is still speaking. You interrupt it now.)"

_LONGEST: Final = 400
"""Tokens of an answer: a caller says a sentence or two."""


class Remark(Struct, frozen=True):
    """Something that was said in a call.

    Attributes:
        by: the persona itself (`own`), the other side (`other`), or neither of them: a note for a
            language model about what cannot be heard.
        text: its words.
    """

    by: Literal["own", "other", "note"]
    text: str


class PersonaReplies(Protocol):
    """Decides what a persona says.

    Attributes:
        kind: of the job in which it is asked.
        model: the language model that makes the words; empty where they were written by hand.
    """

    kind: JobKind
    model: str

    def reply(self, remarks: Sequence[Remark]) -> Reply:
        """The answer to a call so far. It may take its time: it is asked in a job.

        Raises:
            LanguageModelFailed: there is none.
        """
        ...


class ModelReplies:
    """Has a language model answer; the same call so far gets the answer that it got before.

    Args:
        chat: which model.
        cache: where its answers are kept; None to ask every time.
        instructions: the prompt.
        tools: the definitions of what the model may call.
    """

    kind = JobKind.CHAT

    def __init__(
        self,
        chat: ChatSettings,
        cache: Cache | None,
        instructions: str,
        tools: tuple[dict[str, Any], ...],
    ) -> None:
        self.model = chat.shown_model
        self._chat = chat
        self._cache = cache
        self._instructions = instructions
        self._tools = tools

    def reply(self, remarks: Sequence[Remark]) -> Reply:
        """Ask the model; see `PersonaReplies`."""
        model = language_model_for(self._chat, self._cache)
        request = Compose(
            job="persona",
            response="persona",
            conversation=tuple(_items(_told(remarks))),
            heard=None,
            instructions=self._instructions,
            tools=self._tools,
            longest=_LONGEST,
        )
        pieces: list[str] = []
        reply = model.answer(request, lambda words, _: pieces.append(words))
        text = " ".join("".join(pieces).split())
        return Reply(text or None, reply.calls, reply.unfinished, reply.served_by)


class StandInReplies:
    """Answers with words that were written by hand, by rules, lines and `otherwise`.

    Args:
        written: the words.
        tools: the definitions of what it may call.
        remark: is told what is odd in an answer, by a code and in words.
    """

    kind = JobKind.COMPOSE
    model = ""

    def __init__(
        self,
        written: WrittenReplies,
        tools: tuple[dict[str, Any], ...],
        remark: Callable[[str, str], None],
    ) -> None:
        self._responder = ScriptedResponder(written.as_local(), remark=remark)
        self._tools = tools

    def reply(self, remarks: Sequence[Remark]) -> Reply:
        """Take the next written answer; see `PersonaReplies`."""
        request = Compose(
            job="persona",
            response="persona",
            conversation=tuple(_items(remark for remark in remarks if remark.by != "note")),
            heard=None,
            instructions="",
            tools=self._tools,
        )
        reply = self._responder.reply(request)
        if not isinstance(reply, Reply):
            raise TypeError("a stand-in has no language model")
        return reply


def _told(remarks: Sequence[Remark]) -> Iterator[Remark]:
    """The call as a language model is told it: both sides in turn, the last turn not its own.

    Templates of many models refuse two messages of one side in a row.
    """
    sides: list[Remark] = []
    for remark in remarks:
        by: Literal["own", "other"] = "own" if remark.by == "own" else "other"
        if sides and sides[-1].by == by:
            sides[-1] = Remark(by, f"{sides[-1].text} {remark.text}")
        else:
            sides.append(Remark(by, remark.text))
    if not sides or sides[0].by == "own":
        yield Remark("other", NOTHING_YET)
    yield from sides
    if sides and sides[-1].by == "own":
        yield Remark("other", SILENCE_SINCE)


def _items(remarks: Iterator[Remark]) -> Iterator[Item]:
    for number, remark in enumerate(remarks):
        own = remark.by == "own"
        part = Part(type="output_text" if own else "input_text", text=remark.text)
        role: Literal["assistant", "user"] = "assistant" if own else "user"
        yield Item(id=f"remark_{number}", type="message", role=role, content=[part])
