"""An agent's `local` table: what the local endpoint answers in the model's place."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    StrictBool,
    field_validator,
    model_validator,
)

from soundstage.config.values import (
    Arguments,
    CalledTool,
    Duration,
    DurationRange,
    Lines,
    Phrase,
    Table,
    Template,
    fault_within,
    folder_of,
    is_table,
    path_of,
    suggestion,
    variables_in,
)
from soundstage.secrets import Secret, has_user_info

COMPLETIONS = "/chat/completions"

SHORTEST_LIFETIME: Final = Duration("1s")

_SHORTEST_SILENCE: Final = Duration("200ms")

_AT_ONCE: Final = DurationRange(Duration("0ms"), Duration("0ms"))

FaultKind = Literal[
    "refuse",
    "slow_answer",
    "slow_response",
    "deaf",
    "expire",
    "drop",
    "malformed",
    "failed",
    "incomplete",
    "filtered",
    "cut_arguments",
    "wrong_number",
    "talkative",
    "repeated_call",
    "duplicate_transcription",
    "late_transcription",
]

_ALWAYS: Final = {"kind", "session"}
_REPLY: Final = _ALWAYS | {"nth"}
_KEYS: Final[dict[str, set[str]]] = {
    "refuse": _ALWAYS | {"status"},
    "slow_answer": _ALWAYS | {"delay"},
    "deaf": _ALWAYS,
    "slow_response": _REPLY | {"delay"},
    "expire": _REPLY | {"after"},
    "drop": _REPLY | {"after", "what"},
    "malformed": _REPLY | {"event"},
    "failed": _REPLY | {"code", "message"},
}
_NEEDED: Final = {
    "refuse": "status",
    "slow_answer": "delay",
    "slow_response": "delay",
    "malformed": "event",
}

Ordinal = Annotated[int, Field(ge=1)]


def lifetime(text: str | Duration) -> Duration:
    """How long a session lives, as written; at least a second.

    Raises:
        ValueError: it is no duration, or shorter.
    """
    duration = Duration(text)
    if duration < SHORTEST_LIFETIME:
        raise ValueError(f"a session lives for at least {SHORTEST_LIFETIME}, not {duration}")
    return duration


Lifetime = Annotated[Duration, AfterValidator(lifetime)]


class RuleCall(Table):
    """A tool that a rule calls.

    Attributes:
        tool: its name.
        args: argument to value; texts in it are templates, at any depth.
    """

    tool: CalledTool
    args: Arguments = Field(default_factory=dict)

    @field_validator("args")
    @classmethod
    def _texts_are_templates(cls, args: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for text in _texts_in(args):
            Template(text)
        return args

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that its arguments need."""
        return tuple(slot for text in _texts_in(self.args) for slot in Template(text).slots)

    def unbound(self, slots: Mapping[str, object]) -> tuple[str, ...]:
        """The slots that its arguments need and do not get."""
        return tuple(slot for slot in self.slots if slot not in slots)

    def arguments(self, slots: Mapping[str, object]) -> dict[str, JsonValue]:
        """The arguments with their slots filled; `"{price:number}"` gives a number."""
        return {name: _filled(value, slots) for name, value in self.args.items()}


class Rule(Table):
    """One rule: what is waited for, and the answer.

    Exactly one of `heard` and `tool` is set, and at least one of `say` and `call`.

    Attributes:
        heard: words of the other side.
        tool: a tool whose result came back; its fields are slots of this rule's answer.
        say: what is said.
        call: the tools that are called.
        failed: with `tool`: whether the rule is for its error rather than its result.
    """

    heard: Phrase | None = None
    tool: CalledTool | None = None
    say: Template | None = None
    call: tuple[RuleCall, ...] = ()
    failed: StrictBool = False

    @model_validator(mode="after")
    def _has_two_sides(self) -> Self:
        if (self.heard is None) == (self.tool is None):
            raise ValueError("a rule needs exactly one of heard and tool: what it waits for")
        if self.say is None and not self.call:
            raise ValueError("a rule needs say or call: what it answers")
        if self.failed and self.tool is None:
            raise ValueError("failed goes with tool")
        return self

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that its answer needs."""
        said = self.say.slots if self.say is not None else ()
        return said + tuple(slot for call in self.call for slot in call.slots)


class ChatSettings(Table):
    """A `chat` table: a server, or a model file.

    Exactly one of `url` and `gguf` is set.

    Attributes:
        url: of an OpenAI-compatible service, with or without `/chat/completions` at its end.
        model: the model's name, as the service knows it.
        api_key: its key, `${NAME}` not yet replaced; None where it asks for none.
        temperature: 0 to 2; the service's own where it is None.
        timeout: how long an answer may take as a whole.
        latency: how long an answer takes on the virtual clock; None for what was measured when
            the model gave it.
        gguf: a model file, run in this process; needs the extra `gguf`.
        sees: whether the model of a service is shown the images of the conversation.
    """

    url: str | None = None
    model: str = ""
    api_key: Secret | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    timeout: Duration = Duration("30s")
    latency: DurationRange | None = None
    gguf: Path | None = None
    sees: StrictBool = False

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// or http://")
        if url is not None and has_user_info(url):
            raise ValueError("has a user name or a password, which reports would show: use api_key")
        return url

    @model_validator(mode="before")
    @classmethod
    def _find_the_file(cls, value: object) -> object:
        if is_table(value) and isinstance(name := value.get("gguf"), str):
            return {**value, "gguf": folder_of(value, "gguf") / path_of(name)}
        return value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.url is None) == (self.gguf is None):
            raise ValueError("needs exactly one of url, of a service, and gguf, a model file")
        if self.url is not None and not self.model:
            raise ValueError("url needs model: the name that the service knows it by")
        if self.gguf is not None and (self.model or self.api_key):
            raise ValueError("model and api_key go with url")
        if self.gguf is not None and self.sees:
            raise ValueError("sees goes with url: a model file is shown no images")
        if self.gguf is not None and not self.gguf.is_file():
            raise ValueError(f"{self.gguf} is no file")
        return self

    @property
    def address(self) -> str:
        """Where answers are asked for."""
        url = (self.url or "").rstrip("/")
        return url if url.endswith(COMPLETIONS) else url + COMPLETIONS

    @property
    def shown_model(self) -> str:
        """The model as results name it: its name, or that of its file."""
        return self.model if self.gguf is None else self.gguf.name

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that its key is made of."""
        return variables_in(self.api_key.reveal()) if self.api_key else ()


class FaultTable(Table):
    """One entry of `faults`.

    Attributes:
        kind: what goes wrong.
        session: in which session that this table answers, the first being 1; None in every one.
        nth: which response, turn or event of the session, the first being 1; None every one. Of
            `expire` and `drop`: from which response on `after` counts, None from the beginning.
        status: of `refuse`, the HTTP status.
        delay: of `slow_answer` and `slow_response`, how much longer it takes.
        after: of `expire` and `drop`, how long it takes until then.
        what: of `drop`, the event channel, the network path, or the whole connection; over a
            WebSocket they are the same.
        event: of `malformed`, the type of event that is cut in the middle.
        code: of `failed`, what the failure is called in the protocol.
        message: of `failed`, what it says.
    """

    kind: FaultKind
    session: Ordinal | None = None
    nth: Ordinal | None = None
    status: Literal[400, 401, 403, 404, 429, 500, 503] | None = None
    delay: Duration | None = None
    after: Duration = Duration("0ms")
    what: Literal["channel", "path", "connection"] = "connection"
    event: str | None = None
    code: str = "server_error"
    message: str = "The server had an error while processing your request."

    @model_validator(mode="after")
    def _has_the_keys_of_its_kind(self) -> Self:
        for key in sorted(self.model_fields_set - _KEYS.get(self.kind, _REPLY)):
            raise ValueError(f'{key} has no meaning for a fault of the kind "{self.kind}"')
        needed = _NEEDED.get(self.kind)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f'a fault of the kind "{self.kind}" needs {needed}')
        return self

    def concerns(self, nth: int) -> bool:
        """Whether it is about the nth of what it is about."""
        return self.nth is None or self.nth == nth


class DuplexSettings(Table):
    """A `duplex` table: how a Live session behaves while the other side speaks.

    What is a range is drawn anew each time, from the seed.

    Attributes:
        turn_end: the silence after which the other side has finished, at least 200 ms.
        barge_in: how much speech over its own makes it stop; what is shorter is a backchannel,
            which stops no one and is not answered.
        backchannel: how much of the other side's speech it hears before it says "mm-hm" or the
            like; `"never"` for never.
    """

    turn_end: DurationRange = DurationRange(Duration("450ms"), Duration("700ms"))
    barge_in: DurationRange = DurationRange(Duration("800ms"), Duration("1200ms"))
    backchannel: DurationRange | Literal["never"] = DurationRange(Duration("3s"), Duration("7s"))

    @field_validator("turn_end")
    @classmethod
    def _is_a_silence(cls, turn_end: DurationRange) -> DurationRange:
        if turn_end.shortest < _SHORTEST_SILENCE:
            raise ValueError(f"a silence within a word is shorter than {_SHORTEST_SILENCE}")
        return turn_end


class WrittenReplies(Table):
    """Answers that were written by hand: rules, then lines, then otherwise.

    Slots that a phrase has bound stay bound for the call, the latest wins; a tool's fields are
    bound in its own rule only.

    Attributes:
        lines: said one after the other where no rule matches.
        rules: tried in order.
        otherwise: said where nothing before it has an answer; None is an empty response.
    """

    lines: Lines = ()
    rules: tuple[Rule, ...] = ()
    otherwise: Template | None = None

    @model_validator(mode="after")
    def _knows_its_slots(self) -> Self:
        bound = self.bound
        for number, rule in enumerate(self.rules):
            if rule.tool is None:
                _check_slots(("rules", number), rule.slots, bound)
        _check_slots(("otherwise",), self.otherwise.slots if self.otherwise else (), bound)
        return self

    @property
    def bound(self) -> frozenset[str]:
        """The slots that its phrases bind."""
        return frozenset(slot for rule in self.rules if rule.heard for slot in rule.heard.slots)

    @property
    def is_given(self) -> bool:
        """Whether it says anything at all."""
        return bool(self.lines or self.rules or self.otherwise is not None)

    def as_local(self) -> "LocalSettings":
        """The same answers as a `local` table has them."""
        own = {"lines": self.lines, "rules": self.rules, "otherwise": self.otherwise}
        return LocalSettings().model_copy(update=own)


class LocalSettings(WrittenReplies):
    """An agent's `local` table: rules, then lines, then echo or chat, then otherwise.

    Attributes:
        echo: whether it says what it has heard, once the lines are used up.
        chat: the language model that answers once the lines are used up.
        think: how long each answer takes, in place of a model's time.
        token_rate: words of an answer that are told in a second; None tells a text at once, and
            the words of a voice well ahead of it.
        audio_pace: over a WebSocket, seconds of audio that are sent in a second.
        duplex: of a Live session: how it behaves while the other side speaks.
        expires_after: how long a session lives; None for as long as the service's, which is 60
            minutes, and two hours of a Live session.
        faults: what goes wrong on purpose.
    """

    echo: StrictBool = False
    chat: ChatSettings | None = None
    think: DurationRange = _AT_ONCE
    token_rate: Annotated[float, Field(gt=0, le=10_000)] | None = None
    audio_pace: Annotated[float, Field(ge=0.1, le=1000)] = 5.0
    duplex: DuplexSettings = DuplexSettings()
    expires_after: Lifetime | None = None
    faults: tuple[FaultTable, ...] = ()

    @model_validator(mode="after")
    def _has_one_language_model(self) -> Self:
        if self.echo and self.chat is not None:
            raise ValueError("echo and chat both answer everything: one of them is enough")
        return self

    @property
    def is_given(self) -> bool:
        """Whether it says anything at all; the default dialogue is said where nothing does."""
        return super().is_given or self.echo or self.chat is not None


def _check_slots(
    where: tuple[str | int, ...], needed: tuple[str, ...], bound: frozenset[str]
) -> None:
    for slot in needed:
        if slot not in bound:
            hint = suggestion(slot, bound, none="there is no phrase with a slot")
            raise fault_within([(where, f'no phrase binds "{{{slot}}}"; {hint}')])


def _texts_in(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts_in(item)
        case dict():
            for item in value.values():
                yield from _texts_in(item)
        case _:
            return


def _filled(value: JsonValue, slots: Mapping[str, object]) -> JsonValue:
    match value:
        case str():
            return Template(value).argument(slots)
        case list():
            return [_filled(item, slots) for item in value]
        case dict():
            return {name: _filled(item, slots) for name, item in value.items()}
        case _:
            return value


class CallsEndpoint(Table):
    """The keys of agents that hold a session at a Realtime endpoint.

    Attributes:
        provider: which endpoint; the command line's where it is None.
        local: what the local endpoint answers in the model's place.
    """

    provider: str | None = None
    local: LocalSettings = LocalSettings()


class HasChat(Table):
    """The key of agents whose words a language model makes, without a session at an endpoint.

    Attributes:
        chat: the language model.
    """

    chat: ChatSettings | None = None
