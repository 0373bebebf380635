"""Moments: matching what happens in a run."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StrictInt,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from soundstage.config.values.duration import Duration
from soundstage.config.values.names import AgentName, CalledTool
from soundstage.config.values.phrase import Phrase
from soundstage.config.values.table import DRAWN_FROM, Table, is_table
from soundstage.spoken_form import same_words

BuiltInEvent: TypeAlias = Literal[
    "joined",
    "left",
    "speech_started",
    "speech_stopped",
    "response_started",
    "response_done",
    "turn",
    "interrupted",
    "interruption",
    "backchannel",
    "handoff",
    "fault",
    "dropped",
    "reconnected",
    "hang_up",
    "dtmf",
]
"""The events of every run that a moment can wait for."""

BUILT_IN_EVENTS: Final[tuple[str, ...]] = get_args(BuiltInEvent)

_SO_CLOSE: Final = 0.8


def _check_event(name: str) -> str:
    """Refuse what is more likely a slip than a name that an agent of one's own emits."""
    if name not in BUILT_IN_EVENTS:
        close = difflib.get_close_matches(name.lower(), BUILT_IN_EVENTS, n=1, cutoff=_SO_CLOSE)
        if close:
            raise ValueError(f'there is no event "{name}"; did you mean "{close[0]}"?')
    return name


EventName: TypeAlias = Annotated[
    str,
    AfterValidator(_check_event),
    Field(
        min_length=1,
        json_schema_extra={"anyOf": [{"enum": list(BUILT_IN_EVENTS)}, {"type": "string"}]},
    ),
]
"""An event of every run, or the name of one that an agent of one's own emits."""

Arguments: TypeAlias = dict[str, JsonValue]
"""A tool's arguments by name."""

SHORTEST_SILENCE: Final = Duration("400ms")
"""A pause that is shorter belongs to a voice: the event log does not know it."""


_KEYS = re.compile(r"[0-9A-D*#]+")
_KEYS_OR_SLOT = re.compile(r"([0-9A-D*#]+)|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ENDS_DIGITS: Final = frozenset("ABCD*#")


def _check_keys(written: str) -> str:
    if _KEYS.fullmatch(written) is None:
        raise ValueError(f'"{written}" is no row of keys: they are 0 to 9, *, # and A to D')
    return written


def _check_key_pattern(written: str) -> str:
    place = 0
    while place < len(written):
        piece = _KEYS_OR_SLOT.match(written, place)
        if piece is None:
            raise ValueError(
                f'"{written}" is no row of keys: they are 0 to 9, *, # and A to D, and a slot as '
                '"{number}" stands for digits'
            )
        place = piece.end()
        if piece[2] is not None and written[place : place + 1] not in _ENDS_DIGITS:
            raise ValueError(f'"{written}": after a slot comes the key that ends it, as "{{pin}}#"')
    return written


Keys: TypeAlias = Annotated[
    str,
    AfterValidator(_check_keys),
    Field(min_length=1, max_length=100, json_schema_extra={"pattern": "^[0-9A-D*#]+$"}),
]
"""Keys of a telephone, one after the other: `"5#"`."""


@dataclass(frozen=True)
class KeyLine:
    """A line that is not spoken: keys of a telephone that are pressed in its place.

    Attributes:
        keys: the keys.
    """

    keys: str


def _written_line(line: str | KeyLine) -> object:
    return line if isinstance(line, str) else {"keys": line.keys}


def _read_line(value: object) -> str | KeyLine:
    if isinstance(value, str | KeyLine):
        return value
    keys = value.get("keys") if is_table(value) and len(value) == 1 else None
    if not isinstance(keys, str):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other
            f'a line is "…", words that are spoken, or {{ keys = "5#" }}; {DRAWN_FROM}'
        )
    return KeyLine(keys=_check_keys(keys))


Line: TypeAlias = Annotated[
    str | KeyLine,
    PlainValidator(_read_line),
    PlainSerializer(_written_line),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"keys": {"type": "string", "pattern": "^[0-9A-D*#]+$"}},
                    "required": ["keys"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Words that are spoken, or keys that are pressed: `{ keys = "5#" }`."""

KeyPattern: TypeAlias = Annotated[
    str, AfterValidator(_check_key_pattern), Field(min_length=1, max_length=100)
]
"""Keys that are waited for; a slot stands for digits, up to the key that ends them: `"{pin}#"`."""


class Moment(Table):
    """Something that happens: words, an event, a tool's result, keys, a silence, or a time.

    Exactly one of `said`, `event`, `tool`, `keys`, `silence` and `at` is set.

    Attributes:
        agent: whose words, event, tool call, keys or silence; of any agent where it is None. With
            `silence`, None means that all agents are quiet.
        said: words of the agent that another one has heard.
        event: the name of an event, or of what an agent emits.
        tool: a tool whose result has come.
        keys: keys of a telephone that the agent pressed and another one heard, one after the
            other and each within 3 s of the one before it, before that one speaks;
            `{slot}` stands for digits.
        silence: for how long no voice is audible, at least 400 ms; it comes once in each silence.
        at: a time since the run began.
        args: arguments that the tool was called with, or data that an agent emits with the event,
            further ones aside.
        nth: which time it happens, from 1.
        delay: how long after it the moment is.
    """

    agent: AgentName | None = None
    said: Phrase | None = None
    event: EventName | None = None
    tool: CalledTool | None = None
    keys: KeyPattern | None = None
    silence: Duration | None = None
    at: Duration | None = None
    args: Arguments | None = None
    nth: Annotated[StrictInt, Field(ge=1)] = 1
    delay: Duration = Duration("0ms")

    FORMS: ClassVar[tuple[str, ...]] = ("said", "event", "tool", "keys", "silence", "at")
    """The keys of which a moment has one; a subclass may know more."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [form for form in self.FORMS if getattr(self, form) is not None]
        if len(given) != 1:
            has = "has none" if not given else "has " + " and ".join(given)
            *most, last = self.FORMS
            known = f"{', '.join(most)} and {last}"
            raise ValueError(f"a moment needs exactly one of {known}; this {has}")
        if self.args is not None and self.tool is None and not self.is_emitted:
            raise ValueError("args goes with tool, and with an event that an agent emits")
        superfluous = self.agent is not None or self.nth > 1 or self.delay > 0
        if self.at is not None and superfluous:
            raise ValueError("at is a time by itself: agent, nth and delay do not go with it")
        return self

    @field_validator("silence")
    @classmethod
    def _is_no_pause(cls, silence: Duration | None) -> Duration | None:
        if silence is not None and silence < SHORTEST_SILENCE:
            raise ValueError(f"must be at least {SHORTEST_SILENCE}: a shorter pause is no silence")
        return silence

    @property
    def is_emitted(self) -> bool:
        """Whether it is what an agent emits, which no other agent does by itself."""
        return self.event is not None and self.event not in BUILT_IN_EVENTS

    @property
    def is_of_keys(self) -> bool:
        """Whether it needs the keys that agents hear."""
        return self.keys is not None or self.event == "dtmf"

    @property
    def key_slots(self) -> tuple[str, ...]:
        """The slots of its keys."""
        return tuple(slot for _, slot in _KEYS_OR_SLOT.findall(self.keys or "") if slot)

    @property
    def form(self) -> str:
        """Which of `FORMS` it is."""
        return next(form for form in self.FORMS if getattr(self, form) is not None)

    def takes(self, arguments: Mapping[str, object]) -> bool:
        """Whether a call with these arguments, or an event with this data, is waited for."""
        return self.args is None or arguments_match(self.args, arguments)


def arguments_match(wanted: Mapping[str, object], given: Mapping[str, object]) -> bool:
    """Whether every argument wanted was given; further ones do not matter.

    Texts are equal when their words are, as in a phrase: what was recognised has a case,
    punctuation and figures of its own.
    """
    return all(name in given and _equal(value, given[name]) for name, value in wanted.items())


def _equal(wanted: object, given: object) -> bool:
    if isinstance(wanted, str) and isinstance(given, str):
        return wanted == given or same_words(wanted, given)
    if is_table(wanted) and is_table(given):
        return arguments_match(wanted, given)
    # True equals 1 in Python, but not in JSON.
    return wanted == given and isinstance(wanted, bool) == isinstance(given, bool)
