"""What the page about expectations says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soundstage.expectations import (
    Calibration,
    Confusion,
    read_calibration_file,
    written_calibration,
)
from soundstage.expectations.declared.expectation_tables import FORMS, Expectation
from soundstage.messages.verdict import KINDS
from soundstage.scenario import load_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "expectations.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

CALL = """
[agents.support]
opening_prompt = "Greet."
tools = ["refund"]
local.lines = ["Hello."]
[agents.caller]
kind = "scripted"
lines = ["Hello."]
[tools.refund]
parameters = { type = "object" }
mock = [{ returns = "done" }]
[[links]]
between = ["support", "caller"]
[end]
turns = 4
"""


LABELLED = [example for example in EXAMPLES if "[[labelled]]" in example]
SCENARIOS = [example for example in EXAMPLES if example not in LABELLED]


@pytest.mark.parametrize("example", SCENARIOS, ids=range(len(SCENARIOS)))
def test_each_example_can_be_read(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text("orders = {}")
    kept = Calibration(statement="", model="", confusion=Confusion())
    (tmp_path / "polite.json").write_text(written_calibration(kept))
    assert load_scenario(toml=CALL + example).demands.expected


def test_the_example_of_labelled_conversations_can_be_read(tmp_path):
    (example,) = LABELLED
    file = tmp_path / "labels.toml"
    file.write_text('[judge]\nurl = "http://127.0.0.1:8080/v1"\nmodel = "m"\n' + example)
    assert [each.holds for each in read_calibration_file(file).labelled] == [False, True]


def test_each_kind_of_result_is_listed_once():
    [table] = re.findall(r"\| status \| kinds \|.*?\n\n", PAGE, re.DOTALL)
    listed = re.findall(r"`([a-z_]+)`", table)
    statuses = {"failed", "skipped", "unknown", "deferred"}
    assert sorted(set(listed) - statuses) == sorted(set(KINDS) - {""})


def test_each_key_is_explained():
    keys = {each.alias or name for name, each in Expectation.model_fields.items()}
    assert {key for key in keys if f"`{key}" not in PAGE} == set()
    assert all(f"`{form}" in PAGE or f"`{form}`" in PAGE for form in FORMS)
