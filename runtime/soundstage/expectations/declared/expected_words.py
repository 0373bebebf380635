"""Expectations and moments in words, for people who did not write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from soundstage.units import seconds_of

if TYPE_CHECKING:
    from soundstage.config.values import Phrase
    from soundstage.expectations.declared.expectation_tables import Expectation, ExpectedMoment
    from soundstage.units import Samples

_LONGEST = 120


def clock(pts: Samples) -> str:
    """A time of the run, to the hundredth of a second."""
    return f"{seconds_of(pts):.2f} s"


def quoted(text: str) -> str:
    """Words in quotation marks, shortened."""
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= _LONGEST else f'"{text[:_LONGEST]}…"'


def said(phrase: Phrase) -> str:
    """A phrase as it is written."""
    return f"the pattern '{phrase.text}'" if phrase.is_pattern else quoted(phrase.text)


def moment_in_words(moment: ExpectedMoment) -> str:
    """A moment as a clause: `support says "order number"`."""
    agent = moment.agent or "an agent"
    nth = f" (time {moment.nth})" if moment.nth > 1 else ""
    delay = f", {moment.delay} later" if moment.delay else ""
    return _clause(moment, agent) + nth + delay


def _clause(moment: ExpectedMoment, agent: str) -> str:
    match moment.form:
        case "said" if moment.said:
            return f"{agent} says {said(moment.said)}"
        case "heard" if moment.heard:
            whose = f" from {moment.agent}" if moment.agent else ""
            return f"{moment.by or 'an agent'} hears {said(moment.heard)}{whose}"
        case "tool":
            return f"{agent} calls {moment.tool}{_arguments(moment)}"
        case "keys":
            whose = f", and {moment.by} hears it" if moment.by else ""
            return f"{agent} presses {moment.keys}{whose}"
        case "cue":
            return f"the cue {moment.cue} is given"
        case "at":
            return f"it is {moment.at} since the begin"
        case "silence":
            return f"{moment.agent or 'every agent'} is silent for {moment.silence}"
        case "event":
            return f"{moment.event}{_arguments(moment)} of {agent}"
        case form:
            return f"{form} of {agent}: {getattr(moment, form)}"


def _arguments(moment: ExpectedMoment) -> str:
    if not moment.args:
        return ""
    given = (
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in moment.args.items()
    )
    return f"({', '.join(given)})"


def expected(expectation: Expectation) -> str:
    """What an expectation wants, as a sentence without its full stop."""
    return _core(expectation) + _scope(expectation)


def _core(expectation: Expectation) -> str:
    moment = expectation.moment
    if moment is not None:
        never = expectation.bounds == (0, 0)
        return ("never: " if never else "") + moment_in_words(moment) + _times(expectation)
    match expectation.form:
        case "order":
            return ", then ".join(moment_in_words(step) for step in expectation.order or ())
        case "metric":
            whose = f"{expectation.metric} of {expectation.agent or 'the run'}"
            limits = (("at most", expectation.at_most), ("at least", expectation.at_least))
            bounds = " and ".join(f"{word} {limit}" for word, limit in limits if limit is not None)
            return f"{whose} {bounds}" + (" over a batch" if expectation.over == "batch" else "")
        case "reacts":
            only = " before any other" if expectation.only else ""
            length = f" for {expectation.for_}" if expectation.for_ is not None else ""
            return f"{expectation.agent} {expectation.reacts}{only}{length}"
        case "state":
            return f"{expectation.state} is {json.dumps(expectation.equals, ensure_ascii=False)}"
        case "judge":
            return f"a judge finds: {expectation.judge}"
        case form:
            return f"{form} of {', '.join(expectation.parts)} passed"


def _times(expectation: Expectation) -> str:
    if expectation.times is None:
        return ""
    least, most = expectation.times.least, expectation.times.most
    return f", {least} times" if least == most else f", {least} to {most} times"


def _scope(expectation: Expectation) -> str:
    parts: list[str] = []
    if expectation.within is not None:
        parts.append(f"within {expectation.within}")
    if expectation.after is not None:
        parts.append(f"after {moment_in_words(expectation.after)}")
    if expectation.before is not None:
        parts.append(f"before {moment_in_words(expectation.before)}")
    if expectation.until is not None:
        turns = expectation.until.turns
        until = f"{turns} turns" if turns else moment_in_words(expectation.until)
        parts.append(f"until {until}")
    for name, conditions in expectation.where.items():
        limits = conditions.model_dump(exclude_none=True).items()
        parts.append(f"where {name} is " + ", ".join(f"{key} {value}" for key, value in limits))
    return "".join(f" {part}" for part in parts)
