"""The one matcher of moments."""

from __future__ import annotations

from soundstage.config.values import Moment
from soundstage.messages import events
from soundstage.run.endings import MomentMatcher


def moments(*written: dict[str, object]) -> MomentMatcher:
    return MomentMatcher([Moment.model_validate(each) for each in written])


def heard(text: str, speaker: str = "bob") -> events.HeardText:
    return events.HeardText(pts=5, agent="alice", speaker=speaker, text=text, start=0, end=1)


def returned(call: str, output: str, tool: str = "refund") -> events.ToolReturned:
    return events.ToolReturned(pts=1, agent="a", call=call, tool=tool, output=output, latency=1)


def test_a_phrase_binds_its_slots() -> None:
    [found] = moments({"said": "order {order}"}).observe(heard("It is order X 12, please."))
    assert (found.place, found.times, found.slots) == (0, 1, {"order": "X 12"})


def test_a_result_gives_its_fields_and_anything_else_gives_none() -> None:
    watch = moments({"tool": "refund"})
    [found] = watch.observe(returned("c", '{"id": "R 7"}'))
    assert found.slots == {"id": "R 7"}
    [found] = watch.observe(returned("c", "[1]"))
    assert found.slots == {}
    [found] = watch.observe(returned("c", "not JSON"))
    assert found.slots == {}


def test_what_an_agent_emits_is_a_moment_with_its_data() -> None:
    watch = moments({"event": "counted", "agent": "bob"})
    counted = events.Noted(pts=0, agent="bob", name="counted", data={"words": 3})
    [found] = watch.observe(counted)
    assert found.slots == {"words": 3}
    assert watch.observe(events.Noted(pts=0, agent="eve", name="counted", data={})) == []
    assert watch.observe(events.Noted(pts=0, agent="bob", name="other", data={})) == []


def test_what_an_agent_emits_is_never_taken_for_an_event_of_the_run() -> None:
    watch = moments({"event": "joined"}, {"event": "noted"})
    assert watch.observe(events.Noted(pts=0, agent="bob", name="joined", data={})) == []
    assert watch.observe(events.Noted(pts=0, agent="bob", name="other", data={})) == []


def test_only_the_agent_that_is_named_counts() -> None:
    watch = moments({"said": "hello", "agent": "bob"}, {"event": "joined", "agent": "bob"})
    assert watch.observe(heard("Hello.", "eve")) == []
    assert watch.observe(events.Joined(pts=0, agent="eve")) == []
    assert [each.place for each in watch.observe(events.Joined(pts=0, agent="bob"))] == [1]


def test_it_is_counted_from_the_nth_time_on() -> None:
    watch = moments({"event": "interrupted", "nth": 2})
    cut = events.Interrupted(pts=0, agent="bob", by="alice", response="r")
    times = [[each.times for each in watch.observe(cut)] for _ in range(3)]
    assert times == [[], [1], [2]]


def test_an_event_of_another_name_is_no_moment() -> None:
    watch = moments({"event": "speech_started"}, {"at": "3s"})
    assert watch.observe(events.VoiceStarted(pts=0, agent="bob", track="said")) == []
