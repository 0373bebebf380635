"""Answers that go wrong on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from soundstage.endpoint.fault_injection import faults_of
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.replies.scripted_responder import Responder
    from soundstage.endpoint.replies.streamed_reply import StreamedReply
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
    """Lets the nth answer fail, break off, or call a tool with half its arguments.

    Args:
        responder: answers.
        plan: which faults there are to be.
    """

    def __init__(self, responder: Responder, plan: CallPlan) -> None:
        self._responder = responder
        self._faults = faults_of(plan, "failed", "incomplete", "filtered", "cut_arguments")
        self._count = 0

    def reply(self, request: Compose) -> Reply | StreamedReply:
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
            answer = _BREAKS[fault.kind](_whole(answer))
        return answer


def _whole(answer: Reply | StreamedReply) -> Reply:
    if isinstance(answer, Reply):
        return answer
    sentences: list[str] = []
    reply = answer.write(sentences.append)
    return structs.replace(reply, text="".join([*sentences, reply.text or ""]) or None)


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


_BREAKS = {"incomplete": _incomplete, "filtered": _filtered, "cut_arguments": _cut_arguments}
