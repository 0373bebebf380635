"""Two run folders are compared by their logs, and where these are equal, by their sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import msgspec
import pytest
from dummy_report import record
from dummy_run import at, call, turn
from msgspec.structs import replace

from soundstage.comparison import diff_runs, diff_schema
from soundstage.errors import RunFolderError
from soundstage.messages.events import RunStarted, Turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundstage.messages.events import Event

AGENTS = ("alice", "bob")


def changed(words: str) -> list[Event]:
    """The call, in which Bob's last turn has other words and ends later."""
    return [
        replace(event, said=words, generated=words, pts=at(10.5), end=at(10.5))
        if isinstance(event, Turn) and event.number == 4
        else event
        for event in call()
    ]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, log: list[Event] | None = None, *, tone: int = 0) -> Path:
        return record(tmp_path / name, log or call(), AGENTS, tone=tone).path

    return make


def test_a_run_is_equal_to_itself(made) -> None:
    folder = made("a")
    found = diff_runs(folder, folder)
    assert found.equal
    assert (found.first, found.rows, found.settings, found.sound) == (None, (), (), ())


def test_runs_that_differ_in_their_sound_alone_are_not_equal(made) -> None:
    found = diff_runs(made("a", tone=1), made("b", tone=2))
    assert not found.equal
    assert found.first is None
    assert found.sound == ("alice.wav", "bob.wav", "mix.wav")


def test_the_rows_begin_where_the_runs_differ(made) -> None:
    found = diff_runs(made("a"), made("b", changed("It snows.")))
    assert not found.equal
    assert (found.first.a.words, found.first.b.words) == ("It rains.", "It snows.")
    assert [(row.mark, row.a and row.a.type, row.b and row.b.type) for row in found.rows] == [
        ("|", "turn", "turn"),
        ("=", "fault", "fault"),
        ("=", "run_ended", "run_ended"),
    ]


def test_what_stands_in_one_run_only_has_a_row_of_its_own(made) -> None:
    more = call()
    more.insert(-1, turn(5, "alice", 10.5, 11, "Bye."))
    found = diff_runs(made("a"), made("b", more))
    assert [row.mark for row in found.rows] == [">", "="]
    swapped = diff_runs(made("c", more), made("d"))
    assert [row.mark for row in swapped.rows] == ["<", "="]


def test_all_events_are_shown_on_demand(made) -> None:
    a, b = made("a"), made("b", changed("It snows."))
    few = {row.a.type for row in diff_runs(a, b).rows}
    every = {row.a.type for row in diff_runs(a, b, every=True).rows}
    assert every - few == {"audio"}


def test_keys_that_were_set_differently_are_named(made) -> None:
    a, b = made("a"), made("b")
    for folder, voice in ((a, "ash"), (b, "echo")):
        log = (folder / "events.jsonl").read_text()
        assert log
        result = {
            "scenario": "alice_bob",
            "seed": 7,
            "clock": "virtual",
            "outcome": "ended",
            "reason": "turns",
            "exit_code": 0,
            "duration": 12.0,
            "wall": 1.0,
            "speed": 12.0,
            "providers": {},
            "versions": {"soundstage": "1"},
            "drawn": {"agents.alice.think": voice},
            "resolved": {"agents": {"bob": {"voice": voice, "lines": ["a", "b"]}}},
        }
        (folder / "result.json").write_text(json.dumps(result))
    found = diff_runs(a, b)
    assert found.equal
    assert [(each.path, each.a, each.b) for each in found.settings] == [
        ("agents.bob.voice", '"ash"', '"echo"'),
        ("drawn.agents.alice.think", '"ash"', '"echo"'),
    ]


def test_times_do_not_count_where_one_clock_was_on_the_wall(made) -> None:
    wall = [
        replace(event, clock="wall") if isinstance(event, RunStarted) else event
        for event in changed("It rains.")
    ]
    found = diff_runs(made("a"), made("b", wall))
    assert (found.timed, found.equal) == (False, True)


def test_json_keeps_to_the_published_schema(made) -> None:
    found = diff_runs(made("a"), made("b", changed("It snows.")))
    jsonschema.validate(json.loads(msgspec.json.encode(found)), diff_schema())


def test_a_folder_without_a_run_is_named(made, tmp_path: Path) -> None:
    run = made("a")
    with pytest.raises(RunFolderError, match="absent does not exist"):
        diff_runs(run, tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunFolderError, match=r"there is no events\.jsonl in it"):
        diff_runs(tmp_path / "empty", run)
    (run / "events.jsonl").write_text("")
    with pytest.raises(RunFolderError, match="is empty"):
        diff_runs(run, made("b"))
