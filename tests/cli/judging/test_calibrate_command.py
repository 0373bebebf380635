"""`soundstage calibrate`, as its user calls it, against judges that answer by a rule."""

from __future__ import annotations

import io
import json
import random
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest
from dummy_chat_server import DummyChatServer, words

from soundstage.cli.judging.calibrate_command import calibrate
from soundstage.errors import ScenarioError

pytestmark = pytest.mark.realtime

LABELLED = Path(__file__).parents[3] / "examples" / "polite.toml"


def labels() -> dict[str, bool]:
    """The last line of each conversation, by which a judge that knows it all finds its label."""
    tables = tomllib.loads(LABELLED.read_text())["labelled"]
    return {each["transcript"].strip().splitlines()[-1]: each["holds"] for each in tables}


def perfect(request):
    transcript = request["messages"][1]["content"].partition("</transcript>")[0]
    holds = labels()[transcript.strip().splitlines()[-1].partition(" ")[2]]
    return words(json.dumps({"reason": "It is written so.", "turn": 1, "holds": holds}))


def guessing(seed):
    stream = random.Random(seed)

    def answer(_):
        return words(json.dumps({"reason": "A coin fell.", "holds": stream.random() < 0.5}))

    return answer


@contextmanager
def calibrated(answer, file=LABELLED, out=None, *, as_json=False):
    with DummyChatServer(answer).serving() as server:
        told = io.StringIO()
        code = calibrate(
            file,
            sets=[f"judge.url={server.url}"],
            out=out,
            as_json=as_json,
            cached=False,
            to=told,
        )
        yield code, told.getvalue()


def test_the_labelled_calls_are_sixty_and_half_of_them_hold():
    tables = tomllib.loads(LABELLED.read_text())["labelled"]

    assert len(tables) == len(labels()) == 60
    assert sum(each["holds"] for each in tables) == 30


def test_with_a_perfect_judge_everything_agrees():
    with calibrated(perfect) as (code, told):
        assert code == 0
        assert "agreed with 60 of 60 labels; caught 30 of 30 faults" in told
        assert "useful" in told


def test_a_judge_that_guesses_is_shown_as_useless():
    with calibrated(guessing(3)) as (code, told):
        assert code == 1
        assert "USELESS: its answers are no better than guessing" in told


def test_a_judge_that_does_not_answer_cannot_be_judged():
    with calibrated((500, {})) as (code, told):
        assert code == 3
        assert "60 without an answer" in told


def test_the_result_is_kept_for_the_scenario_that_rests_on_it(tmp_path):
    out = tmp_path / "polite.json"
    with calibrated(perfect, out=out, as_json=True) as (_, told):
        assert json.loads(told) == json.loads(out.read_text())
        assert json.loads(told)["confusion"]["caught"] == 30


JUDGE = '[judge]\nurl = "http://h/v1"\nmodel = "m"\n'
CALIBRATION = '[calibration]\njudge = "x"\n'
LABELLED_CALL = '[[labelled]]\nholds = true\ntranscript = "a: b"\n'

WRONG = {
    CALIBRATION: "there is no table [judge]",
    JUDGE: "there is no table [calibration]",
    '[judge]\nmodel = "m"\n' + CALIBRATION + LABELLED_CALL: "url",
    JUDGE + CALIBRATION + LABELLED_CALL.replace("true", "1"): "labelled[0].holds",
    JUDGE + CALIBRATION + "[[labelled]]\nholds = true": "either a transcript, or the folder",
    JUDGE + 'latency = "1s"\n' + CALIBRATION + LABELLED_CALL: "latency and sees are for",
    JUDGE
    + 'calibration = ["no.json"]\n'
    + CALIBRATION
    + LABELLED_CALL: "no.json is no calibration",
    "[labels]\n": "labels",
}


@pytest.mark.parametrize(("text", "told"), WRONG.items())
def test_a_wrong_file_is_told_where_it_is_wrong(tmp_path, text, told):
    file = tmp_path / "labels.toml"
    file.write_text(text)

    with pytest.raises(ScenarioError) as error:
        calibrate(file, sets=[], out=None, as_json=False, cached=False, to=io.StringIO())
    assert told in str(error.value)
    assert "labels.toml" in str(error.value)
