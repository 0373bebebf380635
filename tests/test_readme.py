"""What the README shows is right."""

from __future__ import annotations

import re
from pathlib import Path

from soundstage.scenario import load_scenario

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_scenario_is_right(tmp_path: Path) -> None:
    [scenario] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "readme.toml"
    file.write_text(scenario)
    assert tuple(load_scenario(str(file)).agents) == ("alice", "bob")


def test_the_picture_is_a_live_view_that_loads_nothing_from_outside() -> None:
    [path] = re.findall(r"!\[[^]]*\]\((.*?)\)", README)
    picture = (ROOT / path).read_text()
    assert "run-scenario&#160;alice_bob" in picture or "run-scenario alice_bob" in picture
    assert "url(http" not in picture
    assert "url(&quot;http" not in picture


def test_every_guide_is_linked_from_the_front_door() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)", README))
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")} <= linked
