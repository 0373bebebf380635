"""What cannot be played on the virtual clock is refused before the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from soundstage import Agent, AsyncAgent

class Program(AsyncAgent):
    async def run(self, line): pass

class Plain(Agent):
    pass
"""


def written(folder: Path, agent: str) -> Path:
    (folder / "mine.py").write_text(PROGRAM)
    file = folder / "some.toml"
    file.write_text(
        "[agents.alice]\n[agents.bob]\n"
        + agent
        + '\n[[links]]\nbetween = ["alice", "bob"]\n[end]\nturns = 1\n'
    )
    return file


def test_an_agent_that_keeps_the_wall_clock_is_refused_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, 'kind = "./mine.py:Program"')
    with pytest.raises(ScenarioError, match=r"some\.toml:3: agents\.bob\.kind: .*wall clock only"):
        load_scenario(file, clock="virtual")


def test_a_provider_elsewhere_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")
    file = written(tmp_path, 'provider = "openai"')
    with pytest.raises(ScenarioError, match=r"some\.toml:3: agents\.bob\.provider: .*own time"):
        load_scenario(file, clock="virtual")


@pytest.mark.parametrize("clock", ["wall", "virtual"])
def test_an_agent_that_knows_both_clocks_is_played_on_either(tmp_path: Path, clock: str) -> None:
    file = written(tmp_path, 'kind = "./mine.py:Plain"')
    assert load_scenario(file, clock=clock).clock == clock
