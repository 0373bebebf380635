from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from dummy_run import call, started

from soundstage.errors import RunFolderError, UsageError
from soundstage.messages.events import EVENT_SCHEMA_VERSION, Event, Fault, HeardText, Joined
from soundstage.results import (
    Archive,
    EventLog,
    Facts,
    Run,
    RunFolder,
    ToolCall,
    UnknownEvent,
    write_result,
)
from soundstage.units import FRAME_SAMPLES


def of_events(tmp_path, *events) -> Run:
    folder = RunFolder.at(tmp_path / "made")
    log = EventLog.open(folder.events)
    for event in events:
        log.write(event)
    log.close()
    return Run.load(folder.path)


def test_a_run_is_loaded_from_its_folder(recorded):
    write_result(recorded, Facts(wall=0.5, providers={"bob": "azure"}))
    run = Run.load(str(recorded.path))
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    assert (run.scenario, run.seed, run.clock) == ("alice_bob", 7, "virtual")
    assert (run.duration, run.speed) == (12.0, 24.0)
    assert run.providers == {"bob": "azure"}
    assert set(run.versions) == {"soundstage", "python"}
    assert run.folder == recorded.path.resolve()


def test_a_run_needs_nothing_but_its_log(recorded):
    run = Run.load(recorded.path)
    assert (run.outcome, run.seed, run.duration, run.speed) == ("ended", 7, 12.0, 0)
    assert [turn.agent for turn in run.turns] == ["alice", "bob", "alice", "bob"]
    assert run.transcript.startswith("# alice")
    assert run.metrics["bob"].turns == 2
    assert run.totals.turns == 4


def test_what_an_agent_said_is_what_was_played_of_it(recorded):
    run = Run.load(recorded.path)
    assert run.said_by("bob") == "Long. I spent It rains."


def test_what_reached_an_agent_is_what_it_recognised(recorded):
    run = Run.load(recorded.path)
    assert run.heard_by("bob") == "hi bob, how was your week"


def test_words_that_no_agent_recognises_are_an_error_and_not_silence(tmp_path):
    run = of_events(tmp_path, started(recognizers=("bob",)))
    assert run.heard_by("bob") == ""
    with pytest.raises(UsageError, match="alice has nothing of what it hears recognised"):
        run.heard_by("alice")


@pytest.mark.parametrize("member", ["said_by", "heard_by", "audio"])
def test_an_agent_that_was_not_there_is_an_error_and_not_silence(recorded, member):
    with pytest.raises(KeyError, match="no agent bbo in this run, only alice, bob"):
        getattr(Run.load(recorded.path), member)("bbo")


def test_a_tool_call_has_its_answer(recorded):
    run = Run.load(recorded.path)
    assert run.tool_calls("get_weather") == run.tool_calls()
    assert run.tool_calls() == (
        ToolCall(
            agent="bob",
            name="get_weather",
            start=8.5,
            pts=204_000,
            arguments={"city": "Cork"},
            result={"sky": "rain"},
            error="",
            latency=0.4,
        ),
    )
    assert run.tool_calls("refund") == ()


def test_tool_calls_that_failed_are_not_json_or_never_came_back_are_told_apart(tmp_path):
    by_type = {type(event).__name__: event for event in call()}
    asked, answered = by_type["ToolCalled"], by_type["ToolReturned"]
    change = type(asked)
    run = of_events(
        tmp_path,
        started(),
        asked,
        type(answered)(**{**fields(answered), "output": "", "error": "no such city"}),
        change(**{**fields(asked), "call": "call_2", "arguments": '{"ci'}),
        change(**{**fields(asked), "call": "call_3"}),
        type(answered)(**{**fields(answered), "call": "call_3", "output": "It rains"}),
    )
    failed, cut, said = run.tool_calls()
    assert (failed.result, failed.error, failed.latency) == (None, "no such city", 0.4)
    assert (cut.arguments, cut.result, cut.error, cut.latency) == ('{"ci', None, "", None)
    assert said.result == "It rains"


def fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_events_are_found_by_class_by_word_and_by_agent(recorded):
    run = Run.load(recorded.path)
    assert run.events() == tuple(call())
    assert run.events()[0].type == "run_started"
    assert len(run.events("joined")) == 2
    assert [event.agent for event in run.events(Joined)] == ["alice", "bob"]
    assert run.events("joined", agent="bob") == run.events(Joined, "bob")
    assert [event.text for event in run.events(HeardText, "alice")] == ["Long I spend"]
    assert {event.agent for event in run.events(agent="bob")} == {"bob"}


def test_events_of_a_later_version_are_found_by_their_word(tmp_path):
    sneeze = UnknownEvent(pts=1, type="sneezed", fields={"type": "sneezed", "pts": 1, "loud": 3})
    run = of_events(tmp_path, started(), sneeze)
    [found] = run.events("sneezed")
    assert isinstance(found, UnknownEvent)
    assert found.fields["loud"] == 3


def test_faults_are_at_hand_with_their_traceback(recorded):
    [fault] = Run.load(recorded.path).faults
    assert isinstance(fault, Fault)
    assert (fault.agent, fault.error, fault.traceback) == ("alice", "ValueError: no", "…")


def test_recordings_are_arrays_on_the_time_line_of_the_run(recorded):
    run = Run.load(recorded.path)
    said, heard = run.audio("alice"), run.audio("bob", "heard")
    assert said.dtype == "int16"
    assert len(said) == len(heard) == 12 * 24_000
    assert said[24_000 : 24_000 + FRAME_SAMPLES].tolist() == [1] * FRAME_SAMPLES
    assert heard.sum() == 2 * FRAME_SAMPLES


def test_a_track_that_was_not_kept_is_named(recorded):
    recorded.audio("bob", "heard").unlink()
    with pytest.raises(RunFolderError, match=r"bob\.heard\.wav: record\.tracks"):
        Run.load(recorded.path).audio("bob", "heard")


def test_the_fingerprint_is_of_events_and_sound_and_of_nothing_else(recorded):
    run = Run.load(recorded.path)
    print_before = run.fingerprint
    write_result(recorded, Facts(wall=3))
    assert run.fingerprint == print_before
    assert len(print_before) == 64
    path = recorded.audio("bob")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert run.fingerprint != print_before


def test_the_same_run_twice_has_the_same_fingerprint(tmp_path):
    prints = set()
    for name in ("first", "second"):
        folder = RunFolder.at(tmp_path / name)
        archive = Archive.open(folder, ("alice", "bob"))
        for event in call():
            archive.event(event)
        archive.close(480)
        prints.add(Run.load(folder.path).fingerprint)
    assert len(prints) == 1


def test_a_run_that_was_killed_is_loaded_as_one_that_could_not_be_judged(recorded):
    recorded.events.write_bytes(recorded.events.read_bytes()[:-30])
    run = Run.load(recorded.path)
    assert (run.outcome, run.reason, run.exit_code) == ("invalid", "broken off", 3)
    assert len(run.turns) == 4


def test_a_run_cannot_be_changed_and_shows_itself_briefly(recorded):
    run = Run.load(recorded.path)
    with pytest.raises(AttributeError):
        run.outcome = "failed"
    assert repr(run) == "<Run alice_bob seed 7: ended (turns)>"
    assert len({run, run}) == 1


def test_where_there_is_no_run_the_error_says_so(tmp_path):
    with pytest.raises(RunFolderError, match="not the folder of a run"):
        Run.load(tmp_path)


def test_a_folder_of_an_older_version_is_loaded():
    run = Run.load(Path(__file__).parent / "golden" / "written-by-0.1.0")
    assert (run.outcome, run.exit_code, run.versions["soundstage"]) == ("ended", 0, "0.1.0")
    assert [turn.agent for turn in run.turns] == ["host", "ana", "host", "ben", "host", "clerk"]
    assert run.tool_calls("get_forecast")[0].result == {"day": "Saturday", "rain": 80}
    assert "rain is 80" in run.heard_by("clerk")
    assert run.metrics["host"].turns == 3


def test_a_folder_of_a_later_version_is_refused_by_its_version(tmp_path):
    later = msgspec.structs.replace(started(), schema=EVENT_SCHEMA_VERSION + 1)
    with pytest.raises(RunFolderError, match=r"event log of version 3, .* reads up to 2"):
        of_events(tmp_path, later)
