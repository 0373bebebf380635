"""How an endpoint behaves, by a file in the words of a scenario."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest

from soundstage.endpoint import Behaviour, WatchedBehaviour, load_behaviour
from soundstage.errors import ScenarioError

WHOLE = """
[scenario]
seed = 3
[speech]
vad = "silero"
[defaults.realtime]
voice = "marin"
[defaults.realtime.local]
think = "300ms"
rules = [{ heard = "weather in {city}", call = [{ tool = "get_weather" }] }]
[agents.refunds.local]
lines = { file = "refunds.md" }
[agents.sales]
voice = "ash"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "refunds.md").write_text("Refunds, good morning.\n")
    path = tmp_path / "endpoint.toml"
    path.write_text(WHOLE)
    return path


def rewrite(path: Path, text: str) -> None:
    """Write a file whose date differs, however coarse the clock of the disk is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_every_session_has_the_defaults_and_an_agents_session_its_own_table(file: Path) -> None:
    behaviour = load_behaviour(file)
    chosen, refunds = behaviour.answering(("", "refunds"))
    _, sales = behaviour.answering(("sales", "refunds"))
    nothing, other = behaviour.answering(("", "gpt-realtime-2.1"))
    assert (chosen, nothing) == ("refunds", None)
    assert refunds.local.lines == ("Refunds, good morning.",)
    assert (refunds.voice, sales.voice, other.voice) == ("marin", "ash", "marin")
    assert refunds.local.rules == sales.local.rules == other.local.rules != ()
    assert behaviour.seed == 3


def test_with_no_file_there_is_small_talk() -> None:
    assert not Behaviour().answering(("anybody",))[1].local.is_given


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[defaults.realtime]\nvoices = "a"', ":2: defaults.realtime.voices", '"voice"'),
        ("[agents.a.local]\nthinks = 1", ":2: agents.a.local.thinks", '"think"'),
        ('[agents.a]\ninstructions = "x"', ":2: agents.a.instructions", "local, voice"),
        ("[defaults.scripted]\nlines = []", ":1: defaults.scripted", "[defaults.realtime]"),
        ('[speech]\nvad = "ear"', ":2: speech.vad", "silero"),
        ("[[links]]\nbetween = []", "links", "agents, defaults, scenario, speech"),
        ("[agents.Bob]\n", ":1: agents.Bob", "no name"),
        ("[scenario]\nseed = -1", ":2: scenario.seed", "at least 0"),
        ("[scenario", ":1", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as wrong:
        load_behaviour(path)
    assert where in str(wrong.value)
    assert what in str(wrong.value)


def test_a_file_that_changes_is_read_again_for_the_next_session(file: Path) -> None:
    watched = WatchedBehaviour(file)
    first = watched.current()
    assert watched.current() is first
    rewrite(file, '[defaults.realtime.local]\nlines = ["Anew."]')
    assert watched.current().default.local.lines == ("Anew.",)


def test_a_text_that_the_file_names_is_watched_too(file: Path) -> None:
    watched = WatchedBehaviour(file)
    rewrite(file.with_name("refunds.md"), "Refunds, good evening.")
    [line] = watched.current().answering(("refunds",))[1].local.lines
    assert line == "Refunds, good evening."


@pytest.mark.parametrize("broken", ["[defaults", "[defaults.realtime]\nvoice = 1", None])
def test_a_file_that_breaks_changes_nothing_and_says_why_once(
    file: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "soundstage.endpoint")
    watched = WatchedBehaviour(file)
    first = watched.current()
    if broken is None:
        file.unlink()
    else:
        rewrite(file, broken)
    assert watched.current() is first
    assert watched.current() is first
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "endpoint.toml" in record.getMessage()
    file.write_text('[defaults.realtime.local]\nlines = ["Mended."]')
    assert watched.current().default.local.lines == ("Mended.",)


def test_other_engines_wait_for_the_next_start(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from soundstage.endpoint import behaviour  # noqa: PLC0415 - its check is taken out

    monkeypatch.setattr(behaviour, "check_engines", lambda *_: None)
    watched = WatchedBehaviour(file)
    rewrite(file, '[speech]\nvad = "another"')
    watched.current()
    told: list[Any] = [record.getMessage() for record in caplog.records]
    assert "other speech engines are loaded with the next start of the endpoint" in told


def test_values_that_vary_are_drawn_when_the_file_is_read() -> None:
    text = """
    [scenario]
    seed = {seed}
    [defaults.realtime]
    voice = {{ one_of = ["marin", "cedar", "coral"] }}
    [defaults.realtime.local]
    token_rate = [5, 50]
    [agents.refunds.local]
    otherwise = {{ one_of = ["Yes.", "No."] }}
    """

    def read(seed: int) -> tuple[str | None, float | None, str | None]:
        behaviour = load_behaviour(Path("endpoint.toml"), toml=text.format(seed=seed))
        default, refunds = behaviour.default, behaviour.agents["refunds"]
        assert refunds.voice in {"marin", "cedar", "coral"}
        return default.voice, default.local.token_rate, refunds.local.otherwise

    assert read(3) == read(3)
    assert len({read(seed) for seed in range(8)}) > 4


def test_a_wrong_value_of_a_choice_is_told_whichever_is_drawn() -> None:
    local = '[defaults.realtime.local]\nthink = { one_of = ["1s", "1"] }'
    for seed in range(4):
        toml = f"[scenario]\nseed = {seed}\n{local}"
        with pytest.raises(ScenarioError, match='"1": a duration is written with its unit'):
            load_behaviour(Path("endpoint.toml"), toml=toml)
