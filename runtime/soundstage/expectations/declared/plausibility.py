"""What can be seen of expectations before a run: that none can fail one, or judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.expectations.declared.expected_words import said
from soundstage.expectations.declared.measures import amount, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soundstage.expectations.declared.demands import Cast, Expected
    from soundstage.expectations.declared.expectation_tables import Expectation, ExpectedMoment
    from soundstage.units import Samples


class Stage(Struct, frozen=True, kw_only=True):
    """What is known of a scenario's runs before they run.

    Attributes:
        cast: its agents.
        hears: listener to the speakers that it hears.
        recognizers: the agents that have what they hear written down.
        tools: agent to the tools that it may call; None where some are only known in a run.
        longest: `end.max`.
    """

    cast: Cast
    hears: Mapping[str, tuple[str, ...]]
    recognizers: frozenset[str]
    tools: Mapping[str, frozenset[str] | None]
    longest: Samples


def doubts(expected: Expected, stage: Stage) -> Iterator[tuple[str, str]]:
    """The key and the reason of each doubt whether an expectation says anything, each once."""
    found = [doubt for each in expected.instances for doubt in _of_instance(each, stage)]
    yield from dict.fromkeys(found)


def _of_instance(one: Expectation, stage: Stage) -> Iterator[tuple[str, str]]:
    moment = one.moment
    least, _ = one.bounds
    if moment is not None:
        reason = _never_comes(moment, stage)
        if reason is not None and least == 0:
            yield one.form, f"cannot fail: {reason}"
        elif reason is not None and moment.form == "heard":
            yield one.form, f"cannot be judged: {reason}"
        elif reason is not None:
            yield one.form, f"fails in every run: {reason}"
    for key, other in (("after", one.after), ("before", one.before), ("until", one.until)):
        reason = None if other is None else _never_comes(other, stage)
        if reason is not None:
            what = "never ends" if key == "until" else "is skipped in every run"
            yield key, f"{what}: {reason}"
    for place, step in enumerate(one.order or ()):
        reason = _never_comes(step, stage)
        if reason is not None:
            yield "order", f"step {place + 1} never comes, so it fails in every run: {reason}"
    yield from _of_metric(one)
    if one.form == "reacts" and one.agent and one.agent not in stage.cast.speakers:
        yield "reacts", f"{one.agent} cannot speak, so it does not react"
    if one.within is not None and one.within >= stage.longest:
        yield "within", "is as long as the longest run (end.max), so it limits nothing"


def _never_comes(moment: ExpectedMoment, stage: Stage) -> str | None:
    """Why a moment comes in no run; None where it may come."""
    agents = stage.hears.keys() if moment.agent is None else {moment.agent}
    match moment.form:
        case "said" if not any(agent in stage.cast.speakers for agent in agents):
            return f"{moment.agent or 'no agent'} cannot speak"
        case "heard":
            return _never_heard(moment, stage)
        case "keys" if not any(
            speaker in agents and moment.by in {None, listener}
            for listener, speakers in stage.hears.items()
            for speaker in speakers
        ):
            return f"{moment.by or 'no agent'} does not hear {moment.agent or 'another one'}"
        case "tool":
            known = [stage.tools.get(agent) for agent in agents]
            if any(tools is None or moment.tool in tools for tools in known):
                return None
            return f"{moment.agent or 'no agent'} has no tool {moment.tool}"
        case "at" if moment.at is not None and moment.at > stage.longest:
            return "the run is over by then (end.max)"
        case "silence" if moment.silence is not None and moment.silence > stage.longest:
            return "no run is so long (end.max)"
        case _:
            return None


def _never_heard(moment: ExpectedMoment, stage: Stage) -> str | None:
    listeners = stage.hears.keys() if moment.by is None else {moment.by}
    able = [name for name in listeners if name in stage.recognizers]
    if not able:
        return f"{moment.by or 'no agent'} recognises no words"
    if moment.agent is not None:
        able = [name for name in able if moment.agent in stage.hears.get(name, ())]
    if not able and moment.heard is not None:
        return f"no agent that recognises words hears {moment.agent} say {said(moment.heard)}"
    return None


def _of_metric(one: Expectation) -> Iterator[tuple[str, str]]:
    if one.metric is None:
        return
    highest = {"share": 1.0}.get(unit_of(one.metric))
    if one.at_least is not None and amount(one.at_least)[1] <= 0 and one.at_most is None:
        yield "at_least", "cannot fail: no metric is less than nothing"
    if (
        one.at_most is not None
        and one.at_least is None
        and highest is not None
        and amount(one.at_most)[1] >= highest
    ):
        yield "at_most", "cannot fail: no share is more than the whole"
    if one.at_most is not None and one.at_least is not None:
        low, high = amount(one.at_least)[1], amount(one.at_most)[1]
        if low > high:
            yield "at_most", "fails in every run: it is less than at_least"
