"""What decides the runs of a batch, and what does not."""

import json

import pytest

from soundstage.ledger import digest_of
from soundstage.scenario import load_scenario
from soundstage.sweep import identity_of

TALK = """
[scenario]
seed = 3
[providers.acme]
base_url = "https://acme.example/v1"
api_key = "sk-very-secret-indeed"
headers = { "X-Org" = "${ACME_ORG}" }
[agents.ann]
kind = "./agent.py:Ann"
[agents.ben]
provider = "acme"
instructions = { file = "ben.md" }
[[links]]
between = ["ann", "ben"]
[end]
turns = 2
[[expect]]
id = "greets"
agent = "ann"
said = "hello"
why = "Manners."
"""

AGENT = """
from beside import WORDS
from soundstage import Agent

class Ann(Agent):
    pass
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_ORG", "org-also-secret")

    def written(text=TALK, beside="WORDS = 1\n", prompt="Be brief.", agent=AGENT):
        (tmp_path / "talk.toml").write_text(text)
        (tmp_path / "agent.py").write_text(agent)
        (tmp_path / "beside.py").write_text(beside)
        (tmp_path / "ben.md").write_text(prompt)
        return tmp_path / "talk.toml"

    return written


def identity(file, *, seed=None, sets=(), clock="wall"):
    return identity_of(load_scenario(file, seed=seed, sets=sets, clock=clock), None)


def test_no_secret_is_in_it(write):
    text = json.dumps(identity(write()))
    assert "very-secret" not in text
    assert "also-secret" not in text
    assert "${ACME_ORG}" in text


def test_what_decides_no_run_does_not_count(write):
    before = digest_of(identity(write()))
    assert digest_of(identity(write(TALK.replace("Manners.", "Taste.")))) == before
    assert digest_of(identity(write(TALK.replace("seed = 3", "seed = 4")))) == before
    assert digest_of(identity(write(), seed=9)) == before
    assert digest_of(identity(write(TALK + "# a remark\n"))) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"text": TALK.replace("turns = 2", "turns = 3")},
        {"text": TALK.replace('said = "hello"', 'said = "hi"')},
        {"prompt": "Be long."},
        {"agent": AGENT + "\nMORE = 1\n"},
    ],
)
def test_what_a_run_depends_on_counts(write, changes):
    before = digest_of(identity(write()))
    assert digest_of(identity(write(**changes))) != before


def test_what_is_set_counts_as_if_it_were_written(write):
    changed = identity(write(TALK.replace("turns = 2", "turns = 3")))
    assert identity(write(), sets=["end.turns=3"]) == changed
    assert changed["files"].keys() == {"agent.py", "beside.py", "ben.md"}
