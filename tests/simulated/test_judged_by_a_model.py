"""A language model that judges a run: shown, decisive only by choice, and asked once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from dummy_chat_server import DummyChatServer, words

from soundstage import Run, run_scenario
from soundstage.cli.judging.judge_command import judge_runs
from soundstage.errors import KeyMissing
from soundstage.scenario import load_scenario

CALL = """
[agents.support]
opening_prompt = "Greet."
local.lines = ["Hello, may I have your order number?", "Then wait like all others."]
[agents.caller]
kind = "scripted"
lines = ["Where is my parcel?"]
[[links]]
between = ["support", "caller"]
[end]
turns = 3
max = "1m"
"""
POLITE = '[[expect]]\nid = "polite"\njudge = "The agent stayed polite."\nagent = "support"\n'
REQUIRED = POLITE + 'need = "required"\n'
RUDE = words('{"reason": "It tells the caller off.", "turn": 3, "holds": false}')
UNCLEAR = words("I would rather not say.")


def judge_table(url: str, more: str = "") -> str:
    return f'[judge]\nurl = "{url}"\nmodel = "m"\n{more}\n'


def played(folder: Path, text: str, **options) -> Run:
    return run_scenario(toml=CALL + text, out=folder, check=False, **options)


@pytest.mark.parametrize(
    ("expectation", "answer", "came", "status"),
    [
        (POLITE, RUDE, ("ended", "turns", 0), "failed"),
        (REQUIRED, RUDE, ("failed", "expect:polite", 1), "failed"),
        (POLITE, UNCLEAR, ("ended", "turns", 0), "unknown"),
        (REQUIRED, UNCLEAR, ("invalid", "expect:polite", 3), "unknown"),
        (REQUIRED, (500, {}), ("invalid", "expect:polite", 3), "unknown"),
    ],
)
def test_a_judge_advises_unless_the_file_lets_it_decide(
    expectation, answer, came, status, tmp_path
):
    with DummyChatServer(answer).serving() as server:
        run = played(tmp_path / "run", expectation + judge_table(server.url))

    assert (run.outcome, run.reason, run.exit_code) == came
    (verdict, _) = run.expectations
    assert (verdict.id, verdict.status) == ("polite", status)


def test_what_was_asked_and_answered_is_kept_and_the_report_says_that_nothing_vouches(tmp_path):
    with DummyChatServer(RUDE).serving() as server:
        run = played(tmp_path / "run", POLITE + judge_table(server.url))

    (opinion,) = json.loads((run.folder / "expectations.json").read_text())["opinions"].values()
    assert opinion["model"] == "m"
    assert "support: Then wait like all others." in opinion["question"]
    assert opinion["answer"].startswith('{"reason"')
    page = (run.folder / "report.html").read_text()
    assert "m (not calibrated): It tells the caller off." in page


def test_a_run_is_judged_again_by_what_was_answered_and_asks_nobody(tmp_path):
    with DummyChatServer(RUDE).serving() as server:
        run = played(tmp_path / "run", REQUIRED + judge_table(server.url))

    told = io.StringIO()
    code = judge_runs([run.folder], other=None, keep=False, as_json=False, out=told)
    assert code == 1
    assert "It tells the caller off." in told.getvalue()


def test_another_statement_is_not_judged_by_an_answer_to_this_one(tmp_path):
    with DummyChatServer(RUDE).serving() as server:
        run = played(tmp_path / "run", REQUIRED + judge_table(server.url))
        other = tmp_path / "other.toml"
        other.write_text(REQUIRED.replace("polite.", "brief.") + judge_table(server.url))
        server.answers = [words('{"holds": true, "reason": "It is short."}')]
        told = io.StringIO()
        code = judge_runs([run.folder], other=other, keep=False, as_json=False, out=told)

        assert code == 0
        assert len(server.requests) == 2


def test_the_second_run_asks_no_judge(tmp_path):
    with DummyChatServer(RUDE).serving() as server:
        text = POLITE + judge_table(server.url)
        first = played(tmp_path / "first", text, cache=tmp_path / "cache")
        again = played(tmp_path / "again", text, cache=tmp_path / "cache")

    assert len(server.requests) == 1
    assert first.expectations == again.expectations


BREAKS = """
from soundstage import Agent, Heard, handles

class Breaks(Agent):
    @handles(Heard)
    def answer(self, heard):
        raise ValueError("broken")
"""


def test_of_a_run_that_broke_off_no_judge_is_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breaks.py").write_text(BREAKS)
    with DummyChatServer(RUDE).serving() as server:
        call = CALL.replace('"scripted"\nlines = ["Where is my parcel?"]', '"./breaks.py:Breaks"')
        head = '[scenario]\nunder_test = ["support"]\n'
        text = head + call + REQUIRED + judge_table(server.url)
        run = run_scenario(toml=text, out=tmp_path / "run", check=False)

    assert (run.outcome, run.exit_code) == ("invalid", 3)
    assert server.requests == []
    (verdict, _) = run.expectations
    assert (verdict.status, verdict.kind) == ("unknown", "cut_short")


def test_a_key_that_is_not_set_is_told_before_the_run(monkeypatch):
    monkeypatch.delenv("SOUNDSTAGE_NO_KEY", raising=False)
    table = judge_table("http://127.0.0.1:9/v1", 'api_key = "${SOUNDSTAGE_NO_KEY}"')

    with pytest.raises(KeyMissing, match="the judge needs the environment variable"):
        load_scenario(toml=CALL + POLITE + table)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (REQUIRED, "the run fails by a judge that is not calibrated for this statement"),
        ("", "no [[expect]] asks this judge"),
    ],
)
def test_what_rests_on_a_judge_in_vain_is_a_warning(text, told):
    scenario = load_scenario(toml=CALL + text + judge_table("http://127.0.0.1:9/v1"))

    assert any(told in warning for warning in scenario.warnings)
