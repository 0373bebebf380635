"""A conversation as a chat completion knows it, and what comes back of one."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from soundstage.config.values import is_list, is_table
from soundstage.endpoint.replies.answer_text import AnswerText
from soundstage.json_text import valid_text
from soundstage.realtime import FunctionCall, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.realtime import Compose, Item

MODEL_OUTPUT: Final = 4096
"""Tokens of an answer for which no limit is passed on."""

_UNFINISHED: Final = {"length": "max_output_tokens", "content_filter": "content_filter"}
_MOST_CALLS: Final = 64
_LONGEST: Final = 1 << 20
"""Characters of all calls of an answer."""

_LONGEST_NAME: Final = 200

LONGEST_TEXT: Final = 100_000
"""Characters of an answer's words: more than the hour says that a session lasts."""

_log = logging.getLogger("soundstage.endpoint")


def completion_request(
    request: Compose, *, sees: bool = False, **parameters: Any
) -> dict[str, Any]:
    """The body of a request for a chat completion, streamed.

    Args:
        request: what is to be answered.
        sees: whether the model is shown the images of the conversation.
        parameters: the model, and how it is to answer; those that are None are left out.
    """
    body: dict[str, Any] = {name: v for name, v in parameters.items() if v is not None}
    body |= {"messages": _messages(request, sees=sees), "stream": True}
    if request.longest < MODEL_OUTPUT:
        body["max_tokens"] = request.longest
    if request.tools:
        body["tools"] = [
            {"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}}
            for tool in request.tools
        ]
        body["tool_choice"] = request.tool_choice
        if not request.parallel:
            body["parallel_tool_calls"] = False
    return body


class Completion:
    """Reads the chunks of a chat completion, whatever they hold."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._arguments: dict[int, str] = {}
        self._reason = ""
        self._served_by = ""
        self._length = 0
        self._said = 0
        self._too_long = False
        self._text = AnswerText()

    @property
    def reply(self) -> Reply:
        """What it comes to, without its words."""
        calls = tuple(
            FunctionCall(valid_text(name), valid_text(self._arguments.get(index) or "{}"))
            for index, name in sorted(self._names.items())
        )
        return Reply(None, calls, _UNFINISHED.get(self._reason, ""), self._served_by)

    @property
    def ended(self) -> bool:
        """Whether it has said that it is at its end, or has become too long."""
        return bool(self._reason)

    def read(self, chunk: object) -> str:
        """What is to be said of a chunk, or of a whole completion; its calls are kept."""
        self._note_the_model(chunk)
        choices = chunk.get("choices") if is_table(chunk) else None
        choice = choices[0] if is_list(choices) and choices else None
        if not is_table(choice):
            return ""
        said = choice.get("delta") or choice.get("message")
        words = self._bounded(self._read_said(said)) if is_table(said) else ""
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self._reason = reason
        if self._too_long or self._length > _LONGEST:
            self._reason = "length"
        return self._text.push(words)

    def _note_the_model(self, chunk: object) -> None:
        """Note which model answers: a service may serve another one than it was asked for."""
        if not self._served_by and is_table(chunk):
            told = (chunk.get("model"), chunk.get("system_fingerprint"))
            names = [valid_text(name) for name in told if isinstance(name, str) and name]
            self._served_by = " ".join(names)[:_LONGEST_NAME]

    def _bounded(self, words: str) -> str:
        room = LONGEST_TEXT - self._said
        self._said += len(words)
        if len(words) > room:
            _log.warning("a model's answer has more than %d characters: it is cut", LONGEST_TEXT)
            self._too_long = True
        return words[:room]

    def rest(self) -> str:
        """No more chunks come: what is still to be said."""
        return self._text.rest()

    def _read_said(self, said: dict[str, object]) -> str:
        calls = said.get("tool_calls")
        for place, call in enumerate(calls if is_list(calls) else ()):
            if is_table(call):
                self._read_call(call, place)
        words = said.get("content")
        return words if isinstance(words, str) else ""

    def _read_call(self, call: dict[str, object], place: int) -> None:
        index, function = call.get("index", place), call.get("function")
        if not isinstance(index, int) or not is_table(function) or index >= _MOST_CALLS:
            return
        name, arguments = function.get("name"), function.get("arguments")
        if isinstance(name, str) and name:
            self._names[index] = name
        # As the protocol has it they are text, in pieces; some servers give the object itself.
        if is_table(arguments):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if isinstance(arguments, str):
            self._arguments[index] = self._arguments.get(index, "") + arguments
            self._length += len(arguments)


def _messages(request: Compose, *, sees: bool) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if request.instructions:
        messages.append({"role": "system", "content": request.instructions})
    answered = {
        item.call_id for item in request.conversation if item.type == "function_call_output"
    }
    for item in _worth_telling(request.conversation, sees=sees):
        if item.type == "function_call_output":
            output = str(item.output)
            messages.append({"role": "tool", "tool_call_id": item.call_id, "content": output})
        elif item.type != "function_call":
            content = _parts(item) if sees and shows(item) else item.said
            messages.append({"role": item.role, "content": content})
        elif item.call_id in answered:
            function = {"name": item.name, "arguments": item.arguments or "{}"}
            call = {"id": item.call_id, "type": "function", "function": function}
            if messages and "tool_calls" in messages[-1]:
                messages[-1]["tool_calls"].append(call)
            else:
                messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    return messages


def shows(item: Item) -> bool:
    """Whether an item has an image."""
    return any(part.image_url for part in item.content or [])


def _parts(item: Item) -> list[dict[str, Any]]:
    """The words and images of a message, in their order."""
    parts: list[dict[str, Any]] = []
    for part in item.content or []:
        if part.image_url:
            image = {"url": part.image_url, "detail": part.detail or "auto"}
            parts.append({"type": "image_url", "image_url": image})
        elif text := part.text or part.transcript:
            parts.append({"type": "text", "text": text})
    return parts


def _worth_telling(items: Iterable[Item], *, sees: bool) -> Iterable[Item]:
    return (item for item in items if item.type != "message" or item.said or (sees and shows(item)))
