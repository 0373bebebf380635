"""What can be measured of a conversation, from its event log alone."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages.events import Audio, Carried, Interrupted, Reconnected
from soundstage.results.history import Interval, intersection, total, union
from soundstage.results.latency import LATENCY_POINTS
from soundstage.results.timing import (
    dead_air,
    is_false_yield,
    talk_over,
    talk_share,
    time_to_silence,
    unanswered,
)
from soundstage.results.turns import turns_of
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.results.history import History, Intervals
    from soundstage.results.turns import Turn
    from soundstage.units import Samples


class Spread(Struct, frozen=True):
    """How a time that was measured several times is spread, in seconds.

    Attributes:
        count: how often it was measured.
        median: half of the times are not longer; not a number where there are none.
        p95: 95 of 100 are not longer, interpolated linearly; not a number where there are none.
    """

    count: int
    median: float
    p95: float


_NOTHING: Final = Spread(0, math.nan, math.nan)


class Frames(Struct, frozen=True):
    """Frames of 20 ms on their way from and to an agent, or all of them.

    Attributes:
        sent: left the agent.
        heard: reached it.
        dropped: discarded at its port or by the mixer: too many, stale, or not 20 ms of sound.
        concealed: made up there, because none had come.
        late: came there after their time.
        limited: of its mix, turned down because too much sounded at once.
    """

    sent: int = 0
    heard: int = 0
    dropped: int = 0
    concealed: int = 0
    late: int = 0
    limited: int = 0


class Metrics(Struct, frozen=True, kw_only=True):
    """One agent's share in a conversation, or the whole of it. Times are in seconds.

    Attributes:
        talk_time: it was audible; pauses that the meter bridges (400 ms) included. Of the run:
            the sum over the agents.
        silence: neither it nor an agent that it hears was audible. Of the run: no agent was.
        overlap: it was audible together with an agent that it hears or that hears it. Of the run:
            any two such agents were.
        turns: turns it took.
        words: words it said that were played.
        words_per_minute: of its talk time; not a number where it did not talk.
        response_gap: the gaps of its turns, without those that began before the other had ended.
        interruptions_made: how often it cut another agent short.
        interruptions_suffered: how often it was cut short.
        time_to_silence: from the first audible sample of what interrupts to the last of the cut.
        frames: what became of its frames.
        false_yields: interruptions that it suffered from a sound of less than a second.
        unanswered: turns of it after which no listener spoke for at least two seconds, before it
            spoke again or the run ended.
        dead_air: silences of at least two seconds, of it and the agents that it hears.
        talk_over: it was audible with an agent that had been audible before it began.
        talk_share: its part of the talk time of all agents, 0 to 1; not a number where none talked.
        spans: what its response gaps were spent on: each piece's name, as in
            `soundstage.results.latency`, to its times over the gaps that have it.
        reconnects: how often it had a session again after it had lost one.
        reconnect_gap: how long it had none, each time.
    """

    talk_time: float
    silence: float
    overlap: float
    turns: int
    words: int
    words_per_minute: float
    response_gap: Spread
    interruptions_made: int
    interruptions_suffered: int
    time_to_silence: Spread
    frames: Frames
    false_yields: int
    unanswered: int
    dead_air: float
    talk_over: float
    talk_share: float
    spans: dict[str, Spread] = {}
    reconnects: int = 0
    reconnect_gap: Spread = _NOTHING


class Answer(Struct, frozen=True, kw_only=True):
    """One response gap, and what it was spent on.

    Attributes:
        turn: the number of the turn that answers.
        agent: the agent that answers.
        gap: the gap before it, in seconds.
        spans: the pieces in their order, in seconds; they add up to the gap.
    """

    turn: int
    agent: str
    gap: float
    spans: dict[str, float]


class Measurements(Struct, frozen=True):
    """The metrics of a run.

    Attributes:
        run: of all agents together.
        agents: of each agent.
        answers: each response gap of the run, by the start of the turn that answers; those that
            began before the other had ended are left out.
    """

    run: Metrics
    agents: dict[str, Metrics]
    answers: tuple[Answer, ...] = ()


def measure(history: History) -> Measurements:
    """Measure a run."""
    return history.derived(_measured)


def _measured(history: History) -> Measurements:
    turns = turns_of(history)
    return Measurements(
        run=_measure(history, turns, history.agents),
        agents={agent: _measure(history, turns, (agent,)) for agent in history.agents},
        answers=tuple(
            Answer(turn=turn.number, agent=turn.agent, gap=round(turn.gap, 6), spans=turn.spans)
            for turn in turns
            if turn.gap is not None and turn.gap >= 0
        ),
    )


def metric_value(metrics: Metrics, name: str) -> float | None:
    """The value of a metric by its name, as `turns`, `response_gap.p95` or `span.recognised.p95`.

    Args:
        metrics: of an agent or of a run.
        name: a key of `metrics.json`; what is below it follows after a dot. `span.NAME` is a piece
            of the response gaps, also `span.recognised+begun`.

    Returns:
        The value; None where the run has nothing that it could be measured on.

    Raises:
        KeyError: there is no metric of this name.
    """
    first, *rest = name.split(".")
    if first == "span":
        piece, *rest = rest or [""]
        if not set(piece.split("+")) <= set(LATENCY_POINTS):
            raise KeyError(name)
        value: object = metrics.spans.get(piece, _NOTHING)
    elif first == "spans" or first not in metrics.__struct_fields__:
        raise KeyError(name)
    else:
        value = getattr(metrics, first)
    for part in rest:
        if not isinstance(value, Struct) or part not in value.__struct_fields__:
            raise KeyError(name)
        value = getattr(value, part)
    if not isinstance(value, int | float):
        raise KeyError(name)
    return None if math.isnan(value) else value


def metric_samples(history: History, agent: str | None, name: str) -> tuple[float, ...]:
    """The single measurements behind a metric, to be pooled with those of other runs.

    Args:
        history: of the run.
        agent: whose metric it is; None for that of the run.
        name: as `metric_value` has it.

    Returns:
        Every time that was measured, in seconds, in the order of the run. Of a metric that is no
        spread: its one value, or none.

    Raises:
        KeyError: there is no metric of this name.
    """
    agents = history.agents if agent is None else (agent,)
    first, _, rest = name.partition(".")
    taken = [turn for turn in turns_of(history) if turn.agent in agents]
    match first:
        case "response_gap":
            samples = response_gaps(taken)
        case "span":
            piece = rest.rpartition(".")[0] or rest
            samples = [turn.spans[piece] for turn in taken if piece in turn.spans]
        case "time_to_silence":
            samples = _times_to_silence(history, agents)
        case "reconnect_gap":
            samples = _reconnect_gaps(history, agents)
        case _:
            value = metric_value(_measure(history, turns_of(history), agents), name)
            samples = [] if value is None else [value]
    return tuple(round(sample, 6) for sample in samples)


def _measure(history: History, turns: Sequence[Turn], agents: Sequence[str]) -> Metrics:
    """The metrics of some of the agents: one, or all."""
    taken = [turn for turn in turns if turn.agent in agents]
    talk = sum(total(history.audible(agent, "said")) for agent in agents)
    words = sum(len(turn.text.split()) for turn in taken)
    cuts = [event for event in history.of(Interrupted) if event.agent in agents]
    reconnects = _reconnect_gaps(history, agents)
    share = talk_share(history, agents)
    overlaps = (_overlap(history, agent) for agent in agents)
    return Metrics(
        talk_time=_seconds(talk),
        silence=_seconds(history.end - total(_surroundings(history, agents))),
        overlap=_seconds(total(union(*overlaps))),
        turns=len(taken),
        words=words,
        words_per_minute=round(words * 60 * SAMPLE_RATE / talk, 1) if talk else math.nan,
        response_gap=spread(response_gaps(taken)),
        interruptions_made=sum(event.by in agents for event in history.of(Interrupted)),
        interruptions_suffered=len(cuts),
        time_to_silence=spread(_times_to_silence(history, agents)),
        frames=_frames(history, agents),
        false_yields=sum(is_false_yield(history, cut) for cut in cuts),
        unanswered=sum(unanswered(history, agent) for agent in agents),
        dead_air=_seconds(dead_air(history, agents)),
        talk_over=_seconds(sum(total(talk_over(history, agent)) for agent in agents)),
        talk_share=math.nan if share is None else round(share, 6),
        spans=_spans(taken),
        reconnects=len(reconnects),
        reconnect_gap=spread(reconnects),
    )


def response_gaps(turns: Iterable[Turn]) -> list[float]:
    """The gaps of some turns, without those that began before the other had ended."""
    return [turn.gap for turn in turns if turn.gap is not None and turn.gap >= 0]


def _times_to_silence(history: History, agents: Sequence[str]) -> list[float]:
    cuts = (event for event in history.of(Interrupted) if event.agent in agents)
    return [time_to_silence(history, cut) / SAMPLE_RATE for cut in cuts]


def _reconnect_gaps(history: History, agents: Sequence[str]) -> list[float]:
    known = (event for event in history.of(Reconnected) if event.agent in agents)
    return [event.gap / SAMPLE_RATE for event in known]


def _spans(turns: Iterable[Turn]) -> dict[str, Spread]:
    """The times of each piece of the gaps before some turns, by the order of the points."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for name, seconds in turn.spans.items():
            times[name].append(seconds)
    places = {name: [LATENCY_POINTS.index(point) for point in name.split("+")] for name in times}
    return {name: spread(times[name]) for name in sorted(times, key=places.__getitem__)}


def _surroundings(history: History, agents: Sequence[str]) -> Intervals:
    """When any of the agents, or of those that they hear, was audible within the run."""
    near = {*agents, *(speaker for agent in agents for speaker in history.heard_by(agent))}
    voices = union(*(history.audible(agent, "said") for agent in near))
    return intersection(voices, [Interval(0, history.end)])


def _overlap(history: History, agent: str) -> Intervals:
    """When an agent was audible together with one that it hears or that hears it."""
    partners = {*history.heard_by(agent), *history.listeners(agent)} - {agent}
    others = union(*(history.audible(partner, "said") for partner in partners))
    return intersection(history.audible(agent, "said"), others)


def _frames(history: History, agents: Sequence[str]) -> Frames:
    """The sums of what some agents' ports and the mixer counted."""
    ports = [event for event in history.of(Audio) if event.agent in agents]
    carried = [event for event in history.of(Carried) if event.agent in agents]
    return Frames(
        sent=sum(port.sent for port in ports),
        heard=sum(port.heard for port in ports),
        dropped=sum(port.dropped for port in ports)
        + sum(mixed.dropped + mixed.wrong for mixed in carried),
        concealed=sum(port.concealed for port in ports) + sum(mixed.missing for mixed in carried),
        late=sum(port.late for port in ports) + sum(mixed.late for mixed in carried),
        limited=sum(mixed.limited for mixed in carried),
    )


def spread(times: Iterable[float]) -> Spread:
    """The spread of some times in seconds."""
    ordered = sorted(times)
    return Spread(len(ordered), _quantile(ordered, 0.5), _quantile(ordered, 0.95))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, interpolated linearly."""
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (place - low), 6)


def _seconds(samples: Samples) -> float:
    """Seconds as they are reported, to the microsecond."""
    return round(samples / SAMPLE_RATE, 6)
