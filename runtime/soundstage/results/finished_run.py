"""A run that is over, as an object."""

from __future__ import annotations

import gzip
import hashlib
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from msgspec import Struct

from soundstage.audio import as_array
from soundstage.errors import ExpectationFailed, RunFolderError, UsageError
from soundstage.json_text import NotJson, read_json
from soundstage.messages import Cause, Verdict
from soundstage.messages.events import Event, Fault, HeardText, ToolCalled, ToolReturned
from soundstage.results.expectation_report import read_expectations, shown_verdict
from soundstage.results.history import History
from soundstage.results.metrics import measure
from soundstage.results.run_folder import TRACKS, RunFolder
from soundstage.results.run_result import read_result
from soundstage.results.tracks import read_track
from soundstage.results.transcript import transcript
from soundstage.results.turns import turns_of
from soundstage.units import Samples, seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.audio import PcmArray
    from soundstage.results.event_log import AnyEvent
    from soundstage.results.metrics import Metrics
    from soundstage.results.turns import Turn

E = TypeVar("E", bound=Event)


class ToolCall(Struct, frozen=True, kw_only=True):
    """A tool that an agent called.

    Attributes:
        agent: the agent that called it.
        name: the tool's.
        start: when it was called, in seconds of the run.
        pts: the same, in samples of 1/24,000 s.
        arguments: what it was given; the text itself where that is not JSON.
        result: what it answered; the text itself where that is not JSON, None without an answer.
        error: why it failed, or empty.
        latency: seconds until it answered, or None if it did not.
    """

    agent: str
    name: str
    start: float
    pts: Samples
    arguments: Any
    result: Any
    error: str
    latency: float | None


class Run(Struct, frozen=True, kw_only=True, eq=False):
    """A run that is over, built from its folder.

    Attributes:
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it: `turns`, `silence`, `when[0]`, `max`, `fault:caller` …
        exit_code: what the command exits with.
        cause: why it failed or is invalid: whose fault it is, a sentence, the place in your code;
            None for any other outcome, and for a run that was broken off.
        scenario: the scenario's file stem.
        seed: what all random streams derived from.
        clock: `wall` or `virtual`.
        providers: agent to the provider that spoke for it.
        versions: of Soundstage, Python and the speech engines.
        drawn: what the seed decided before the run: the path of each key to its value, as it would
            be written in the scenario.
        folder: where its artefacts are.
        duration: seconds of its own clock.
        speed: seconds of its own clock for each second it took; 0 where that is not known.
        turns: of all agents, by their start.
        transcript: as in `transcript.md`.
        metrics: of each agent.
        totals: of all agents together.
        expectations: what became of each expectation, in the order of the file.
    """

    outcome: str
    reason: str
    exit_code: int
    cause: Cause | None
    scenario: str
    seed: int
    clock: str
    providers: Mapping[str, str]
    versions: Mapping[str, str]
    drawn: Mapping[str, Any]
    folder: Path
    duration: float
    speed: float
    turns: tuple[Turn, ...]
    transcript: str
    metrics: Mapping[str, Metrics]
    totals: Metrics
    expectations: tuple[Verdict, ...]
    _history: History

    @classmethod
    def load(cls, folder: str | Path) -> Run:
        """Read a run from its folder, `latest` included; a run that was broken off too.

        Raises:
            RunFolderError: there is no run, or it cannot be read.
        """
        found = RunFolder.find(Path(folder))
        history = History.read(found.log)
        result = read_result(found, history)
        measured = measure(history)
        return cls(
            outcome=result.outcome,
            reason=result.reason,
            exit_code=result.exit_code,
            cause=result.cause,
            scenario=result.scenario,
            seed=result.seed,
            clock=result.clock,
            providers=result.providers,
            versions=result.versions,
            drawn=result.drawn,
            folder=found.path,
            duration=result.duration,
            speed=result.speed,
            turns=turns_of(history),
            transcript=transcript(history),
            metrics=measured.agents,
            totals=measured.run,
            expectations=read_expectations(found).verdicts,
            _history=history,
        )

    def expect(self, name: str) -> Verdict:
        """What became of an expectation that passed, or was skipped: look at its `status`.

        Raises:
            ExpectationFailed: it failed, or could not be judged.
            KeyError: the run has no such expectation.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line
        found = next((each for each in self.expectations if each.id == name), None)
        if found is None:
            known = ", ".join(each.id for each in self.expectations)
            raise KeyError(f"no expectation {name} in this run, only {known or 'none at all'}")
        if found.status in {"failed", "unknown"}:
            raise ExpectationFailed(shown_verdict(found, RunFolder(self.folder)), self)
        return found

    def said_by(self, agent: str) -> str:
        """What was played of an agent's replies, in order; of one that tells none, what it said.

        Raises:
            KeyError: there is no such agent.
            UsageError: words of it are not known, so that the others would not be all that it said.
        """
        self._check(agent)
        own = [turn for turn in self.turns if turn.agent == agent]
        unknown = sum(turn.text_source == "unknown" for turn in own)
        if unknown:
            raise UsageError(
                f"{agent} spoke {len(own)} times, and {unknown} of these turns were not "
                "recognised: a recogniser was missing or failed, the run was stopped before, or "
                f'record.words is false; the sound is there (run.audio("{agent}"))'
            )
        return " ".join(turn.text for turn in own if turn.text)

    def heard_by(self, agent: str) -> str:
        """What reached an agent: the words that it recognised, of all speakers, in order.

        Raises:
            KeyError: there is no such agent.
            UsageError: it recognises no words, so that none would say nothing of what it heard.
        """
        self._check(agent)
        if not self._history.recognizes(agent):
            raise UsageError(
                f"{agent} has nothing of what it hears recognised, so nothing can be said of its "
                "words: look at what the other agents said, or at the sound it heard "
                f'(run.audio("{agent}", "heard"), with record.tracks = ["said", "heard"])'
            )
        return " ".join(heard.text for heard in self.events(HeardText, agent) if heard.text)

    def tool_calls(self, name: str | None = None) -> tuple[ToolCall, ...]:
        """The calls of all tools or of one, in the order in which they were made."""
        answers = {(answer.agent, answer.call): answer for answer in self.events(ToolReturned)}
        return tuple(
            _tool_call(call, answers.get((call.agent, call.call)))
            for call in self.events(ToolCalled)
            if name in (None, call.tool)
        )

    @overload
    def events(self, type: type[E], agent: str | None = None) -> tuple[E, ...]: ...

    @overload
    def events(self, type: str | None = None, agent: str | None = None) -> tuple[AnyEvent, ...]: ...

    def events(
        self,
        type: type[Event] | str | None = None,  # noqa: A002 - the word for it
        agent: str | None = None,
    ) -> tuple[AnyEvent, ...]:
        """The event log, or a part of it; each event has its word in the log as `type`.

        Args:
            type: a class of `soundstage.messages.events`, or the word that the log has for it,
                which may be one that this version does not know.
            agent: the agent that they are about.
        """
        return tuple(
            event
            for event in self._history.events
            if agent in (None, event.agent) and _is_of(event, type)
        )

    def audio(self, agent: str, track: str = "said") -> PcmArray:
        """What an agent said or heard: 24 kHz mono 16-bit samples from the run's beginning.

        Raises:
            KeyError: there is no such agent.
            RunFolderError: the track was not recorded.
        """
        self._check(agent)
        path = RunFolder(self.folder).audio(agent, track)
        try:
            return as_array(read_track(path))
        except (OSError, EOFError, wave.Error) as error:
            raise RunFolderError(
                f"there is no recording in {path}: record.tracks of the scenario says "
                f"which of {', '.join(TRACKS)} are kept"
            ) from error

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What failed, with its traceback."""
        return tuple(self.events(Fault))

    @property
    def fingerprint(self) -> str:
        """The SHA-256, in hexadecimal digits, of the event log and all recordings."""
        folder = RunFolder(self.folder)
        digest = hashlib.sha256()
        for path in (folder.log, *sorted(folder.sounds.glob("*.wav"))):
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            digest.update(f"{path.name.removesuffix('.gz')} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def __repr__(self) -> str:
        return f"<Run {self.scenario} seed {self.seed}: {self.outcome} ({self.reason})>"

    def _check(self, agent: str) -> None:
        """Refuse a name that no agent has, which would seem to have said nothing."""
        if agent not in self._history.agents:
            raise KeyError(f"no agent {agent} in this run, only {', '.join(self._history.agents)}")


def _is_of(event: AnyEvent, kind: type[Event] | str | None) -> bool:
    """Whether an event is of a class, or of a type by its word in the log."""
    if kind is None:
        return True
    if isinstance(kind, str):
        return event.type == kind
    return isinstance(event, kind)


def _tool_call(call: ToolCalled, answer: ToolReturned | None) -> ToolCall:
    """A call with its answer."""
    return ToolCall(
        agent=call.agent,
        name=call.tool,
        start=seconds_of(call.pts),
        pts=call.pts,
        arguments=_parsed(call.arguments),
        result=None if answer is None or answer.error else _parsed(answer.output),
        error="" if answer is None else answer.error,
        latency=None if answer is None else seconds_of(answer.latency),
    )


def _parsed(text: str) -> Any:
    """The JSON value that a text holds, or the text where it is no JSON that can be worked with."""
    try:
        return read_json(text)
    except NotJson:
        return text
