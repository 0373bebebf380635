"""What the docs say of scenarios is right, and complete."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from soundstage.audio import PcmArray
from soundstage.pytest_plugin import RunScenario
from soundstage.scenario import json_schema, load_scenario

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scenarios.md").read_text()
EVERYWHERE = "".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))


def keys_of(schema: object) -> set[str]:
    """Every key that some table of the format may have."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema.get("properties", {}))
    return found.union(*map(keys_of, schema.values()))


def example_with(words: str) -> str:
    [example] = [it for it in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if words in it]
    return str(example)


def test_the_example_ends_as_it_declares(run_scenario: RunScenario) -> None:
    run = run_scenario(toml=example_with("A refund by phone"))
    assert run.reason == "when[0]"
    assert [call.name for call in run.tool_calls()] == ["find_order", "refund"]


def test_the_caller_asks_again_and_hangs_up_after_the_third_time(
    run_scenario: RunScenario,
) -> None:
    run = run_scenario(toml=example_with("Are you still there?"))
    asked = [turn for turn in run.turns if turn.text == "Hello? Are you still there?"]
    # Every time, 5 s after the voice before it, in what was recorded.
    said = audible_stretches(run.audio("caller"))
    assert len(asked) == 3
    assert [round(after[0] - before[1], 1) for before, after in pairwise(said)] == [5.1] * 3
    assert run.reason == "when[0]"
    # The fourth silence ends the run, which then waits 3 s for words that are still recognised.
    assert run.duration - said[-1][1] == pytest.approx(5 + 3, abs=0.2)


def test_the_example_of_values_that_vary_draws_each_of_them() -> None:
    rest = """
    [agents.support]
    [[links]]
    between = ["support", "caller"]
    [end]
    turns = 2
    """
    scenario = load_scenario(toml=example_with("one_of") + rest)
    assert set(scenario.drawing.drawn) == {
        "agents.caller.voice",
        "agents.caller.wait",
        "agents.caller.lines[1]",
        "effects.cafe.snr",
        "cues[0].after.delay",
        "cues[0].say",
    }


def audible_stretches(sound: PcmArray) -> list[tuple[float, float]]:
    """Where a track is audible, in seconds; pauses of up to 400 ms belong to it."""
    loud = [int(place) for place in (abs(sound.astype(int)) >= 100).nonzero()[0]]
    found: list[list[int]] = []
    for place in loud:
        if found and place - found[-1][1] < 9600:
            found[-1][1] = place
        else:
            found.append([place, place])
    return [(first / 24_000, last / 24_000) for first, last in found]


@pytest.mark.parametrize("key", sorted(keys_of(json_schema())))
def test_every_key_is_in_the_docs(key: str) -> None:
    assert re.search(rf"\b{re.escape(key)}\b", EVERYWHERE), key


def rows_of(heading: str) -> list[list[str]]:
    """The cells of each row of the tables below a heading."""
    [section] = re.findall(
        rf"^## {re.escape(heading)}.*?$(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    return [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(
    ("heading", "definition"),
    [
        ("`[scenario]`", "ScenarioTable"),
        ("`[[links]]` and `[rooms.NAME]`", "Link"),
        ("`[[cues]]`", "Cue"),
        ("Moments", "Moment"),
        ("`[tools.NAME]`", "ToolTable"),
        ("`[end]`", "End"),
        ("`[record]`", "Record"),
        ("`[providers.NAME]`", "ProviderTable"),
        ("`[speech]`", "SpeechTable"),
    ],
)
def test_each_key_of_a_table_has_a_row_of_its_own(heading: str, definition: str) -> None:
    documented = [row[0].strip(" `") for row in rows_of(heading)]
    assert {*json_schema()["$defs"][definition]["properties"]} <= {*documented}
    assert all(re.fullmatch(r"[a-z_.]+", key) for key in documented)


def test_the_readme_lists_every_shipped_scenario() -> None:
    shipped = {path.stem for path in (ROOT / "scenarios").glob("*.toml")}
    readme = (ROOT / "README.md").read_text()
    listed = re.findall(r"^\| \[`(\w+)`\]\(scenarios/\1\.toml\) \|", readme, re.MULTILINE)
    assert {*listed} == shipped
    assert len(listed) == len(shipped)
