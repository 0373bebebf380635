from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from dummy_disk import DummyFile
from dummy_run import call, started
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.messages.events import Joined, Left, Noted, Warned, Wire
from soundstage.results import EventLog, KnownEvent, UnknownEvent, encode_event, read_events
from soundstage.results.append_file import AppendFile

EVENTS = st.one_of(
    *(st.from_type(kind) for kind in get_args(KnownEvent) if kind not in (Noted, Wire))
).map(lambda event: replace(event, pts=event.pts % 2**53))


def written(path, events):
    log = EventLog.open(path)
    for event in events:
        log.write(event)
    log.close()
    return path


@settings(deadline=None)
@given(events=st.lists(EVENTS, max_size=5))
def test_every_event_is_read_as_it_was_written(tmp_path_factory, events):
    path = written(tmp_path_factory.mktemp("log") / "events.jsonl", events)
    assert list(read_events(path)) == events


def test_a_line_begins_with_type_time_and_agent():
    assert encode_event(Left(pts=480, agent="bob", reason="stopped")) == (
        b'{"type":"left","pts":480,"agent":"bob","reason":"stopped"}\n'
    )


def test_a_line_does_not_depend_on_the_order_of_a_table_or_a_set():
    first = Noted(pts=0, name="n", data={"b": 1, "a": frozenset({"x", "y", "z"})})
    second = Noted(pts=0, name="n", data={"a": frozenset({"z", "y", "x"}), "b": 1})
    assert encode_event(first) == encode_event(second)


def test_a_value_without_json_form_is_refused_and_leaves_the_log_whole(tmp_path):
    log = EventLog.open(tmp_path / "events.jsonl")
    log.write(Joined(pts=0, agent="a"))
    with pytest.raises(TypeError):
        log.write(Noted(pts=0, name="n", data={"x": object()}))
    log.close()
    assert list(read_events(tmp_path / "events.jsonl")) == [Joined(pts=0, agent="a")]


def test_an_event_of_an_unknown_type_is_kept_as_it_was_written(tmp_path):
    line = b'{"type":"sneezed","pts":7,"agent":"bob","loud":true,"fields":[1]}\n'
    path = tmp_path / "events.jsonl"
    path.write_bytes(line)
    [event] = read_events(path)
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.pts, event.agent, event.fields["loud"]) == ("sneezed", 7, "bob", True)
    assert json.loads(encode_event(event)) == json.loads(line)


def test_unknown_fields_of_a_known_event_are_kept_beside_the_known_ones(tmp_path):
    line = b'{"type":"left","pts":7,"agent":"bob","reason":"r","why":[1],"and-how":{"a":2}}\n'
    path = tmp_path / "events.jsonl"
    path.write_bytes(line)
    [event] = read_events(path)
    assert isinstance(event, Left)
    assert (event.reason, event.why) == ("r", [1])
    assert json.loads(encode_event(event)) == json.loads(line)


def test_a_torn_last_line_is_left_out_wherever_it_was_torn(tmp_path):
    events = call()[:3]
    path = written(tmp_path / "events.jsonl", events)
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for length in range(last, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert list(read_events(path)) == events[:2]
    path.write_bytes(whole[:-1])
    assert list(read_events(path)) == events


def test_an_empty_log_has_no_events(tmp_path):
    (tmp_path / "events.jsonl").touch()
    assert list(read_events(tmp_path / "events.jsonl")) == []


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"[]", b'{"pts":1}', b'{"type":"left","pts":0}', b'{"type":["x"],"pts":0}', b""],
)
def test_a_whole_line_that_is_no_event_is_named(tmp_path, line):
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode_event(Joined(pts=0)) + line + b"\n")
    with pytest.raises(RunFolderError, match=r"events\.jsonl, line 2 is no event"):
        list(read_events(path))


def test_a_log_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunFolderError, match=r"events\.jsonl cannot be read"):
        list(read_events(tmp_path / "events.jsonl"))


def test_events_wait_in_memory_only_up_to_a_number():
    file = DummyFile()
    log = EventLog(AppendFile(file, "log"), hold=3)
    for pts in range(7):
        log.write(Joined(pts=pts))
        assert pts + 1 - file.content.count(b"\n") <= 3
    log.flush()
    assert file.content.count(b"\n") == 7


def test_a_full_disk_fails_without_growing_in_memory_and_goes_on_when_there_is_room():
    file = DummyFile(room=100)
    sink = AppendFile(file, "log")
    log = EventLog(sink, hold=2)
    taken = 0
    for pts in range(50):
        try:
            log.write(Joined(pts=pts))
        except RecordingFailed:
            continue
        taken += 1
    assert sink.pending < 200
    file.room = 1 << 20
    log.close()
    lines = bytes(file.content).splitlines()
    assert [msgspec.json.decode(line)["pts"] for line in lines] == list(range(taken))


def test_a_log_starts_anew_in_a_file_that_is_there(tmp_path):
    path = written(tmp_path / "events.jsonl", call())
    written(path, [started()])
    assert list(read_events(path)) == [started()]


def test_half_a_surrogate_pair_in_a_text_is_replaced(tmp_path):
    lost = Warned(pts=1, agent="bob", code="file", message="no file \udc80.wav")
    noted = Noted(pts=2, agent="bob", name="found", data={"\ud800": ["\udfff"]})
    [first, second] = read_events(written(tmp_path / "events.jsonl", [lost, noted]))
    assert first.message == "no file ?.wav"
    assert second.data == {"?": ["?"]}


def test_a_line_that_is_nested_too_deep_is_no_event(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"type":"noted","x":' + "[" * 2_000 + "\n")
    with pytest.raises(RunFolderError, match="line 1 is no event"):
        list(read_events(path))


@pytest.mark.parametrize("pts", [-(2**53) - 1, 2**53 + 1, 10**400])
def test_a_line_at_a_time_that_no_run_has_is_no_event(tmp_path, pts):
    path = tmp_path / "events.jsonl"
    path.write_text(f'{{"type":"note","pts":{pts},"agent":"a"}}\n')
    with pytest.raises(RunFolderError, match=r"line 1 is no event: .*no run is as long"):
        list(read_events(path))
