"""The tables of a scenario file."""

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, TypeAlias

from pydantic import Field, JsonValue, StrictBool, StrictInt, field_validator, model_validator

from soundstage.config.values import (
    AgentName,
    Arguments,
    Duration,
    DurationRange,
    EffectName,
    Moment,
    ObjectReference,
    Ratio,
    Table,
)
from soundstage.endpoint import SpeechTable
from soundstage.expectations import Expectation, JudgeSettings
from soundstage.scenario.cues import Cue
from soundstage.scenario.room_tables import Edge, Room
from soundstage.secrets import Secret
from soundstage.servers import ServerTable
from soundstage.webrtc import ModelPlace, TransportKind

if TYPE_CHECKING:
    from soundstage.verdict import VerdictRule

FORMAT: Final = 1
"""The version of the format that is read."""

_AT_ONCE = DurationRange(Duration("0ms"), Duration("0ms"))


class ScenarioTable(Table):
    """What the file is.

    Attributes:
        format: the version of the format.
        name: the title; the file's stem unless it is given.
        description: a sentence for lists and reports.
        seed: feeds every random stream.
        include: files with definitions; what this file says wins.
        under_test: the agents whose faults, and whose expectations, fail the run; where nothing is
            said, the bots of the file, or all agents where it has none.
        expect_answers: whether an agent under test that does not answer fails the run.
    """

    format: Literal[1] = 1
    name: str = ""
    description: str = ""
    seed: Annotated[StrictInt, Field(ge=0)] = 0
    include: tuple[str, ...] = ()
    under_test: tuple[AgentName, ...] | None = None
    expect_answers: StrictBool = True

    @field_validator("format", mode="before")
    @classmethod
    def _is_not_of_a_later_version(cls, format_: object) -> object:
        if isinstance(format_, int) and format_ > FORMAT:
            raise ValueError(
                f"is {format_}, and this version reads format {FORMAT}: "
                "the file is for a later version of Soundstage"
            )
        return format_


class ProviderTable(Table):
    """A Realtime service, as it is written: `${NAME}` is not yet replaced.

    Attributes:
        base_url: the address, version included: `https://host/v1`.
        api_key: the key; None for a service that asks for none.
        auth: `key`, or `ephemeral` where SDP is only taken with a key made for the call.
        headers: sent with every request.
        query: added to every address.
        transport: what calls are made over: `webrtc`, or `websocket` for services without it.
        model_in: where a WebSocket names the model: in the address (`query`), or in the first
            `session.update` (`session`).
    """

    base_url: str
    api_key: Secret | None = None
    auth: Literal["key", "ephemeral"] = "key"
    headers: dict[str, Secret] = Field(default_factory=dict)
    query: dict[str, Secret] = Field(default_factory=dict)
    transport: TransportKind = "webrtc"
    model_in: ModelPlace = "query"

    @model_validator(mode="after")
    def _names_its_model(self) -> Self:
        if self.transport == "webrtc" and self.model_in == "session":
            raise ValueError('model_in = "session" is for transport = "websocket"')
        return self


class OpenAiTable(Table):
    """What of the built-in provider `openai` can be changed.

    Attributes:
        transport: what calls are made over: `webrtc` or `websocket`.
    """

    transport: TransportKind = "webrtc"


class Link(Table):
    """Which agents hear each other: two (`between`), or one the other (`from`, `to`).

    Attributes:
        between: two agents that hear each other.
        from_: the one who is heard.
        to: the one who hears.
        effects: what the way does to sound, in this order; each direction by itself.
    """

    between: tuple[AgentName, AgentName] | None = None
    from_: AgentName | None = Field(default=None, alias="from")
    to: AgentName | None = None
    effects: tuple[EffectName, ...] = ()

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        if self.model_fields_set - {"effects"} not in ({"between"}, {"from_", "to"}):
            raise ValueError("a link has either between, or from and to")
        if any(speaker == listener for speaker, listener in self.edges):
            raise ValueError("an agent cannot be linked to itself")
        return self

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Speaker and listener, for each direction."""
        if self.between is not None:
            first, second = self.between
            return (first, second), (second, first)
        return ((self.from_ or "", self.to or ""),)


class Mock(Table):
    """An answer in a tool's place.

    Attributes:
        when: arguments that it is for; None for any.
        returns: the result.
        error: the error, where it is one.
    """

    when: Arguments | None = None
    returns: JsonValue = None
    error: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if ("returns" in self.model_fields_set) == ("error" in self.model_fields_set):
            raise ValueError("a mock has either returns or error")
        return self


class McpTable(Table):
    """A server that speaks the Model Context Protocol; all its tools are offered.

    Attributes:
        command: starts it; it speaks over its standard input and output.
        env: variables for it, `${NAME}` not yet replaced.
        url: where it is reached, in place of a command.
    """

    command: tuple[str, ...] = ()
    env: dict[str, Secret] = Field(default_factory=dict)
    url: str = ""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError('mcp has either command = ["program", "argument"], or url')
        if self.url and self.env:
            raise ValueError("env goes with command")
        return self


class ToolTable(Table):
    """A tool that agents can call.

    Attributes:
        python: the function; its signature is the schema.
        agent: an agent that serves it: the method of its class that is marked with `@tool`.
        mcp: a server, whose tools are all called by their own names.
        description: what it does, where there is no function to read it from.
        parameters: the JSON Schema of its arguments, likewise.
        mock: answers in the function's place, the first that matches.
        timeout: how long it may take.
        latency: how long it takes on the virtual clock; a mock on both clocks.
    """

    python: ObjectReference | None = None
    agent: AgentName | None = None
    mcp: McpTable | None = None
    description: str = ""
    parameters: dict[str, JsonValue] | None = None
    mock: tuple[Mock, ...] = ()
    timeout: Duration = Duration("10s")
    latency: DurationRange = _AT_ONCE

    @field_validator("parameters")
    @classmethod
    def _describes_an_object(cls, schema: dict[str, JsonValue] | None) -> object:
        if schema is not None and schema.get("type") != "object":
            raise ValueError('the JSON Schema of arguments has type = "object"')
        return schema

    @model_validator(mode="after")
    def _has_one_schema(self) -> Self:
        sources = [key for key in ("python", "agent", "mcp") if getattr(self, key) is not None]
        if len(sources) > 1:
            raise ValueError(f"a tool is one thing: {sources[0]} or {sources[1]}")
        if sources and (self.description or self.parameters is not None):
            raise ValueError(f"description and parameters are read from {sources[0]}")
        if not sources and self.parameters is None:
            raise ValueError("a tool needs python, agent, mcp, or parameters and mock")
        if not sources and not self.mock:
            raise ValueError("a tool without a function needs mock: what it answers")
        if self.mcp is not None and self.mock:
            raise ValueError("mock answers for one tool, and an mcp server may have many")
        return self


class End(Table):
    """When the run ends: at the first that holds.

    Attributes:
        turns: replies heard at least in part, over all agents.
        silence: for how long no agent speaks, prepares an answer or waits for a tool.
        when: moments.
        max: the longest that it lasts.
    """

    turns: Annotated[StrictInt, Field(ge=1)] | None = None
    silence: Annotated[Duration, Field(gt=0)] | None = None
    when: tuple[Moment, ...] = ()
    max: Annotated[Duration, Field(gt=0)] = Duration("5m")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if not self.has_conditions and "max" not in self.model_fields_set:
            raise ValueError("nothing says when the run ends: turns, silence, when or max")
        return self

    @property
    def has_conditions(self) -> bool:
        """Whether there are others beside `max`, which then is a guard that fails the run."""
        return self.turns is not None or self.silence is not None or bool(self.when)


class Record(Table):
    """What the run folder keeps.

    Attributes:
        tracks: for each agent, what it `said` and what it `heard`.
        mix: all agents together, as they said it (true), or as the first two agents `heard` it.
        wire: the raw protocol events of every session, secrets masked.
        words: whether speech that its agent does not tell is recognised, as that of a person, a
            recording or a program of your own.
    """

    tracks: tuple[Literal["said", "heard"], ...] = ("said",)
    mix: StrictBool | Literal["heard"] = True
    wire: StrictBool = False
    words: StrictBool = True


class VerdictTable(Table):
    """What a batch of runs must show; see `--repeat`.

    Attributes:
        at_least: the share of the judged runs that must pass.
        confidence: how sure that must be.
        invalid_at_most: the share of all runs that may be invalid.
        max_runs: how many runs `--until-decided` makes at most.
    """

    at_least: Ratio
    confidence: Ratio = Ratio("95%")
    invalid_at_most: Ratio = Ratio("5%")
    max_runs: Annotated[StrictInt, Field(ge=1)] = 1000

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        if not self.at_least:
            raise ValueError("at_least = 0% is met by every batch")
        if not 0.5 <= self.confidence < 1:  # noqa: PLR2004 - half: as a coin
            raise ValueError("a confidence is at least 50% and below 100%")
        return self

    @property
    def rule(self) -> "VerdictRule":
        """The rule as numbers."""
        # Statistics are loaded for a batch, and not whenever a file is read.
        from soundstage.verdict import VerdictRule  # noqa: PLC0415

        return VerdictRule(
            at_least=float(self.at_least),
            confidence=float(self.confidence),
            invalid_at_most=float(self.invalid_at_most),
        )


Matrix: TypeAlias = dict[str, Annotated[tuple[JsonValue, ...], Field(min_length=1)]]
"""Key paths, as in `--set`, each with the values that it takes in turn."""


class Root(Table):
    """A whole file, for the names of its tables and for editors; `load_scenario` reads it."""

    scenario: ScenarioTable = ScenarioTable()
    providers: dict[str, ProviderTable] = Field(default_factory=dict)
    servers: dict[str, ServerTable] = Field(default_factory=dict)
    speech: SpeechTable = SpeechTable()
    defaults: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    agents: dict[str, dict[str, JsonValue]]
    links: tuple[Link, ...] = ()
    rooms: dict[str, Room] = Field(default_factory=dict)
    effects: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    tools: dict[str, ToolTable] = Field(default_factory=dict)
    cues: tuple[Cue, ...] = ()
    expect: tuple[Expectation, ...] = ()
    judge: JudgeSettings | None = None
    verdict: VerdictTable | None = None
    matrix: Matrix = Field(default_factory=dict)
    end: End
    record: Record = Record()
