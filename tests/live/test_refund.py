"""The refund live: what is expected of it holds there as it does in simulated time.

Which words are said and which tools are called is the same on both clocks. What is a matter of time
(`prompt`, `yields`) is of the machine too: one that is too busy may make it late. Then it fails for
that reason only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage import run_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime


OF_TIME = {"prompt": "above_limit", "yields": "not_stopped"}
"""What a machine that is too busy can delay, and as what that is told."""


@pytest.mark.prove  # a minute of talk, in real time
@pytest.mark.timeout(300)
def test_the_same_file_has_the_same_results_live_and_simulated(tmp_path: Path) -> None:
    simulated = run_scenario("refund", out=tmp_path / "virtual")
    live = run_scenario("refund", clock="wall", out=tmp_path / "wall", check=False)
    if live.reason == "start":
        pytest.skip(f"the live run could not begin: {live.cause}")
    wanted = {each.id: each.status for each in simulated.expectations}
    found = {each.id: each for each in live.expectations}
    late = {name for name, kind in OF_TIME.items() if found[name].kind == kind}
    print("later than simulated:", *(f"{name} {found[name].measured:.2f} s" for name in late))
    assert {name: each.status for name, each in found.items() if name not in late} == {
        name: status for name, status in wanted.items() if name not in late
    }
    assert live.exit_code == (1 if late else simulated.exit_code)
    assert [call.arguments for call in live.tool_calls()] == [
        call.arguments for call in simulated.tool_calls()
    ]
