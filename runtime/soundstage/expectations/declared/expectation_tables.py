"""The tables of `[[expect]]`: what must hold in a run, and which keys go together."""

import re
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias, get_args

from pydantic import AfterValidator, Field, JsonValue, StrictBool, StrictInt, model_validator

from soundstage.config.values import (
    AgentName,
    Arguments,
    CalledTool,
    CueName,
    Duration,
    Moment,
    ObjectReference,
    Phrase,
    Table,
    Template,
    fault_within,
    is_table,
    suggestion,
)
from soundstage.expectations.declared.counts import Times
from soundstage.expectations.declared.measures import Limit, MetricName, amount, unit_of
from soundstage.expectations.declared.slot_values import Conditions
from soundstage.messages import Need

UNANSWERED: Final = "unanswered"
"""The id of the expectation that every scenario has by itself."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_ID: Final = 64


def _check_id(written: str) -> str:
    if _ID.fullmatch(written) is None or len(written) > _LONGEST_ID:
        raise ValueError(
            f'"{written[:_LONGEST_ID]}" is no id: lower-case letters from a to z, digits and "-", '
            f"at most {_LONGEST_ID} characters, because reports and links name it"
        )
    if written == UNANSWERED:
        raise ValueError(
            f'"{UNANSWERED}" is the expectation that every scenario has by itself; '
            "expect_answers = false under [scenario] switches it off"
        )
    return written


ExpectationId: TypeAlias = Annotated[
    str,
    AfterValidator(_check_id),
    Field(json_schema_extra={"pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}),
]
"""What reports call an expectation: `[a-z0-9][a-z0-9-]*`, at most 64 characters."""


class ExpectedMoment(Moment):
    """Something that happens, as it is looked for in the log of a run.

    As in cues and ends, with two differences: `said` is what was played of an agent's words, not
    what another one recognised, and there are two further forms, `heard` and `cue`.

    Attributes:
        heard: words that `by` recognised of what `agent` said.
        by: the agent that recognised them, or that heard the keys; any agent where it is None.
        cue: the id of a cue that was given.
    """

    heard: Phrase | None = None
    by: AgentName | None = None
    cue: CueName | None = None

    FORMS: ClassVar[tuple[str, ...]] = (*Moment.FORMS, "heard", "cue")

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.by is not None and self.heard is None and self.keys is None:
            raise ValueError("by goes with heard and keys: it is the agent that hears them")
        if self.cue is not None and self.agent is not None:
            raise ValueError("agent does not go with cue: a cue names its agent itself")
        for name, value in (self.args or {}).items():
            _check_argument(name, value)
        return self

    @property
    def phrase(self) -> Phrase | None:
        """The words of it, if it is of words."""
        return self.said or self.heard

    @property
    def slots(self) -> tuple[str, ...]:
        """The names that it binds by its words and its arguments."""
        arguments = (slot_of(value) for value in (self.args or {}).values())
        words = self.phrase.slots if self.phrase else ()
        return (*words, *self.key_slots, *filter(None, arguments))


def slot_of(argument: object) -> str:
    """The slot that an argument is: `"{order}"`; empty where it is a value."""
    if not isinstance(argument, str) or not argument.startswith("{"):
        return ""
    slots = Template(argument).slots
    return slots[0] if slots else ""


def _check_argument(name: str, value: JsonValue) -> None:
    if isinstance(value, str) and "{" in value and not re.fullmatch(r"\{[A-Za-z_]\w*\}", value):
        raise ValueError(
            f'args.{name} is "{value}": an argument is a value, or one slot alone, as "{{order}}"'
        )


class Until(ExpectedMoment):
    """Where the time of an expectation ends: at a moment, or after so many turns.

    Attributes:
        turns: turns that begin in that time, of the expectation's agent, or of any.
    """

    turns: Annotated[StrictInt, Field(ge=1)] | None = None

    FORMS: ClassVar[tuple[str, ...]] = (*ExpectedMoment.FORMS, "turns")


Form: TypeAlias = Literal[
    "happens",
    "never",
    "said",
    "never_said",
    "heard",
    "tool",
    "no_tool",
    "order",
    "metric",
    "reacts",
    "state",
    "judge",
    "all",
    "any",
    "none",
]

FORMS: Final[tuple[Form, ...]] = get_args(Form)
"""The keys of which an expectation has exactly one."""

KEYS_OF_ALL: Final = frozenset({"id", "need", "why", "when", "each", "fault_of"})
"""The keys that go with every form."""

_NEVER = frozenset({"where", "after", "before", "within", "until"})
_OCCURS = _NEVER | {"times"}
KEYS_OF_FORM: Final[dict[Form, frozenset[str]]] = {
    "happens": _OCCURS,
    "never": _NEVER,
    "said": _OCCURS | {"agent"},
    "never_said": _NEVER | {"agent"},
    "heard": _OCCURS | {"agent", "by"},
    "tool": _OCCURS | {"agent", "args"},
    "no_tool": _NEVER | {"agent", "args"},
    "order": frozenset({"after", "within", "until"}),
    "metric": frozenset({"agent", "at_most", "at_least", "over"}),
    "reacts": frozenset({"agent", "after", "within", "for", "only"}),
    "state": frozenset({"equals"}),
    "judge": frozenset({"agent"}),
    "all": frozenset(),
    "any": frozenset(),
    "none": frozenset(),
}
"""The further keys that go with each form."""


_Fault: TypeAlias = tuple[tuple[str | int, ...], str]


class Expectation(Table):
    """What must hold in a run.

    Exactly one of `happens`, `never`, `said`, `never_said`, `heard`, `tool`, `no_tool`, `order`,
    `metric`, `reacts`, `state`, `judge`, `all`, `any` and `none` is set.

    Attributes:
        id: what reports and tests call it; no two have the same.
        agent: whose words, tool calls, metric or reaction; any agent's where it is None.
        happens: a moment that must come.
        never: a moment that must not come.
        said: words that must have been played.
        never_said: words that must not have been played.
        heard: words that `by` must have recognised of what `agent` said.
        by: the agent that recognises them.
        tool: a tool that must be called.
        no_tool: a tool that must not be called.
        args: arguments of the call, further ones aside; `"{order}"` binds or compares a slot.
        order: moments that must come one after the other.
        metric: a metric that must keep within `at_most` and `at_least`.
        at_most: the metric is not more.
        at_least: the metric is not less.
        over: what the metric is of: one `run`, or the turns of all runs of a `batch`.
        reacts: what the agent must do after the moment `after`: it `responds`, `stops`, or
            `continues`.
        for_: for how long it continues.
        only: no other agent is audible before it responds.
        state: a Python object that is asked after the end of the run.
        equals: what `state` must be; tables may have further keys.
        judge: a statement that a language model must find true of the transcript.
        all: ids of which all must have passed.
        any: ids of which one must have passed.
        none: ids of which none may have passed.
        after: the moment from which on it counts, each time that it comes.
        before: the moment before which it must have come, each time that it comes.
        within: how long after `after`, or without it, after all agents were ready.
        until: where the time ends in which it counts.
        times: how often it must come: a number, or a range as `[1, 3]`; at least once by default.
        where: conditions on the values of slots.
        when: the id of an expectation without which this one is skipped unless that passed.
        need: whether a failure fails the run (`required`), or is only shown (`advisory`), which is
            the default of `judge`.
        why: a remark that is shown beside a failure.
        each: agents; `{agent}` in the table stands for each of them in turn.
        fault_of: the agent whose fault it is where it does not hold; by default the one whose
            words, events or reactions it is about.
    """

    id: ExpectationId
    agent: AgentName | None = None
    happens: ExpectedMoment | None = None
    never: ExpectedMoment | None = None
    said: Phrase | None = None
    never_said: Phrase | None = None
    heard: Phrase | None = None
    by: AgentName | None = None
    tool: CalledTool | None = None
    no_tool: CalledTool | None = None
    args: Arguments | None = None
    order: tuple[ExpectedMoment, ...] | None = None
    metric: MetricName | None = None
    at_most: Limit | None = None
    at_least: Limit | None = None
    over: Literal["run", "batch"] = "run"
    reacts: Literal["responds", "stops", "continues"] | None = None
    for_: Annotated[Duration, Field(gt=0)] | None = Field(default=None, alias="for")
    only: StrictBool = False
    state: ObjectReference | None = None
    equals: JsonValue = None
    judge: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    all: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    any: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    none: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    after: ExpectedMoment | None = None
    before: ExpectedMoment | None = None
    within: Annotated[Duration, Field(gt=0)] | None = None
    until: Until | None = None
    times: Times | None = None
    where: dict[str, Conditions] = Field(default_factory=dict)
    when: str | None = None
    need: Need = "required"
    why: str = ""
    each: tuple[AgentName, ...] | None = None
    fault_of: AgentName | None = None

    @model_validator(mode="before")
    @classmethod
    def _lets_a_judge_advise(cls, value: object) -> object:
        """A language model's judgement fails a run only where the file says so."""
        if is_table(value) and "judge" in value and "need" not in value:
            return {**value, "need": "advisory"}
        return value

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [form for form in FORMS if getattr(self, form) is not None]
        if len(given) != 1:
            has = "has none" if not given else "has " + " and ".join(given)
            raise ValueError(f"an expectation needs exactly one of {', '.join(FORMS)}; this {has}")
        allowed = KEYS_OF_FORM[self.form] | KEYS_OF_ALL | {self.form}
        written = {"for" if key == "for_" else key for key in self.model_fields_set}
        faults: list[_Fault] = [
            ((key,), _misplaced(key, self.form)) for key in sorted(written - allowed)
        ]
        if self.each == ():
            faults.append((("each",), "names no agent"))
        faults += self._faults()
        if faults:
            raise fault_within(faults)
        return self

    def _faults(self) -> list[_Fault]:
        match self.form:
            case "metric":
                return self._faults_of_metric()
            case "reacts":
                return self._faults_of_reaction()
            case "order" if self.order is not None and len(self.order) <= 1:
                return [(("order",), "an order needs two moments or more")]
            case "state" if "equals" not in self.model_fields_set:
                return [(("state",), "equals is missing: what it must be")]
            case _:
                return self._faults_of_slots()

    def _faults_of_metric(self) -> list[_Fault]:
        if self.at_most is None and self.at_least is None:
            return [(("metric",), "a metric needs at_most or at_least")]
        unit = unit_of(self.metric or "")
        written = {
            "seconds": 'a time, as "1.2s"',
            "share": 'a share, as "60%"',
            "count": "a number",
        }
        return [
            ((key,), f"{self.metric} is {written[unit]}, not {limit}")
            for key, limit in (("at_most", self.at_most), ("at_least", self.at_least))
            if limit is not None and amount(limit)[0] != unit
        ]

    def _faults_of_reaction(self) -> list[_Fault]:
        needs = {"responds": (), "stops": ("within",), "continues": ("for",)}[self.reacts or ""]
        needed = [key for key in ("agent", "after", *needs) if self._lacks(key)]
        faults: list[_Fault] = (
            [(("reacts",), f'reacts = "{self.reacts}" needs {" and ".join(needed)}')]
            if needed
            else []
        )
        if self.reacts == "continues" and self.within is not None:
            faults.append((("within",), "an agent continues for a time: write for, not within"))
        if self.reacts != "continues" and self.for_ is not None:
            faults.append((("for",), 'for goes with reacts = "continues"'))
        if self.reacts != "responds" and self.only:
            faults.append((("only",), 'only goes with reacts = "responds"'))
        return faults

    def _lacks(self, key: str) -> bool:
        return getattr(self, "for_" if key == "for" else key) is None

    def _faults_of_slots(self) -> list[_Fault]:
        bound = {slot for moment in self.moments for slot in moment.slots}
        # Of what a tool returns, or an agent emits, the fields have names that no table says.
        is_open = any(moment.tool is not None or moment.is_emitted for moment in self.moments)
        faults: list[_Fault] = [
            (
                ("where", name),
                f'nothing binds "{{{name}}}"; {suggestion(name, bound, none=_NO_SLOT)}',
            )
            for name in self.where
            if name not in bound and not is_open
        ]
        return faults + [
            (("where", name), f'no value is so: the limits of "{{{name}}}" exclude each other')
            for name, conditions in self.where.items()
            if conditions.is_impossible
        ]

    @property
    def form(self) -> Form:
        """Which of `FORMS` it is."""
        return next(form for form in FORMS if getattr(self, form) is not None)

    @property
    def moment(self) -> ExpectedMoment | None:
        """What must come or must not, where it is a moment."""
        agent = self.agent
        match self.form:
            case "happens":
                return self.happens
            case "never":
                return self.never
            case "said":
                return ExpectedMoment(agent=agent, said=self.said)
            case "never_said":
                return ExpectedMoment(agent=agent, said=self.never_said)
            case "heard":
                return ExpectedMoment(agent=agent, heard=self.heard, by=self.by)
            case "tool":
                return ExpectedMoment(agent=agent, tool=self.tool, args=self.args)
            case "no_tool":
                return ExpectedMoment(agent=agent, tool=self.no_tool, args=self.args)
            case _:
                return None

    @property
    def moments(self) -> tuple[ExpectedMoment, ...]:
        """Every moment of it."""
        found = (self.moment, self.after, self.before, self.until, *(self.order or ()))
        return tuple(moment for moment in found if moment is not None)

    @property
    def written_moments(self) -> list[tuple[str, ExpectedMoment]]:
        """The moments that are tables, each by its key."""
        keys = ("happens", "never", "after", "before", "until")
        return [(key, each) for key in keys if (each := getattr(self, key)) is not None]

    @property
    def parts(self) -> tuple[str, ...]:
        """The ids of the expectations that it is put together of."""
        return self.all or self.any or self.none or ()

    @property
    def bounds(self) -> tuple[int, int | None]:
        """How often its moment must come, at least and at most."""
        if self.form in {"never", "never_said", "no_tool"}:
            return 0, 0
        return (1, None) if self.times is None else (self.times.least, self.times.most)


_NO_SLOT: Final = "none of its phrases has a slot"


def _misplaced(key: str, form: Form) -> str:
    """Why a key does not go with a form, and with which it goes."""
    fitting = [other for other in FORMS if key in KEYS_OF_FORM[other]]
    return f"does not go with {form}; it goes with {', '.join(fitting)}"
