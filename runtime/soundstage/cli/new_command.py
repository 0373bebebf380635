"""`soundstage new`: a folder to start from, which passes its own test."""

from __future__ import annotations

import keyword
import re
from string import Template
from typing import TYPE_CHECKING, Final

from soundstage.cli.starters import BOTS, bot_files
from soundstage.config.values import suggestion
from soundstage.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")

SCENARIO: Final = Template("""\
# Run it:            run-scenario $name.toml
# In simulated time: run-scenario $name.toml --clock virtual

[scenario]
name = "$title"
description = "A caller asks, an agent of your own answers."
seed = 1

[agents.caller]
kind = "scripted"                   # says exactly these lines, in turn with the other
voice = "ash"
lines = ["Hello, are you there?", "Thank you, goodbye."]

[agents.host]
kind = "./agent.py:$agent"
voice = "shimmer"
greeting = "Welcome"                # a key of your own; see Settings in agent.py

[[links]]
between = ["caller", "host"]

[end]
when = [{ agent = "host", event = "speech_stopped", nth = 2 }]
max = "1m"
""")

AGENT: Final = Template('''\
"""The agent of $name.toml."""

from soundstage import Agent, Heard, handles


class $agent(Agent):
    """Greets the agent that spoke, and says how many words it heard."""

    class Settings(Agent.Settings):
        """The keys that it adds to its table."""

        greeting: str

    @handles(Heard)
    def answer(self, heard: Heard) -> None:
        """An agent has finished a sentence."""
        self.emit("counted", words=len(heard.words))
        self.say(f"{self.settings.greeting}, {heard.speaker}. I heard {len(heard.words)} words.")
''')

TEST: Final = Template('''\
"""How $name.toml must go, on the virtual clock."""

from pathlib import Path

import pytest

SCENARIO = Path(__file__).with_name("$name.toml")


@pytest.mark.parametrize("seed", range(2))
def test_the_host_greets_the_caller(run_scenario, seed):
    run = run_scenario(SCENARIO, seed=seed)
    assert [turn.agent for turn in run.turns] == ["caller", "host"] * 2
    assert "Welcome, caller. I heard 4 words." in run.said_by("host")
''')


def write_starter(folder: Path, bot: str | None = None) -> tuple[Path, ...]:
    """Write a scenario, its agent and its test into a new folder; returns the files.

    Args:
        folder: absent or empty.
        bot: the transport of a bot that is written in place of an agent; None for an agent.

    Raises:
        UsageError: the folder has something in it, or its name makes no names for Python.
    """
    name = folder.name
    if _NAME.fullmatch(name) is None or keyword.iskeyword(name):
        raise UsageError(f'"{name}": a name has small letters, figures and "_", as weather_desk')
    if bot is not None and bot not in BOTS:
        raise UsageError(f'there is no bot "{bot}" to start from; {suggestion(bot, BOTS)}')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not empty")
    agent = "".join(part.capitalize() for part in name.split("_") if part)
    title = name.replace("_", " ").capitalize()
    if bot is not None:
        return _written(folder, bot_files(name, title, bot))
    fields = {"name": name, "title": title, "agent": agent}
    texts = {f"{name}.toml": SCENARIO, "agent.py": AGENT, f"test_{name}.py": TEST}
    return _written(folder, {each: text.substitute(fields) for each, text in texts.items()})


def _written(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    return tuple(folder / name for name in texts)
