"""Values that are drawn from the seed: ranges, and one of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from soundstage.config import SeedPick, Variation, faults_of_all
from soundstage.config.values import (
    Duration,
    DurationRange,
    Level,
    PlacedTable,
    Ratio,
    Table,
    folder_of,
)
from soundstage.config.variation import MOST_OPTIONS, Pick, Tried, Varied
from soundstage.secrets import MASK


class Inner(Table):
    delay: Duration = Duration("0ms")


class Effect(Table):
    wait: Annotated[Duration, Field(gt=0)] | None = None
    think: DurationRange = DurationRange(Duration("0ms"), Duration("0ms"))
    level: Level = Level("0dB")
    rate: Ratio = Ratio("0%")
    share: float = 0.0
    often: int = 1
    words: tuple[str, ...] = ()
    times: tuple[Duration, ...] = ()
    gain: dict[str, Level] = Field(default_factory=dict)
    inner: Inner = Inner()
    data: Any = None


PATH = ("effects", "x")


class Reading:
    """One reading of a table, with what was reported."""

    def __init__(self, table: dict[str, object], pick: Pick | None = None, seed: int = 1) -> None:
        self.reported: list[tuple[tuple[str | int, ...], str]] = []
        self.variation = Variation(
            pick or SeedPick(seed), lambda path, why: self.reported.append((path, why))
        )
        tree = self.variation.choose({"effects": {"x": table}})
        chosen: Any = tree["effects"]
        self.value: Any = self.variation.settle(Effect, chosen["x"], PATH)

    @property
    def why(self) -> str:
        [(_, why)] = self.reported
        return why


@pytest.mark.parametrize(
    ("key", "ends", "read"),
    [
        ("wait", ["200ms", "800ms"], Duration),
        ("level", ["-6dB", "+6dB"], Level),
        ("rate", ["0%", "100%"], Ratio),
        ("share", [0.25, 1], float),
        ("often", [1, 4], int),
    ],
)
def test_a_range_gives_every_seed_a_value_of_its_own_between_its_ends(key, ends, read):
    drawn = [read(Reading({key: ends}, seed=seed).value[key]) for seed in range(300)]
    low, high = map(read, ends)
    assert all(low <= value <= high for value in drawn)
    assert len(set(drawn)) >= 4
    middle = (low + high) / 2
    assert 90 < sum(value > middle for value in drawn) < 210


def test_a_range_reaches_both_of_its_ends():
    assert {Reading({"often": [1, 3]}, seed=seed).value["often"] for seed in range(50)} == {1, 2, 3}
    for upper, wait in ((False, "200ms"), (True, "800ms")):
        reading = Reading({"wait": ["200ms", "800ms"]}, Tried(0, upper=upper))
        assert reading.value["wait"] == wait


def test_a_duration_is_drawn_in_whole_milliseconds_where_its_ends_are():
    drawn = [Reading({"wait": ["1ms", "1s"]}, seed=seed).value["wait"] for seed in range(50)]
    assert all("." not in text for text in drawn)
    fine = [Reading({"wait": ["0.5ms", "0.7ms"]}, seed=seed).value["wait"] for seed in range(50)]
    assert len(set(fine)) > 1


def test_the_same_seed_draws_the_same_and_no_key_moves_another_one():
    alone = Reading({"wait": ["1s", "9s"]}).value["wait"]
    with_others = Reading(
        {"level": ["-9dB", "9dB"], "wait": ["1s", "9s"], "words": [{"one_of": ["a", "b", "c"]}]}
    )
    assert with_others.value["wait"] == alone
    assert Reading({"wait": ["1s", "9s"]}, seed=2).value["wait"] != alone


def test_an_id_keeps_the_draw_of_an_item_when_another_one_is_put_before_it():
    cue = {"id": "late", "delay": ["1s", "9s"]}

    def drawn(*cues: dict[str, object]) -> object:
        variation = Variation(SeedPick(4), lambda *_: None)
        tree: Any = variation.choose({"cues": list(cues)})
        settled = [
            variation.settle(Inner, table, ("cues", place))
            for place, table in enumerate(tree["cues"])
        ]
        return settled[-1]

    assert drawn(cue) == drawn({"delay": "1s"}, cue)


def test_one_of_several_is_any_of_them_whatever_they_are():
    options = ["phone", ["cafe"], {"delay": "1s"}, 5, True]
    seen = [Reading({"data": {"one_of": options}}, seed=seed).value["data"] for seed in range(60)]
    assert all(option in seen for option in options)


def test_a_list_stays_a_sequence_and_an_item_of_it_may_be_drawn():
    reading = Reading({"words": ["Hello.", {"one_of": ["Yes.", "No."]}], "times": ["1s", "2s"]})
    assert reading.value["words"][0] == "Hello."
    assert reading.value["words"][1] in {"Yes.", "No."}
    assert reading.value["times"] == ["1s", "2s"]
    assert list(reading.variation.found) == [(*PATH, "words", 1)]


def test_an_option_may_be_a_range():
    table = {"wait": {"one_of": [["1s", "2s"], "8s"]}}
    drawn = {Reading(table, seed=seed).value["wait"] for seed in range(40)}
    assert "8s" in drawn
    assert all(text == "8s" or 1 <= Duration(text).seconds <= 2 for text in drawn)
    assert len(drawn) > 5


def test_what_was_drawn_is_told_as_it_would_be_written():
    reading = Reading(
        {
            "wait": ["200ms", "800ms"],
            "gain": {"a<-b": ["-6dB", "-3dB"]},
            "inner": {"delay": ["1s", "2s"]},
            "words": {"one_of": [["a"], ["b", "c"]]},
            "think": ["100ms", "300ms"],
        }
    )
    described = reading.variation.described()
    assert described == {
        "effects.x.words": '["a"] or ["b", "c"]',
        "effects.x.wait": '"200ms" to "800ms"',
        'effects.x.gain."a<-b"': '"-6dB" to "-3dB"',
        "effects.x.inner.delay": '"1s" to "2s"',
        "effects.x.think": '"100ms" to "300ms", drawn each time',
    }
    written = reading.variation.written()
    # A range that is drawn each time has no value of its own.
    assert written.keys() == described.keys() - {"effects.x.think"}
    assert written["effects.x.wait"] == reading.value["wait"]
    assert written['effects.x.gain."a<-b"'] == reading.value["gain"]["a<-b"]
    assert reading.value["think"] == ["100ms", "300ms"]
    Effect.model_validate(reading.value)


def test_long_descriptions_are_cut():
    assert str(Varied(("x" * 90,))) == '"' + "x" * 39 + "…"
    assert str(Varied(tuple("abcdefgh"))).endswith('"f" or 2 more')


def test_a_secret_is_in_no_report():
    options = [{"url": "u", "api_key": "sk-1"}, {"url": "u", "api_key": "sk-2"}]
    reading = Reading({"data": {"one_of": options}})
    assert reading.value["data"]["api_key"] in {"sk-1", "sk-2"}
    assert reading.variation.written() == {"effects.x.data": {"url": "u", "api_key": MASK}}
    assert "sk-" not in str(reading.variation.described())


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"wait": ["800ms", "200ms"]}, "the range runs backwards: 200ms < 800ms"),
        ({"wait": ["800ms"]}, "a range has two ends"),
        ({"wait": ["1s", "2s", "3s"]}, "a range has two ends"),
        ({"wait": ["1s", "3dB"]}, "a duration is written with its unit"),
        ({"often": [1, 2.5]}, "whole numbers"),
        ({"share": ["a", "b"]}, "the ends of a range of numbers are numbers"),
        ({"share": [True, 2]}, "the ends of a range of numbers are numbers"),
        ({"words": {"one_of": []}}, "one_of has 1 to 100 values, not 0"),
        ({"words": {"one_of": ["a"] * (MOST_OPTIONS + 1)}}, "not 101"),
        ({"words": {"one_of": "a"}}, "one_of is a list of values and stands alone"),
        ({"inner": {"one_of": [{}], "delay": "1s"}}, "one_of is a list of values and stands alone"),
        ({"words": {"one_of": ["a", {"one_of": ["b"]}]}}, "write all values in one list"),
        ({"kind": {"one_of": ["a", "b"]}}, "a kind does not vary"),
    ],
)
def test_what_is_no_range_and_no_choice_is_told(table, why):
    assert why in Reading(table).why


def test_data_may_have_a_key_that_is_called_kind():
    reported: list[str] = []
    variation = Variation(SeedPick(1), lambda _, why: reported.append(why))
    variation.choose({"tools": {"x": {"mock": [{"returns": {"kind": {"one_of": ["a", "b"]}}}]}}})
    assert reported == []


@pytest.mark.parametrize("key", ["scenario", "providers", "expect"])
def test_what_the_file_is_its_services_and_what_it_expects_do_not_vary(key):
    reported: list[str] = []
    variation = Variation(SeedPick(1), lambda _, why: reported.append(why))
    variation.choose({key: {"seed": {"one_of": [1, 2]}}})
    assert len(reported) == 1
    assert variation.settle(Effect, {"often": [1, 2]}, (key,)) == {"often": [1, 2]}


def test_a_schema_of_arguments_is_left_as_it_is():
    schema = {"properties": {"one_of": ["a"]}}
    variation = Variation(SeedPick(1), lambda *_: None)
    assert variation.choose({"tools": {"x": {"parameters": schema}}}) == {
        "tools": {"x": {"parameters": schema}}
    }


def test_tables_keep_the_folders_that_their_paths_are_relative_to():
    placed = PlacedTable({"file": "a.md"}, {"file": Path("shared")})
    reading = Reading({"data": {"one_of": [placed]}, "wait": ["1s", "2s"]})
    assert folder_of(reading.value["data"], "file") == Path("shared")


def test_every_option_and_both_ends_are_tried():
    table = {
        "words": {"one_of": [["a"], ["b"], {"one": {"one_of": ["x", "y", "z", "w"]}}]},
        "wait": ["1s", "2s"],
    }
    seen: list[Any] = []

    def attempt(pick: Pick) -> tuple[Variation, list[str]]:
        reading = Reading(table, pick)
        seen.append(reading.value)
        return reading.variation, ["wrong"]

    assert faults_of_all(Reading(table).variation, attempt) == ["wrong"]
    assert {value["wait"] for value in seen} == {"1s", "2s"}
    words = [value["words"] for value in seen]
    assert ["a"] in words
    assert ["b"] in words
    assert any(word in words for word in ({"one": "x"}, {"one": "z"}))


def test_nothing_is_tried_where_nothing_is_drawn():
    reading = Reading({"wait": "1s", "think": ["1s", "2s"]})
    assert reading.variation.tries == []
