"""What the guide to tools shows, as it stands there; and an MCP server in a whole run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "tools.md").read_text()


def test_the_warehouse_hands_out_what_is_there(run_scenario: RunScenario, tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?class Warehouse.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "warehouse.py").write_text(program.replace("kettle", "umbrella"))
    file = tmp_path / "shop.toml"
    file.write_text(
        """
[agents.clerk]
voice = "shimmer"
tools = ["take"]
[agents.clerk.local]
rules = [
  { heard = "umbrella", call = [{ tool = "take", args = { item = "umbrella" } }] },
  { tool = "take", say = "Here you are. We have {left} left." },
  { tool = "take", failed = true, say = "Sorry, we have run out." },
]
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["I need an umbrella.", "My brother needs an umbrella.", "And one umbrella for her."]
[agents.stock]
kind = "./warehouse.py:Warehouse"
[tools.take]
agent = "stock"
[[links]]
between = ["clerk", "caller"]
[end]
turns = 6
max = "1m"
"""
    )
    run = run_scenario(file)
    calls = run.tool_calls("take")
    assert [call.result for call in calls] == [{"left": 1}, {"left": 0}, None]
    assert calls[2].error == "there are only 0 of umbrella"
    assert {call.latency for call in calls} == {0.2}
    assert run.said_by("clerk").endswith("Sorry, we have run out.")


@pytest.mark.realtime
def test_the_tools_of_an_mcp_server_are_called_in_a_run(
    run_scenario: RunScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mcp", reason="the extra soundstage[mcp] is not installed")
    monkeypatch.setenv("SHOP_NAME", "the corner shop")
    server = ROOT / "tests" / "tools" / "dummy_mcp_server.py"
    file = tmp_path / "shop.toml"
    file.write_text(
        f"""
[agents.clerk]
voice = "shimmer"
tools = ["stock"]
[agents.clerk.local]
rules = [
  {{ heard = "any umbrella", call = [{{ tool = "in_stock", args = {{ item = "umbrella" }} }}] }},
  {{ heard = "who are you", call = [{{ tool = "greet" }}] }},
  {{ tool = "in_stock", say = "We have {{count}}." }},
  {{ tool = "greet", say = "{{result}}." }},
]
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["Is there any umbrella left?", "And who are you?"]
[tools.stock]
latency = "300ms"
mcp = {{ command = ["{sys.executable}", "{server}"], env = {{ STOCK_NAME = "${{SHOP_NAME}}" }} }}
[[links]]
between = ["clerk", "caller"]
[end]
turns = 4
max = "1m"
"""
    )
    run = run_scenario(file)
    assert [call.result for call in run.tool_calls()] == [
        {"count": len("umbrella")},
        {"result": "I am the corner shop"},
    ]
    assert {call.latency for call in run.tool_calls()} == {0.3}
    assert "corner" not in (run.folder / "result.json").read_text()


def test_a_server_that_does_not_start_makes_the_run_invalid(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    pytest.importorskip("mcp", reason="the extra soundstage[mcp] is not installed")
    file = tmp_path / "shop.toml"
    file.write_text(
        """
[agents.clerk]
tools = ["stock"]
[agents.caller]
[tools.stock]
mcp = { command = ["/nosuch/server"] }
[[links]]
between = ["clerk", "caller"]
[end]
turns = 1
"""
    )
    run = run_scenario(file, check=False)
    assert (run.outcome, run.exit_code) == ("invalid", 3)
