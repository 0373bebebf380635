from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage.audio.audibility_meters import RELEASE
from soundstage.config.values import Duration, Moment, Phrase, ValidationContext, arguments_match


def test_a_moment_has_one_form():
    moment = Moment.model_validate({"agent": "bob", "said": "goodbye", "nth": 2, "delay": "1s"})
    assert moment.form == "said"
    assert moment.said == Phrase("goodbye")
    assert (moment.nth, moment.delay) == (2, Duration("1s"))
    assert Moment.model_validate({"at": "3s"}).form == "at"
    assert Moment.model_validate({"agent": "bob", "silence": "3s"}).form == "silence"


def test_the_shortest_silence_is_the_shortest_that_the_event_log_knows():
    Moment.model_validate({"silence": "400ms"})
    assert Duration("400ms") == RELEASE


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, "exactly one .* this has none"),
        ({"agent": "bob"}, "this has none"),
        ({"said": "a", "tool": "b"}, "this has said and tool"),
        (
            {"event": "left", "args": {}},
            "args goes with tool, and with an event that an agent emits",
        ),
        ({"at": "1s", "agent": "bob"}, "do not go with it"),
        ({"at": "1s", "nth": 2}, "do not go with it"),
        ({"silence": "1s", "event": "left"}, "this has event and silence"),
        ({"silence": "399ms"}, "must be at least 400ms: a shorter pause is no silence"),
        ({"event": "joind"}, 'no event "joind"; did you mean "joined"'),
        ({"event": "left", "nth": 0}, "greater than or equal to 1"),
        ({"event": "left", "nth": True}, "integer"),
        ({"event": "left", "often": 3}, "Extra inputs"),
    ],
)
def test_a_wrong_moment_is_refused(table, why):
    with pytest.raises(ValidationError, match=why):
        Moment.model_validate(table)


def test_names_are_looked_up_where_they_are_known():
    context = ValidationContext(names={"agents": ["alice", "bob"], "called": []})
    Moment.model_validate({"agent": "bob", "event": "left"}, context=context)
    with pytest.raises(ValidationError, match='there is no agent "bop"; did you mean "bob"'):
        Moment.model_validate({"agent": "bop", "event": "left"}, context=context)
    with pytest.raises(ValidationError, match="the file declares no tool"):
        Moment.model_validate({"tool": "refund"}, context=context)


def test_a_moment_takes_calls_with_its_arguments():
    moment = Moment.model_validate({"tool": "refund", "args": {"order": "X 1234"}})
    assert moment.takes({"order": "x 1234.", "fast": True})
    assert not moment.takes({"order": "X 1235"})
    assert not moment.takes({})
    assert Moment.model_validate({"tool": "refund"}).takes({"order": 5})


@pytest.mark.parametrize(
    ("wanted", "given", "equal"),
    [
        ({}, {"a": 1}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": False}, {"a": 0}, False),
        ({"a": True}, {"a": True}, True),
        ({"a": {"b": "Two"}}, {"a": {"b": "2", "c": 3}}, True),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": None}, {}, False),
    ],
)
def test_arguments_match_when_all_that_are_wanted_are_given(wanted, given, equal):
    assert arguments_match(wanted, given) is equal
