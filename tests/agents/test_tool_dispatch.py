"""A Realtime agent and its tools, in simulated time."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest
from dummy_stage import agent_context
from dummy_wire import DummyWire

from soundstage.kernel import Actor, Address, Policy, SimulatedKernel
from soundstage.messages import Entry
from soundstage.messages.events import ToolCalled, ToolDropped, ToolReturned
from soundstage.run.tool_runner import ToolRunner
from soundstage.scenario import load_scenario
from soundstage.speech import Engines
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = """
[agents.bot]
kind = "{kind}"
tools = {tools}
on_fault = "restart"
[agents.guest]
[agents.shop]
kind = "./tools.py:Shop"
[[links]]
between = ["bot", "guest"]
[tools.add]
python = "./tools.py:add"
latency = "800ms"
[tools.add_later]
python = "./tools.py:add_later"
[tools.hang]
python = "./tools.py:hang"
timeout = "200ms"
[tools.slow]
python = "./tools.py:add"
latency = "3s"
timeout = "2s"
[tools.mocked]
python = "./tools.py:add"
mock = [{{ returns = "mocked" }}]
[tools.refund]
agent = "shop"
[end]
max = "1m"
"""

TOOLS = """
import threading
from soundstage import Agent, tool
from soundstage_agents.realtime import RealtimeAgent

go = threading.Event()

def add(a: int, b: int) -> int:
    "Adds."
    return a + b

async def add_later(a: int, b: int) -> int:
    "Adds, as a coroutine."
    return a + b

def hang() -> None:
    "Waits for longer than it may."
    go.wait(3)

class Shop(Agent):
    def __init__(self, given):
        super().__init__(given)
        self.refunds = 0

    @tool
    def refund(self, order: str) -> dict:
        "Pays back."
        self.refunds += 1
        return {"order": order, "refunds": self.refunds, "thread": threading.get_ident()}

class Own(RealtimeAgent):
    @tool(latency="100ms")
    def whoami(self) -> str:
        "Says its name."
        return self.context.name
"""


class Journal(Actor):
    """Keeps the events."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self._kept = kept

    def on_receive(self, message: Any) -> None:
        if isinstance(message, Entry):
            self._kept.append(message.event)


class Call:
    """A bot on a simulated kernel, its far end in the test's hands."""

    def __init__(
        self,
        folder: Path,
        *tools: str,
        kind: str = "realtime",
        asked: dict[str, Address] | None = None,
    ) -> None:
        (folder / "tools.py").write_text(TOOLS)
        file = folder / "call.toml"
        file.write_text(SCENARIO.format(tools=list(tools), kind=kind))
        self.scenario = load_scenario(file)
        self.kernel = SimulatedKernel()
        self.agents = {name: self.kernel.address(name) for name in ("bot", "shop")}
        self.bench = ToolRunner(self.scenario, self.agents | (asked or {}), is_instant=True)
        self.wires: list[DummyWire] = []
        self.log: list[Any] = []

    def __enter__(self) -> Self:
        self.bench.__enter__()
        journal = self.kernel.spawn("journal", lambda: Journal(self.log))
        for name in self.agents:
            self._spawn(name, journal)
        self.run(0.1)
        return self

    def __exit__(self, *error: object) -> None:
        self.kernel.close()
        self.bench.__exit__(None, None, None)

    def _spawn(self, name: str, journal: Address) -> None:
        declared = self.scenario.agents[name]
        given = agent_context(
            name=name,
            settings=declared.settings,
            mixer=journal,
            journal=journal,
            hears=(),
            engines=Engines(),
            voice="alloy",
            stream=random.Random,
            run_tool=self.bench.run,
            open_wire=lambda _: self._wire(),
            tools=self.bench.tools_of(name),
        )
        policy = Policy(on_fault=declared.settings.on_fault)
        self.kernel.spawn(self.agents[name], lambda: declared.agent_class(given), policy=policy)

    def _wire(self) -> DummyWire:
        self.wires.append(DummyWire())
        return self.wires[-1]

    @property
    def wire(self) -> DummyWire:
        return self.wires[-1]

    def run(self, seconds: float) -> None:
        self.kernel.wait(lambda: False, samples_of_seconds(seconds))

    def logged(self, kind: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]


def test_results_come_after_the_declared_latency_together_and_with_one_request(
    tmp_path: Path,
) -> None:
    with Call(tmp_path, "add", "add_later", "mocked") as call:
        call.wire.call(
            "r1",
            ("c1", "add", '{"a": 1, "b": 2}'),
            ("c2", "add_later", '{"a": 3, "b": 4}'),
            ("c3", "mocked", "{}"),
        )
        call.run(0.7)
        assert call.wire.answers() == []
        call.run(0.2)
        assert call.wire.answers() == [
            ("c1", 3),
            ("c2", 7),
            ("c3", "mocked"),
            ("", "response.create"),
        ]
        latencies = {e.tool: seconds_of(e.latency) for e in call.logged(ToolReturned)}
        assert latencies == {"add": 0.8, "add_later": 0, "mocked": 0}


def test_a_call_is_made_once_however_often_it_is_told(tmp_path: Path) -> None:
    with Call(tmp_path, "refund") as call:
        for response in ("r1", "r2"):
            call.wire.call(response, ("c1", "refund", '{"order": "X"}'))
        call.run(0.1)
        assert [event.call for event in call.logged(ToolCalled)] == ["c1"]
        [(_, result), (_, request)] = call.wire.answers()
        assert result["refunds"] == 1
        assert request == "response.create"


def test_the_calls_of_a_cut_response_are_dropped_and_logged(tmp_path: Path) -> None:
    with Call(tmp_path, "add") as call:
        call.wire.call("r1", ("c1", "add", '{"a": 1, "b"'), status="cancelled")
        call.run(1)
        assert call.wire.answers() == []
        assert call.logged(ToolCalled) == []
        [dropped] = call.logged(ToolDropped)
        assert (dropped.call, dropped.tool, dropped.reason) == ("c1", "add", "cut")


@pytest.mark.realtime
def test_a_tool_that_hangs_is_late_in_virtual_time(tmp_path: Path) -> None:
    with Call(tmp_path, "hang") as call:
        call.wire.call("r1", ("c1", "hang", "{}"))
        call.run(0.15)
        assert call.wire.answers() == []
        call.run(0.1)
        error = "hang did not answer within 0.2 s"
        assert call.wire.answers() == [("c1", {"error": error}), ("", "response.create")]
        [returned] = call.logged(ToolReturned)
        assert (returned.error, seconds_of(returned.latency)) == (error, 0.2)


def test_a_tool_that_takes_longer_than_it_may_is_late_too(tmp_path: Path) -> None:
    with Call(tmp_path, "slow") as call:
        call.wire.call("r1", ("c1", "slow", '{"a": 1, "b": 2}'))
        call.run(5)
        [(_, answer), _] = call.wire.answers()
        assert answer == {"error": "slow did not answer within 2 s"}
        assert len(call.logged(ToolReturned)) == 1


def test_a_tool_that_does_not_exist_is_answered(tmp_path: Path) -> None:
    with Call(tmp_path, "mocked") as call:
        call.wire.call("r1", ("c1", "nosuch", "{}"))
        call.run(0.1)
        [(_, answer), _] = call.wire.answers()
        assert answer == {"error": "there is no tool called nosuch"}


def test_an_agent_serves_its_methods_in_its_own_turns_and_keeps_their_state(
    tmp_path: Path,
) -> None:
    with Call(tmp_path, "refund") as call:
        [refund] = call.wire.sent[0]["session"]["tools"]
        assert refund["description"] == "Pays back."
        call.wire.call("r1", ("c1", "refund", '{"order": "X"}'))
        call.wire.call("r2", ("c2", "refund", '{"order": "Y"}'))
        call.wire.call("r3", ("c3", "refund", '{"order": 3}'))
        call.run(0.1)
        results = dict(call.wire.answers())
        assert [results["c1"]["refunds"], results["c2"]["refunds"]] == [1, 2]
        assert results["c1"]["thread"] == threading.get_ident()
        assert "order: Input should be a valid string" in results["c3"]["error"]


def test_an_agents_own_methods_are_its_tools(tmp_path: Path) -> None:
    with Call(tmp_path, "mocked", kind="./tools.py:Own") as call:
        assert [t["name"] for t in call.wire.sent[0]["session"]["tools"]] == ["mocked", "whoami"]
        call.wire.call("r1", ("c1", "whoami", "{}"))
        call.run(0.09)
        assert call.wire.answers() == []
        call.run(0.02)
        assert call.wire.answers()[0] == ("c1", "bot")


def test_the_result_for_an_agent_that_was_restarted_is_dropped_and_logged(tmp_path: Path) -> None:
    with Call(tmp_path, "slow", "add") as call:
        first = call.wire
        first.call("r1", ("c1", "add", '{"a": 1, "b": 2}'))
        call.run(0.1)
        first.say("error", error={"code": "session_expired", "message": "expired"})
        call.run(3)
        assert len(call.wires) == 2
        assert first.answers() == call.wire.answers() == []
        [dropped] = call.logged(ToolDropped)
        assert (dropped.call, dropped.reason) == ("c1", "ended")
        assert call.logged(ToolReturned) == []


def test_the_result_that_comes_after_the_run_is_dropped_and_logged(tmp_path: Path) -> None:
    with Call(tmp_path, "add") as call:
        call.wire.call("r1", ("c1", "add", '{"a": 1, "b": 2}'))
        call.run(0.1)
        call.kernel.stop([[call.agents["bot"]]], samples_of_seconds(1))
        call.run(2)
        assert call.wire.answers() == []
        assert [event.reason for event in call.logged(ToolDropped)] == ["ended"]


def test_an_agent_that_answers_late_is_logged(tmp_path: Path) -> None:
    held: list[object] = []
    with Call(tmp_path, "refund", asked={"shop": _Held("shop", held)}) as call:
        call.wire.call("r1", ("c1", "refund", '{"order": "X"}'))
        call.run(11)
        assert "did not answer within 10 s" in call.wire.answers()[0][1]["error"]
        for message in held:
            call.agents["shop"].tell(message)
        call.run(0.1)
        assert [event.reason for event in call.logged(ToolDropped)] == ["late"]
        assert len(call.wire.answers()) == 2


class _Held(Address):
    """Keeps what it is told for later."""

    def __init__(self, name: str, held: list[object]) -> None:
        self.name = name
        self._held = held

    def tell(self, message: object) -> None:
        self._held.append(message)
