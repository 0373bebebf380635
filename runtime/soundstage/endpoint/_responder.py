"""What the local endpoint says: rules, then lines, then otherwise; never a language model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.realtime import FunctionCall, Reply

if TYPE_CHECKING:
    from soundstage.realtime import Compose, Item
    from soundstage.values import LocalSettings, Rule

SMALL_TALK: Final = (
    "Hello, how are you today?",
    "I am well, thank you. What are you doing this week?",
    "That sounds nice. I have a few quiet days.",
    "Then let us talk again soon.",
    "It was good to hear from you.",
    "Goodbye, and take care.",
)
"""Said in turn where a scenario says nothing; written by hand, and meant to sound like it."""


class Responder(Protocol):
    """Decides what a session says."""

    def reply(self, request: Compose) -> Reply:
        """The answer to what was heard, or to a tool's result, or an opening."""
        ...


class ScriptedResponder:
    """Answers from an agent's `local` table.

    The first rule that matches wins; then the next line; then `otherwise`; else nothing is said.
    Slots stay bound for the call, and the latest wins.

    Args:
        settings: the table.
    """

    def __init__(self, settings: LocalSettings) -> None:
        self._settings = settings
        self._lines = list(settings.lines if settings.is_given else SMALL_TALK)
        self._slots: dict[str, object] = {}
        self._answered: set[str] = set()

    def reply(self, request: Compose) -> Reply:
        """The answer; nothing is answered to sound in which no word was understood."""
        result = self._new_result(request)
        if result is not None:
            return self._after_tool(*result)
        if request.heard is not None and not request.heard.strip():
            return Reply()
        heard = request.heard if request.heard is not None else _last_words(request)
        for rule in self._settings.rules:
            if rule.heard is None or heard is None:
                continue
            slots = rule.heard.match(heard)
            if slots is not None:
                self._slots |= slots
                return self._answer(rule, self._slots)
        return self._next_line()

    def _next_line(self) -> Reply:
        if self._lines:
            return Reply(self._lines.pop(0))
        if self._settings.otherwise is not None:
            return Reply(self._settings.otherwise.fill(self._slots))
        return Reply()

    def _new_result(self, request: Compose) -> tuple[str, str] | None:
        """The tool's name and output, where a result has come that nothing was said to yet."""
        names = {item.call_id: item.name for item in request.conversation if item.name}
        for item in reversed(request.conversation):
            ident = str(item.call_id)
            if item.type == "function_call_output" and ident not in self._answered:
                self._answered.add(ident)
                return str(names.get(item.call_id) or ""), str(item.output or "")
            if item.role in {"user", "assistant"}:
                return None
        return None

    def _after_tool(self, name: str, output: str) -> Reply:
        fields = _fields(output)
        failed = "error" in fields
        for rule in self._settings.rules:
            if rule.tool == name and rule.failed == failed:
                return self._answer(rule, {**self._slots, **fields})
        return self._next_line()

    def _answer(self, rule: Rule, slots: dict[str, object]) -> Reply:
        text = None if rule.say is None else rule.say.fill(slots)
        calls = tuple(
            FunctionCall(call.tool, json.dumps(call.arguments(slots))) for call in rule.call
        )
        return Reply(text, calls)


def _last_words(request: Compose) -> str | None:
    """What the caller typed last; an opening prompt, a system item, is not his words."""
    for item in reversed(request.conversation):
        if item.role == "user":
            return _words(item)
        if item.role in {"assistant", "system"}:
            return None
    return None


def _words(item: Item) -> str | None:
    return item.said or None


def _fields(output: str) -> dict[str, Any]:
    try:
        value = json.loads(output)
    except ValueError:
        value = output
    return value if isinstance(value, dict) else {"result": value}
