"""What the page about Live shows is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import pytest
from openai.types import live as sdk

PAGE = (Path(__file__).parents[1] / "docs" / "live.md").read_text()


@pytest.mark.realtime
@pytest.mark.timeout(240)
def test_the_program_prints_its_answer_and_its_end(tmp_path: Path) -> None:
    [program] = [
        block
        for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        if "LiveClient" in block
    ]
    (tmp_path / "weather.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "error", "weather.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "It rains in Paris.\nclose_requested\n"


@pytest.mark.parametrize(
    ("side", "unions"),
    [
        ("client", (sdk.ClientEvent, sdk.ConnectClientEvent)),
        ("server", (sdk.ServerEvent, sdk.ConnectServerEvent)),
    ],
)
def test_the_table_names_each_event_of_the_sdk_once(side: str, unions: tuple[object, ...]) -> None:
    table = PAGE.split(f"| {side} event | emulated | remarks |")[1].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.count("|") > 3]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    events = {
        get_args(model.model_fields["type"].annotation)[0]
        for union in unions
        for model in get_args(get_args(union)[0])
    }
    assert sorted(named) == sorted(events)


def test_the_sdk_that_is_named_is_the_one_that_is_tested() -> None:
    named = set(re.findall(r"`?openai`? (\d+\.\d+)", PAGE))
    assert named == {".".join(version("openai").split(".")[:2])}
