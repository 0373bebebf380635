"""Asking a judge over real HTTP: its answer, its errors, and what is asked twice."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from dummy_chat_server import DummyChatServer, words

from soundstage.cache import Cache
from soundstage.expectations.llm_judge.calibration import (
    Calibration,
    Confusion,
    written_calibration,
)
from soundstage.expectations.llm_judge.judge_question import JudgeQuestion
from soundstage.expectations.llm_judge.judge_settings import JudgeSettings
from soundstage.expectations.llm_judge.language_judge import LanguageJudge

pytestmark = pytest.mark.realtime

QUESTION = JudgeQuestion("It was polite.", "support", "[1] caller: Hello.")
HOLDS = words('{"reason": "It greets.", "turn": 1, "holds": true}')


@contextmanager
def asked(*answers, cache=None, **settings):
    with DummyChatServer(*answers).serving() as server:
        found = {"url": server.url, "model": "m", **settings}
        yield LanguageJudge(JudgeSettings.model_validate(found), cache), server


def test_a_judge_is_asked_with_the_statement_and_the_transcript_and_does_not_vary():
    with asked(HOLDS) as (judge, server):
        opinion = judge.ask(QUESTION)

    (request,) = server.requests
    assert request["temperature"] == 0
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert "It was polite." in request["messages"][1]["content"]
    assert "[1] caller: Hello." in request["messages"][1]["content"]
    assert (opinion.holds, opinion.reason, opinion.turn) == (True, "It greets.", 1)
    assert (opinion.model, opinion.error, opinion.calibration) == ("m", "", "")
    assert json.loads(opinion.answer)["turn"] == 1


def test_the_model_that_really_answered_is_kept():
    chunks = [{**chunk, "model": "m-2026-10-01", "system_fingerprint": "fp_1"} for chunk in HOLDS]
    with asked(chunks) as (judge, _):
        assert judge.ask(QUESTION).served_by == "m-2026-10-01 fp_1"


def test_the_same_question_is_asked_once():
    with asked(HOLDS, cache=Cache(None)) as (judge, server):
        first, second = judge.ask(QUESTION), judge.ask(QUESTION)

    assert first == second
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((500, {"error": "broken"}), "answered 500: broken"),
        ((401, {"error": {"message": "wrong key"}}), "answered 401: wrong key"),
        (b"data: {broken\n\n", "sent what is no JSON"),
    ],
)
def test_a_judge_that_fails_is_an_opinion_with_an_error(answer, told):
    with asked(answer) as (judge, _):
        opinion = judge.ask(QUESTION)

    assert opinion.holds is None
    assert told in opinion.error


def test_a_judge_that_is_not_there_is_an_opinion_with_an_error():
    with asked(HOLDS) as (judge, _):
        pass

    assert "cannot be reached" in judge.ask(QUESTION).error


def test_an_answer_that_is_cut_at_its_limit_is_no_opinion():
    cut = [{"choices": [{"delta": {"content": '{"holds": true}'}, "finish_reason": "length"}]}]
    with asked(cut) as (judge, _):
        opinion = judge.ask(QUESTION)

    assert (opinion.holds, opinion.error) == (
        None,
        "the judge's answer broke off (max_output_tokens)",
    )


def test_a_key_is_sent_and_is_in_no_opinion(monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "sk-secret")
    with asked((401, {"error": {"message": "bad key sk-secret"}}), api_key="${JUDGE_KEY}") as (
        judge,
        server,
    ):
        opinion = judge.ask(QUESTION)

    assert server.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in repr(opinion)


def test_what_a_judge_was_calibrated_to_is_said_with_its_opinion(tmp_path):
    path = tmp_path / "polite.json"
    worth = Confusion(caught=29, true_holds=30, missed=1)
    kept = Calibration(statement=QUESTION.statement, model="m", confusion=worth)
    path.write_text(written_calibration(kept))
    with asked(HOLDS, calibration=[str(path)]) as (judge, _):
        assert judge.ask(QUESTION).calibration == "calibrated: agreed with 59 of 60 labels"
        other = JudgeQuestion("It was short.", "support", "[1] caller: Hello.")
        assert judge.ask(other).calibration == ""
