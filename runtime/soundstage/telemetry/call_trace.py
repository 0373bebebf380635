"""From a run to the spans of a trace, by the semantic conventions for generative AI.

The names that begin with `gen_ai.` are those of the conventions in development
(https://github.com/open-telemetry/semantic-conventions-genai); what they have no name for begins
with `soundstage.`. Times are samples of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages import events
from soundstage.results import display_name, turns_of
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.messages import Verdict
    from soundstage.results import History, Result, Turn
    from soundstage.units import Samples

Value = str | int | float | bool

EVALUATION: Final = "gen_ai.evaluation.result"

_SCORES: Final = {"passed": 1.0, "failed": 0.0}


class SpanEvent(Struct, frozen=True):
    """Something that happened at one moment of a span.

    Attributes:
        name: what it is.
        pts: when, in samples of the run.
        attributes: further facts.
    """

    name: str
    pts: Samples
    attributes: dict[str, Value]


class Span(Struct, frozen=True, kw_only=True):
    """A part of a run, with the parts that it has in turn.

    Attributes:
        name: what it is.
        start: in samples of the run.
        end: one past its last sample.
        attributes: further facts.
        events: what happened in it.
        parts: the spans in it, in the order of their beginning.
        error: why it went wrong; empty where it did not.
    """

    name: str
    start: Samples
    end: Samples
    attributes: dict[str, Value]
    events: tuple[SpanEvent, ...] = ()
    parts: tuple[Span, ...] = ()
    error: str = ""


class Words(Struct, frozen=True):
    """Whether what was said, called and found is told, or only that it was.

    Attributes:
        are_told: whether it is.
    """

    are_told: bool

    def told(self, name: str, text: str) -> dict[str, Value]:
        """An attribute with these words, or none."""
        return {name: text} if self.are_told else {}


def call_trace(
    history: History,
    result: Result,
    verdicts: Sequence[Verdict],
    *,
    name: str,
    words: bool = False,
) -> Span:
    """The trace of a run: the call, in it a span for each agent, and in those its turns.

    A turn that answers another one has the gap before it, whose parts are those of `Turn.spans` and
    add up to it. What became of an expectation is an event of the turn that it names, else of the
    whole call.

    Args:
        history: the run.
        result: how it came out.
        verdicts: what became of what was expected.
        name: of this run alone: the id of the conversation, from which those of the spans follow.
        words: whether what was said, the arguments and results of tools, and the sentences of
            verdicts are in it.
    """
    told = Words(words)
    turns = turns_of(history)
    numbers = {turn.number for turn in turns}
    agents = tuple(_agent(agent, history, turns, verdicts, told) for agent in history.agents)
    return Span(
        name=f"call {result.scenario}".strip(),
        start=0,
        end=max([history.end, *(part.end for part in agents)]),
        attributes={
            "gen_ai.conversation.id": name,
            "soundstage.scenario": result.scenario,
            "soundstage.seed": result.seed,
            "soundstage.clock": result.clock,
            "soundstage.outcome": result.outcome,
            "soundstage.reason": result.reason,
            "soundstage.exit_code": result.exit_code,
        },
        events=tuple(
            _evaluation(each, history.end, told) for each in verdicts if each.turn not in numbers
        ),
        parts=agents,
        error="" if result.exit_code == 0 else f"{result.outcome}: {result.reason}",
    )


def _agent(
    agent: str,
    history: History,
    turns: Sequence[Turn],
    verdicts: Sequence[Verdict],
    told: Words,
) -> Span:
    own = [turn for turn in turns if turn.agent == agent]
    parts = [part for turn in own for part in _turn(turn, verdicts, told)]
    parts += _calls(agent, history, told)
    ordered = tuple(sorted(parts, key=lambda part: part.start))
    came = [each.pts for each in history.of(events.Joined) if each.agent == agent]
    left = [each.pts for each in history.of(events.Left) if each.agent == agent]
    start = min([*came, *(part.start for part in ordered)], default=0)
    faults = [each for each in history.of(events.Fault) if each.agent == agent]
    return Span(
        name=f"invoke_agent {agent}",
        start=start,
        end=max([start, *(left or [history.end]), *(part.end for part in ordered)]),
        attributes={
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": agent,
        },
        events=tuple(
            SpanEvent("exception", each.pts, told.told("exception.message", each.error))
            for each in faults
        ),
        parts=ordered,
        error="the agent failed" if faults else "",
    )


def _turn(turn: Turn, verdicts: Sequence[Verdict], told: Words) -> list[Span]:
    """A turn, and before it the gap that it ended."""
    start, end = samples_of_seconds(turn.start), samples_of_seconds(turn.end)
    attributes: dict[str, Value] = {
        "gen_ai.agent.name": turn.agent,
        "soundstage.turn": turn.number,
        **told.told("soundstage.said", turn.text),
    }
    if turn.interrupted_by:
        attributes["soundstage.interrupted_by"] = turn.interrupted_by
    if turn.gap is not None:
        attributes["soundstage.response_gap"] = turn.gap
    spoken = Span(
        name=f"turn {turn.number} {display_name(turn.agent)}",
        start=start,
        end=max(start, end),
        attributes=attributes,
        events=tuple(
            _evaluation(each, start, told) for each in verdicts if each.turn == turn.number
        ),
    )
    return [*_gap(turn), spoken]


def _gap(turn: Turn) -> list[Span]:
    """The gap before a turn with the parts that it was spent on; none where it has none."""
    if turn.gap is None or turn.gap_end is None or not turn.spans:
        return []
    until = samples_of_seconds(turn.gap_end)
    start = since = until - samples_of_seconds(turn.gap)
    parts: list[Span] = []
    for name, seconds in turn.spans.items():
        length = samples_of_seconds(seconds)
        parts.append(
            Span(
                name=name,
                start=since,
                end=since + length,
                attributes={"soundstage.turn": turn.number},
            )
        )
        since += length
    whole = Span(
        name=f"gap before turn {turn.number}",
        start=start,
        end=until,
        attributes={
            "gen_ai.agent.name": turn.agent,
            "soundstage.turn": turn.number,
            "soundstage.response_gap": turn.gap,
        },
        parts=tuple(parts),
    )
    return [whole]


def _calls(agent: str, history: History, told: Words) -> list[Span]:
    answers = {each.call: each for each in history.of(events.ToolReturned) if each.agent == agent}
    spans: list[Span] = []
    for call in history.of(events.ToolCalled):
        if call.agent != agent:
            continue
        answer = answers.get(call.call)
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.tool,
            "gen_ai.tool.call.id": call.call,
            "gen_ai.agent.name": agent,
            **told.told("gen_ai.tool.call.arguments", call.arguments),
        }
        if answer is not None:
            attributes |= told.told("gen_ai.tool.call.result", answer.output)
        spans.append(
            Span(
                name=f"execute_tool {call.tool}",
                start=call.pts,
                end=call.pts if answer is None else max(call.pts, answer.pts),
                attributes=attributes,
                error=_error_of(answer, told),
            )
        )
    return spans


def _error_of(answer: events.ToolReturned | None, told: Words) -> str:
    if answer is None:
        return "no answer came"
    if not answer.error:
        return ""
    return answer.error if told.are_told else "the tool failed"


def _evaluation(verdict: Verdict, pts: Samples, told: Words) -> SpanEvent:
    attributes: dict[str, Value] = {
        "gen_ai.evaluation.name": verdict.id,
        "gen_ai.evaluation.score.label": verdict.status,
        "soundstage.evaluation.need": verdict.need,
        **told.told("gen_ai.evaluation.explanation", verdict.sentence),
    }
    score = _SCORES.get(verdict.status)
    if score is not None:
        attributes["gen_ai.evaluation.score.value"] = score
    if verdict.kind:
        attributes["soundstage.evaluation.kind"] = verdict.kind
    if verdict.owner:
        attributes["soundstage.evaluation.owner"] = verdict.owner
    return SpanEvent(EVALUATION, pts if verdict.pts is None else verdict.pts, attributes)
