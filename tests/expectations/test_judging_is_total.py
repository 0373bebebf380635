"""Whatever a log holds and a scenario expects: each has one verdict, the same each time."""

from __future__ import annotations

import msgspec
import pytest
from dummy_log import demands
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from soundstage.expectations import Cast, Demands, Expectation, judge
from soundstage.expectations.declared.expectation_tables import (
    FORMS,
    KEYS_OF_ALL,
    KEYS_OF_FORM,
)
from soundstage.messages import events
from soundstage.messages.verdict import KINDS
from soundstage.results import History
from soundstage.results.event_log import KnownEvent, UnknownEvent

AGENTS = ("support", "caller", "guard", "")
WORDS = (
    "order",
    "number",
    "12",
    "$24.50",
    "twelve",
    "welcome",
    "Support",
    "goodbye.",
    "ä",
    "{",
    "",
)
TIMES = st.integers(-24_000, 3_000_000)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
JSON_TEXTS = st.sampled_from(['{"order": 12}', '{"order": "twelve"}', "[]", "nonsense", "", "null"])
NAMES = st.sampled_from(["refund", "look", "x"])


def text_of(name: str) -> st.SearchStrategy:
    known = {
        "agent": st.sampled_from(AGENTS),
        "speaker": st.sampled_from(AGENTS),
        "by": st.sampled_from(AGENTS),
        "track": st.sampled_from(["said", "heard"]),
        "tool": NAMES,
        "arguments": JSON_TEXTS,
        "output": JSON_TEXTS,
        "call": st.sampled_from(["c1", "c2"]),
        "response": st.sampled_from(["r1", "r2"]),
        "act": st.sampled_from(["say", "mute"]),
        "id": st.sampled_from(["cue-1", "cue-2"]),
        "status": st.sampled_from(["completed", "failed", "cancelled"]),
        "reason": st.sampled_from(["silence", "max", "turns", "expect:a", ""]),
        "outcome": st.sampled_from(["ended", "failed", "invalid", "interrupted", "odd"]),
    }
    return known.get(name, TEXTS)


def field(name: str, kind: object) -> st.SearchStrategy:
    """A value of a field: by its type as it is annotated, as a log may hold it."""
    told = str(kind)
    if "dict" in told:
        return st.dictionaries(NAMES, st.one_of(TEXTS, st.integers(), st.none()), max_size=2)
    if kind is int:
        return TIMES
    if "float" in told:
        return st.floats(-5, 0)
    if "bool" in told:
        return st.booleans()
    if "tuple[str" in told:
        return st.lists(st.sampled_from(AGENTS), max_size=3).map(tuple)
    return text_of(name)


def event_of(kind: type) -> st.SearchStrategy:
    types = {f.name: f.type for f in msgspec.structs.fields(kind)}
    wanted = {name: field(name, type_) for name, type_ in types.items() if name != "cause"}
    if kind is events.RunStarted:
        everyone = {a: tuple(b for b in AGENTS[:3] if b != a) for a in AGENTS[:3]}
        wanted["hears"] = st.sampled_from([everyone, {}, {"support": ("caller",)}])
    return st.builds(kind, **wanted)


KNOWN = [kind for kind in KnownEvent.__args__ if kind is not UnknownEvent]
EVENTS = st.lists(st.one_of(*map(event_of, KNOWN)), max_size=30)

PHRASES = st.one_of(
    st.sampled_from(["order", "order {o:number}", "{p:money}", "welcome {name}", "goodbye"]),
    st.sampled_from([{"pattern": r"order (?P<o>\d+)"}, {"pattern": "a*"}]),
)
DURATIONS = st.sampled_from(["1ms", "300ms", "2s", "10s", "2m"])
ARGUMENTS = st.sampled_from([{}, {"order": 12}, {"order": "{o}"}, {"order": {"a": [1]}}])
AGENT = st.sampled_from(AGENTS[:3])


def table(**fields: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries({}, optional=fields)


MOMENTS = st.one_of(
    table(agent=AGENT, nth=st.integers(1, 3), delay=DURATIONS).flatmap(
        lambda more: st.one_of(
            PHRASES.map(lambda said: {**more, "said": said}),
            NAMES.map(lambda tool: {**more, "tool": tool, "args": {"order": "{o}"}}),
            st.sampled_from(["400ms", "5s"]).map(lambda silence: {**more, "silence": silence}),
            st.sampled_from(["joined", "left", "fault", "own"]).map(
                lambda event: {**more, "event": event}
            ),
        )
    ),
    PHRASES.map(lambda heard: {"heard": heard, "by": "support"}),
    st.just({"at": "3s"}),
    st.just({"cue": "cue-1"}),
)
TABLES = table(
    agent=AGENT,
    happens=MOMENTS,
    never=MOMENTS,
    said=PHRASES,
    never_said=PHRASES,
    heard=PHRASES,
    by=AGENT,
    tool=NAMES,
    no_tool=NAMES,
    args=ARGUMENTS,
    order=st.lists(MOMENTS, min_size=2, max_size=4),
    metric=st.sampled_from(["turns", "talk_share", "response_gap.p95", "span.begun.p95"]),
    at_most=st.sampled_from(["1s", "60%", 3]),
    at_least=st.sampled_from(["1s", "60%", 3]),
    reacts=st.sampled_from(["responds", "stops", "continues"]),
    only=st.booleans(),
    state=st.just("./shop.py:orders"),
    equals=st.sampled_from([{}, 1, None]),
    all=st.just(["e0", "e1", "nowhere"]),
    any=st.just(["e1"]),
    none=st.just(["e0"]),
    after=MOMENTS,
    before=MOMENTS,
    within=DURATIONS,
    until=st.one_of(st.just({"turns": 1}), MOMENTS),
    times=st.sampled_from([0, 1, [1, 3]]),
    where=st.sampled_from([{"o": {"above": 5}}, {"p": {"one_of": ["$24.50", 3]}}]),
    when=st.sampled_from(["e0", "e2"]),
    need=st.sampled_from(["required", "advisory"]),
)
CAST = Cast(
    under_test=frozenset({"support", "guard"}),
    speakers=frozenset(AGENTS[:3]),
    answerers=frozenset({"support", "guard"}),
    openers=frozenset({"support"}),
    floored=frozenset({"guard"}),
)


def narrowed(one: dict) -> dict:
    """A table with one of its forms, and of its other keys those that go with it."""
    form = next((form for form in FORMS if form in one), None)
    if form is None:
        return {"said": "order"}
    allowed = KEYS_OF_FORM[form] | KEYS_OF_ALL | {form}
    return {key: value for key, value in one.items() if key in allowed}


def right_ones(tables: list[dict]) -> list[dict]:
    found = []
    for one in tables:
        try:
            Expectation.model_validate({"id": "e", **narrowed(one)})
        except ValidationError:
            continue
        found.append(narrowed(one))
    return found


def check(log: list, tables: list[dict]) -> None:
    history = History(log)
    wanted = demands(*right_ones(tables), cast=CAST, answers=True)
    for running in (False, True):
        verdicts = judge(wanted, history, running=running)
        assert verdicts == judge(wanted, history, running=running)
        assert all(each.kind in KINDS for each in verdicts)
        assert all((each.status == "passed") == (each.kind == "") for each in verdicts)
        assert all(each.expected and each.sentence for each in verdicts)
        msgspec.json.encode(verdicts)
    assert len(judge(wanted, history)) == len(wanted.expected) + 1
    assert Demands.read(msgspec.json.decode(msgspec.json.encode(wanted.written()))) == wanted


CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=150, deadline=None, suppress_health_check=CALM)
@given(log=EVENTS, tables=st.lists(TABLES, max_size=4))
def test_any_log_is_judged_by_any_expectations(log, tables):
    check(log, tables)


@pytest.mark.prove
@settings(max_examples=5000, deadline=None, suppress_health_check=CALM)
@given(log=EVENTS, tables=st.lists(TABLES, min_size=1, max_size=4))
def test_five_thousand_logs_are_judged(log, tables):
    check(log, tables)


@pytest.mark.prove
@settings(max_examples=5000, deadline=None, suppress_health_check=CALM)
@given(
    one=st.dictionaries(
        st.sampled_from(sorted(Expectation.model_fields)),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
            ),
        ),
        max_size=6,
    )
)
def test_five_thousand_tables_are_right_or_told(one):
    whole = {"id": "e", "said": "a", **one}
    faults = []
    try:
        right = Expectation.model_validate(whole)
    except ValidationError as error:
        faults = error.errors()
    else:
        assert right.form
    assert all(fault["msg"] for fault in faults)
