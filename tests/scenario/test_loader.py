from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from soundstage.config.values import TEXT_LIMIT, Duration
from soundstage.errors import KeyMissing, ScenarioError
from soundstage.scenario import hears, load_scenario


def fault_of(path, **options):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, **options)
    [fault] = caught.value.faults
    return fault


def test_the_shortest_scenario_has_all_the_defaults(write, call):
    scenario = load_scenario(write(call))
    assert (scenario.name, scenario.stem, scenario.seed) == ("call", "call", 0)
    assert list(scenario.agents) == ["alice", "bob"]
    assert hears(scenario) == {"alice": ("bob",), "bob": ("alice",)}
    assert (scenario.end.turns, scenario.end.max) == (4, Duration("5m"))
    assert scenario.end.has_conditions
    assert scenario.record.tracks == ("said",)
    assert scenario.speech.vad == "silero"
    assert scenario.under_test == frozenset({"alice", "bob"})
    assert scenario.warnings == ()


@pytest.mark.parametrize(
    ("table", "count", "most"),
    [
        ("[agents.a{}]", 10_000, "500"),
        ("[rooms.a{}]", 501, "500"),
        ("[[cues]] # {}", 10_001, "10,000"),
    ],
)
def test_too_many_tables_are_refused_before_anything_looks_at_them_in_pairs(
    write, call, table, count, most
):
    path = write(call + "\n" + "\n".join(table.format(number) for number in range(count)))
    assert f"and a scenario has at most {most}: play several" in str(fault_of(path))


def test_a_scenario_cannot_be_changed(write, call):
    scenario = load_scenario(write(call))
    with pytest.raises(dataclasses.FrozenInstanceError):
        scenario.file = None
    with pytest.raises(ValueError, match="frozen"):
        scenario.end.turns = 5


def test_max_alone_is_the_declared_end(write, call):
    scenario = load_scenario(write(call.replace("turns = 4", 'max = "30s"')))
    assert not scenario.end.has_conditions
    assert scenario.end.max == Duration("30s")


def test_the_seed_of_the_command_line_wins(write, call):
    path = write("[scenario]\nseed = 7\n" + call)
    assert load_scenario(path).seed == 7
    assert load_scenario(path, seed=9).seed == 9


def test_one_way_links_make_one_edge(write, call):
    path = write(call + '[agents.carol]\n[[links]]\nfrom = "alice"\nto = "carol"\n')
    assert hears(load_scenario(path)) == {"alice": ("bob",), "bob": ("alice",), "carol": ("alice",)}


def test_two_one_way_links_in_opposite_directions_are_a_pair(write, call):
    path = write(
        call.replace('between = ["alice", "bob"]\n', 'from = "alice"\nto = "bob"\n')
        + '[[links]]\nfrom = "bob"\nto = "alice"\n'
    )
    assert hears(load_scenario(path)) == {"alice": ("bob",), "bob": ("alice",)}


def test_an_agent_that_nobody_is_joined_to_is_warned_about(write, call):
    [warning] = load_scenario(write(call + "[agents.carol]\n")).warnings
    assert (
        warning == "call.toml:13: agents.carol: hears no other agent, and no other agent hears it"
    )


def test_tools_are_found_with_their_functions(write, call):
    path = write(
        call.replace('voice = "ash"', 'tools = ["pay", "refund", "here"]')
        + """
[tools.pay]
python = "dummy_kinds:pay"
mock = [{ when = { amount = 3 }, returns = { paid = 3.0 } }, { error = "no money" }]
latency = ["100ms", "200ms"]
[tools.refund]
description = "Pays back."
parameters = { type = "object", properties = { order = { type = "string" } } }
mock = [{ returns = "done" }]
[tools.here]
python = "./tools.py:here"
""",
        tools__py="def here(): return 'here'\n",
    )
    tools = load_scenario(path).tools
    assert tools["pay"].function.call({"amount": 2.0}) == "paid 2.0"
    assert tools["pay"].settings.mock[1].error == "no money"
    assert tools["refund"].function is None
    assert tools["refund"].settings.timeout == Duration("10s")
    assert tools["here"].function.call({}) == "here"


def test_the_decorator_speaks_where_the_table_says_nothing(write, call):
    path = write(
        call
        + """
[tools.slow]
python = "./tools.py:slow"
[tools.quick]
python = "./tools.py:slow"
timeout = "1s"
""",
        tools__py="""
from soundstage import tool

@tool(timeout="3s", latency="2s")
def slow():
    return 1
""",
    )
    tools = load_scenario(path).tools
    assert tools["slow"].settings.timeout == Duration("3s")
    assert tools["slow"].settings.latency.longest == Duration("2s")
    assert tools["quick"].settings.timeout == Duration("1s")


def test_an_agent_serves_a_tool_that_is_a_method_of_its_class(write, call):
    path = write(
        call
        + """
[agents.shop]
kind = "./shop.py:Shop"
[tools.refund]
agent = "shop"
""",
        shop__py="""
from soundstage import Agent, tool

class Shop(Agent):
    @tool
    def refund(self, order: int):
        "Pays back."
""",
    )
    scenario = load_scenario(path)
    assert scenario.tools["refund"].function.definition()["description"] == "Pays back."
    assert not scenario.warnings


def test_the_variables_of_a_server_of_tools_come_from_the_environment(write, call, monkeypatch):
    path = write(
        call.replace('voice = "ash"', 'tools = ["stock"]')
        + """
[tools.stock]
mcp = { command = ["stock"], env = { TOKEN = "${STOCK_TOKEN}", PLAIN = "x" } }
"""
    )
    with pytest.raises(KeyMissing, match="STOCK_TOKEN"):
        load_scenario(path)
    monkeypatch.setenv("STOCK_TOKEN", "planted-secret")
    tool = load_scenario(path).tools["stock"]
    assert {key: value.reveal() for key, value in tool.env.items()} == {
        "TOKEN": "planted-secret",
        "PLAIN": "x",
    }
    assert "planted-secret" not in repr(tool)


def test_a_rule_may_only_call_the_tools_of_its_agent(write, call):
    path = write(
        call + '[tools.pay]\npython = "dummy_kinds:pay"\n[agents.bob.local]\n'
        'rules = [{ tool = "pay", say = "Paid." }]\n'
    )
    assert fault_of(path) == (
        'call.toml:16: agents.bob.local.rules[0]: the agent has no tool "pay" in its tools; '
        "it has none"
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty: a scenario has"),
        (b"# nothing yet\n", "is empty: a scenario has"),
        (b"[scenario]\nname = 'caf\xe9'\n", "is not UTF-8, from line 2 on"),
        ("[scenario]\n".encode("utf-16"), "is not UTF-8, from line 1 on (it looks like UTF-16)"),
        (b"#" * (10 * TEXT_LIMIT), "is larger than 1 MiB"),
        (b"\x00" * 100, "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path, monkeypatch, content, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.toml").write_bytes(content)
    fault = fault_of("odd.toml")
    assert fault.startswith("odd.toml")
    assert why in fault


def test_a_byte_order_mark_does_no_harm(write, call, tmp_path):
    write(call)
    (tmp_path / "bom.toml").write_text("\ufeff" + call, encoding="utf-8")
    assert load_scenario(tmp_path / "bom.toml").stem == "bom"


def test_a_folder_and_a_file_that_is_not_there_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.toml").mkdir()
    assert fault_of("folder.toml") == "folder.toml: is a folder, not a file"
    assert fault_of("absent.toml") == "absent.toml: does not exist"
    assert fault_of(tmp_path / "absent").endswith("absent: does not exist")


def test_a_file_with_more_faults_than_anybody_reads_is_cut_short(write, call):
    many = "\n".join(f"x{n} = 1" for n in range(500))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(many + call))
    assert len(caught.value.faults) == 101
    assert caught.value.faults[-1] == "… and 400 more"


def test_faults_stand_in_the_order_of_their_lines(write):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write("[end]\nturns = 0\n[agents]\nb = 1\na = 2\n[scenario]\nx = 1\n"))
    lines = [fault.split(":")[1] for fault in caught.value.faults]
    assert lines == [" no agent hears another one", "2", "4", "5", "7"]


def test_reading_a_scenario_loads_nothing_heavy(write, call):
    program = (
        "import sys; from soundstage.scenario import load_scenario, json_schema\n"
        "load_scenario('call.toml'), json_schema()\n"
        "heavy = 'aiortc av onnxruntime ctranslate2 sounddevice fastapi'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    write(call)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"
