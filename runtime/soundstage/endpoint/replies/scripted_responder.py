"""What the local endpoint says: rules, then lines, then echo or chat, then otherwise."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from soundstage.config.values import is_list, is_table, slots_in
from soundstage.endpoint.replies.chat_completion import shows
from soundstage.endpoint.replies.streamed_reply import StreamedReply
from soundstage.json_text import NotJson, read_json
from soundstage.realtime import FunctionCall, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from soundstage.endpoint.local_settings import LocalSettings, Rule
    from soundstage.endpoint.replies.language_model import LanguageModel
    from soundstage.endpoint.replies.streamed_reply import PendingReply
    from soundstage.realtime import Compose, Item


OPENING_SIDE: Final = (
    "Hello! It is good to hear you. How has your week been?",
    "Mine was busy, but I found time for a long walk.",
    "Most evenings, along the river. It is quiet there.",
    "I have been reading about old maps. Do you like to read?",
    "That sounds lovely. You must tell me more some other day.",
    "I have to go now. It was nice talking to you. Goodbye!",
)
"""The default dialogue of a session that is asked to speak before it has heard anything.

The two sides differ so that two sessions that talk to each other do not repeat their words.
"""

ANSWERING_SIDE: Final = (
    "Hello! It was a quiet week, thank you. And how was yours?",
    "A walk is always good. Do you go out often?",
    "I like quiet places too. What else have you been doing?",
    "I do, mostly in the garden, with a cup of tea.",
    "I will, gladly. There is always another day.",
    "It was nice talking to you too. Goodbye!",
)
"""The default dialogue of a session that hears something first."""

_PLAIN: Final[dict[str, Any]] = {
    "string": "",
    "number": 0,
    "integer": 0,
    "boolean": False,
    "array": [],
    "null": None,
}
_DEEPEST: Final = 8


class Responder(Protocol):
    """Decides what a session says; one for each call."""

    def reply(self, request: Compose) -> Reply | PendingReply:
        """The answer to what was heard or typed, to a tool's result, or to nothing: an opening.

        It runs in an executor, so it may take its time; what it raises fails the response.
        """
        ...


class ScriptedResponder:
    """Answers from an agent's `local` table.

    The first rule that matches wins; then the next line; then what was heard comes back, or a
    language model answers, where the table says so; then `otherwise`; else nothing is said.
    A rule answers everything that came in since the last answer: the words of several turns
    where the answers to the first ones were cut short, the results of several tools. Slots that
    words have bound stay bound for the call, and the latest wins. Only tools that the response
    may call are called. Sound in which no word was understood is not answered, and uses no line
    up. An empty table gives the default dialogue.

    Args:
        settings: the table.
        model: the language model that its `chat` names, if it has one.
        remark: told once each, by a code and in words, of a text that is said with the name of a
            slot in the place of its value, and of images that nothing looks at; None to tell no
            one.
    """

    def __init__(
        self,
        settings: LocalSettings,
        model: LanguageModel | None = None,
        remark: Callable[[str, str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._unbound = UnboundSlots(remark)
        self._images = NewImages(remark, sees=settings.chat is not None and settings.chat.sees)
        self._model = model
        self._lines: deque[str] | None = deque(settings.lines) if settings.is_given else None
        self._slots: dict[str, object] = {}
        self._answered: set[str] = set()
        self._is_new = True

    def reply(self, request: Compose) -> Reply | PendingReply:
        """The answer; the same requests in the same order get the same answers."""
        if self._is_new:
            self._is_new = False
            self._recall(request.conversation)
        news = self._news(request)
        sees = self._images.look(request.conversation)
        if request.heard == "" and not news.results and not sees:
            return Reply()
        offered = frozenset(str(tool.get("name")) for tool in request.tools)
        return (
            self._answer_results(news.results, offered)
            or self._answer_words(news.words, offered)
            or self._call_something(request)
            or self._next_line(opening=not news.words)
            or self._ask_model(request, news.words)
            or self._say_otherwise()
        )

    def _answer_results(
        self, results: tuple[_Result, ...], offered: frozenset[str]
    ) -> Reply | None:
        replies = [reply for each in results if (reply := self._answer_result(each, offered))]
        if not replies:
            return None
        texts = [reply.text for reply in replies if reply.text]
        calls = tuple(call for reply in replies for call in reply.calls)
        return Reply(" ".join(texts) or None, calls)

    def _answer_result(self, result: _Result, offered: frozenset[str]) -> Reply | None:
        for rule in self._settings.rules:
            if rule.tool == result.tool and rule.failed == result.failed:
                reply = self._filled(rule, {**self._slots, **result.fields}, offered)
                if reply is not None:
                    return reply
        return None

    def _answer_words(self, words: str, offered: frozenset[str]) -> Reply | None:
        if not words:
            return None
        for rule in self._settings.rules:
            bound = rule.heard.match(words) if rule.heard is not None else None
            if bound is None:
                continue
            slots = {**self._slots, **bound}
            reply = self._filled(rule, slots, offered)
            if reply is not None:
                self._slots = slots
                return reply
        return None

    def _next_line(self, *, opening: bool) -> Reply | None:
        if self._lines is None:
            self._lines = deque(OPENING_SIDE if opening else ANSWERING_SIDE)
        if not self._lines:
            return None
        line = self._lines.popleft()
        self._unbound.note(line, slots_in(line))
        return Reply(line)

    def _call_something(self, request: Compose) -> Reply | None:
        call = None if self._model is not None else forced_call(request)
        return None if call is None else Reply(None, (call,))

    def _ask_model(self, request: Compose, words: str) -> Reply | PendingReply | None:
        if self._model is not None:
            return StreamedReply(self._model, request)
        return Reply(words) if self._settings.echo and words else None

    def _say_otherwise(self) -> Reply:
        otherwise = self._settings.otherwise
        if otherwise is None:
            return Reply()
        self._unbound.note(otherwise, otherwise.unbound(self._slots))
        return Reply(otherwise.fill(self._slots))

    def _filled(
        self, rule: Rule, slots: Mapping[str, object], offered: frozenset[str]
    ) -> Reply | None:
        """A rule's answer; None where all that it would do is call tools that are not offered."""
        called = [call for call in rule.call if call.tool in offered]
        text = rule.say.fill(slots) if rule.say is not None else None
        if rule.say is not None:
            self._unbound.note(rule.say, rule.say.unbound(slots))
        for call in called:
            self._unbound.note(f"the arguments of {call.tool}", call.unbound(slots))
        calls = tuple(FunctionCall(call.tool, json.dumps(call.arguments(slots))) for call in called)
        return Reply(text, calls) if text or calls else None

    def _recall(self, conversation: tuple[Item, ...]) -> None:
        """Go on from what the client has told of an earlier session, as a model would."""
        acts = [
            place
            for place, item in enumerate(conversation)
            if item.type == "function_call" or (item.role == "assistant" and item.said)
        ]
        words: list[str] = []
        for item in conversation[: acts[-1] + 1 if acts else 0]:
            if item.role == "assistant":
                self._recall_line(item.said)
            elif item.role == "user":
                words.append(item.said.strip())
            if item.role == "user" or item.type == "function_call_output":
                self._answered.add(str(item.id))
            elif item.role == "assistant" or item.type == "function_call":
                self._recall_slots(" ".join(words))
                words = []

    def _recall_line(self, said: str) -> None:
        """A line is said once, also where only its beginning was heard."""
        if self._lines is None:
            self._lines = _rest_of(OPENING_SIDE, said) or _rest_of(ANSWERING_SIDE, said)
        elif (rest := _rest_of(self._lines, said)) is not None:
            self._lines = rest

    def _recall_slots(self, words: str) -> None:
        for rule in self._settings.rules:
            bound = rule.heard.match(words) if words and rule.heard is not None else None
            if bound is not None:
                self._slots |= bound
                return

    def _news(self, request: Compose) -> _News:
        """What no answer has been given to yet: words, typed or spoken, and tools' results."""
        tools = {str(item.call_id): str(item.name) for item in request.conversation if item.name}
        words: list[str] = []
        results: list[_Result] = []
        for item in request.conversation:
            if item.id in self._answered:
                continue
            if item.role == "user" and item.said.strip():
                words.append(item.said.strip())
            elif item.type == "function_call_output":
                name = tools.get(str(item.call_id), "")
                results.append(_Result.read(name, str(item.output)))
            else:
                continue
            self._answered.add(str(item.id))
        return _News(" ".join(words), tuple(results))


def _rest_of(lines: Iterable[str], said: str) -> deque[str] | None:
    """The lines after the one that has been said, at least in part; None where that is not next."""
    rest = deque(lines)
    words = said.split()
    if not words or not rest or rest[0].split()[: len(words)] != words:
        return None
    rest.popleft()
    return rest


class NewImages:
    """Finds the images that have come, and tells once that they are ignored where they are.

    Args:
        remark: is told; None to tell no one.
        sees: whether a language model is shown them.
    """

    def __init__(self, remark: Callable[[str, str], None] | None, *, sees: bool) -> None:
        self._remark = remark
        self._sees = sees
        self._known: set[str] = set()

    def look(self, conversation: Iterable[Item]) -> bool:
        """Whether there is an image to be looked at that was not there before."""
        new = {str(item.id) for item in conversation if shows(item)} - self._known
        if new and not self._known and not self._sees and self._remark is not None:
            self._remark(
                "image_ignored",
                "an image is ignored: nothing here looks at it; with a chat model that sees, "
                "set chat.sees = true",
            )
        self._known |= new
        return bool(new) and self._sees


class UnboundSlots:
    """Tells of slots that nothing has bound: their names go out in the place of values.

    Args:
        remark: is told; None to tell no one.
    """

    def __init__(self, remark: Callable[[str, str], None] | None) -> None:
        self._remark = remark
        self._told: set[tuple[str, str]] = set()

    def note(self, words: str, slots: Iterable[str]) -> None:
        """Some words need these slots, and do not get them; told once of each."""
        for slot in slots:
            if self._remark is not None and (words, slot) not in self._told:
                self._told.add((words, slot))
                self._remark(
                    "unbound_slot", f'nothing has bound {{{slot}}}: "{slot}" stands in "{words}"'
                )


class _News(Struct, frozen=True):
    words: str
    results: tuple[_Result, ...]


class _Result(Struct, frozen=True):
    tool: str
    fields: Mapping[str, Any]

    @classmethod
    def read(cls, tool: str, output: str) -> _Result:
        """The fields of a JSON object; anything else is one field, `result`."""
        value = _without_wrapping(_read(output))
        return cls(tool, value if is_table(value) else {"result": value})

    @property
    def failed(self) -> bool:
        return bool(self.fields.get("error"))


def _read(text: str) -> object:
    try:
        return read_json(text)
    except NotJson:
        return text


def _without_wrapping(value: object) -> object:
    """What a tool returned, where a framework sends it as a list with one part of content.

    Strands and clients of MCP servers do: `[{"text": …}]`, `[{"type": "text", "text": …}]`.
    """
    part = value[0] if is_list(value) and len(value) == 1 else None
    if not is_table(part):
        return value
    text = part.get("text")
    if isinstance(text, str) and part.keys() <= {"type", "text", "annotations"}:
        return _read(text)
    return part["json"] if part.keys() == {"json"} else value


def forced_call(request: Compose) -> FunctionCall | None:
    """A call of the first function that may be called; None where none must be.

    Its arguments are those that its schema demands, each the plainest value of its type.
    """
    if request.tool_choice != "required" or not request.tools:
        return None
    tool = request.tools[0]
    return FunctionCall(str(tool.get("name")), json.dumps(_plainest(tool.get("parameters"), 0)))


def _plainest(schema: object, depth: int) -> object:
    if not is_table(schema) or depth > _DEEPEST:
        return {}
    if is_list(choices := schema.get("enum")) and choices:
        return choices[0]
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    kind = schema.get("type")
    if is_list(kind):
        kind = kind[0] if kind else None
    if isinstance(kind, str) and kind in _PLAIN:
        return _PLAIN[kind]
    properties, required = schema.get("properties"), schema.get("required")
    if not is_table(properties) or not is_list(required):
        return {}
    return {str(name): _plainest(properties.get(str(name)), depth + 1) for name in required}
