"""Answers that go wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import structs

from soundstage.endpoint.fault_injection import faults_of
from soundstage.endpoint.replies.streamed_reply import WrittenReply
from soundstage.endpoint.replies.wrong_answers import (
    with_much_talk,
    with_repeated_calls,
    with_wrong_numbers,
)
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.replies.scripted_responder import Responder
    from soundstage.endpoint.replies.streamed_reply import PendingReply
    from soundstage.realtime import Compose, FunctionCall


class PlannedFailure(Exception):
    """An answer fails because its table says so; the session goes on.

    Args:
        message: for the client.
        code: what the failure is called in the protocol.
    """

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


class FaultyResponder:
    """Lets the nth answer fail, break off, or say and call what it should not.

    Args:
        responder: answers.
        plan: which faults there are to be.
    """

    def __init__(self, responder: Responder, plan: CallPlan) -> None:
        self._responder = responder
        self._faults = faults_of(plan, "failed", *_BREAKS)
        self._count = 0

    def reply(self, request: Compose) -> Reply | PendingReply:
        """The answer, or what becomes of it.

        Raises:
            PlannedFailure: it is to fail.
        """
        self._count += 1
        faults = [fault for fault in self._faults if fault.concerns(self._count)]
        answer = self._responder.reply(request)
        for fault in faults:
            if fault.kind == "failed":
                raise PlannedFailure(fault.message, fault.code)
            break_off = _BREAKS[fault.kind]
            if isinstance(answer, Reply):
                answer = break_off(answer)
            else:
                answer = BrokenReply(answer, break_off)
        return answer


class BrokenReply:
    """An answer of a language model that goes wrong; it is there once the whole of it is.

    Args:
        answer: as the model gives it.
        break_off: what becomes of it.
    """

    def __init__(self, answer: PendingReply, break_off: Callable[[Reply], Reply]) -> None:
        self._answer = answer
        self._break_off = break_off

    def write(self, take: Callable[[str], None]) -> Reply:
        """Have the answer written; `take` gets nothing of it."""
        del take
        return self.written().reply

    def written(self) -> WrittenReply:
        """Have the whole answer written, and broken."""
        written = self._answer.written()
        text = "".join([piece for piece, _ in written.pieces] + [written.reply.text or ""])
        whole = structs.replace(written.reply, text=text or None)
        return WrittenReply((), self._break_off(whole), written.took)


def _incomplete(reply: Reply) -> Reply:
    return structs.replace(
        reply, text=_half(reply.text), calls=_cut(reply.calls), unfinished="max_output_tokens"
    )


def _filtered(reply: Reply) -> Reply:
    return Reply(_half(reply.text), (), "content_filter")


def _cut_arguments(reply: Reply) -> Reply:
    return structs.replace(reply, calls=_cut(reply.calls))


def _half(text: str | None) -> str | None:
    words = (text or "").split()
    return " ".join(words[: len(words) // 2]) or None


def _cut(calls: tuple[FunctionCall, ...]) -> tuple[FunctionCall, ...]:
    return tuple(
        structs.replace(call, arguments=call.arguments[: len(call.arguments) // 2])
        for call in calls
    )


_BREAKS: Final[dict[str, Callable[[Reply], Reply]]] = {
    "incomplete": _incomplete,
    "filtered": _filtered,
    "cut_arguments": _cut_arguments,
    "wrong_number": with_wrong_numbers,
    "talkative": with_much_talk,
    "repeated_call": with_repeated_calls,
}
