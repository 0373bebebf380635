"""What the local endpoint answers in the model's place."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, JsonValue, StrictBool, field_validator, model_validator

from soundstage.config.values._arguments import Arguments
from soundstage.config.values._chat import ChatSettings
from soundstage.config.values._faults import FaultTable
from soundstage.config.values._names import CalledTool
from soundstage.config.values._nearest import suggestion
from soundstage.config.values._phrases import Phrase
from soundstage.config.values._quantities import Duration, DurationRange
from soundstage.config.values._table import Table, fault_within
from soundstage.config.values._templates import Template
from soundstage.config.values._texts import Lines

_AT_ONCE = DurationRange(Duration("0ms"), Duration("0ms"))


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


class LocalSettings(Table):
    """An agent's `local` table: rules, then lines, then echo or chat, then otherwise.

    Slots that a phrase has bound stay bound for the call, the latest wins; a tool's fields are
    bound in its own rule only.

    Attributes:
        lines: said one after the other where no rule matches.
        rules: tried in order.
        echo: whether it says what it has heard, once the lines are used up.
        chat: the language model that answers once the lines are used up.
        otherwise: said where nothing before it has an answer; None is an empty response.
        think: how long each answer takes, in place of a model's time.
        token_rate: words of an answer that are told in a second; None tells a text at once, and
            the words of a voice well ahead of it.
        audio_pace: over a WebSocket, seconds of audio that are sent in a second.
        faults: what goes wrong on purpose.
    """

    lines: Lines = ()
    rules: tuple[Rule, ...] = ()
    echo: StrictBool = False
    chat: ChatSettings | None = None
    otherwise: Template | None = None
    think: DurationRange = _AT_ONCE
    token_rate: Annotated[float, Field(gt=0, le=10_000)] | None = None
    audio_pace: Annotated[float, Field(ge=0.1, le=1000)] = 8.0
    faults: tuple[FaultTable, ...] = ()

    @model_validator(mode="after")
    def _knows_its_slots(self) -> Self:
        bound = {slot for rule in self.rules if rule.heard for slot in rule.heard.slots}
        for number, rule in enumerate(self.rules):
            if rule.tool is None:
                _check_slots(("rules", number), rule.slots, bound)
        _check_slots(("otherwise",), self.otherwise.slots if self.otherwise else (), bound)
        return self

    @model_validator(mode="after")
    def _has_one_mind(self) -> Self:
        if self.echo and self.chat is not None:
            raise ValueError("echo and chat both answer everything: one of them is enough")
        return self

    @property
    def is_given(self) -> bool:
        """Whether it says anything at all; the endpoint makes small talk where nothing does."""
        own = self.lines or self.rules or self.echo or self.chat is not None
        return bool(own or self.otherwise is not None)


def _check_slots(where: tuple[str | int, ...], needed: tuple[str, ...], bound: set[str]) -> None:
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
