"""Tools of a real server that speaks the Model Context Protocol over its standard streams."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from soundstage.errors import ToolServerFailed, UsageError
from soundstage.tools import Answer, McpServer, answer_async
from soundstage.units import samples_of_seconds

pytestmark = pytest.mark.realtime

SERVER = (sys.executable, str(Path(__file__).parent / "dummy_mcp_server.py"))
KEY = "sk-planted-7f3a9c21"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    pytest.importorskip("mcp", reason="the extra soundstage[mcp] is not installed")


def test_the_tools_of_a_server_are_listed_and_called() -> None:
    async def run() -> tuple[list[str], list[Answer]]:
        server = McpServer("stock", command=SERVER, env={"STOCK_NAME": "the shop"})
        tools = {tool.name: tool for tool in await server.open()}
        within = samples_of_seconds(20)
        calls = [("in_stock", '{"item": "kettle"}'), ("in_stock", '{"item": "unicorn"}')]
        calls += [("in_stock", "{}"), ("greet", "{}"), ("manual", "{}")]
        try:
            return sorted(tools), [
                await answer_async(tools[name], name, text, within=within) for name, text in calls
            ]
        finally:
            await server.close()

    names, (found, missing, wrong, greeting, manual) = asyncio.run(run())
    assert names == ["greet", "in_stock", "manual"]
    assert json.loads(found.output) == {"count": 6}
    assert "there are no unicorns" in missing.error
    assert "Field required" in wrong.error
    assert json.loads(greeting.output) == {"result": "I am the shop"}
    assert json.loads(manual.output)["result"].splitlines() == [
        "Boil water.",
        "[a file, application/pdf, 3 bytes, file:///a.pdf: it cannot be given to the model]",
        "prices, https://shop.test/prices",
        "[an image, image/png, 4 bytes: it cannot be given to the model]",
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("/nosuch/program",), "No such file"),
        ((sys.executable, "-c", f"import sys; sys.exit('bad luck with {KEY}')"), "bad luck with"),
    ],
)
def test_a_server_that_does_not_start_says_why_and_no_secret(
    command: tuple[str, ...], said: str
) -> None:
    server = McpServer("stock", command=command, env={"KEY": KEY})
    with pytest.raises(ToolServerFailed, match="the MCP server stock could not be used") as raised:
        asyncio.run(server.open())
    assert said in str(raised.value)
    assert KEY not in str(raised.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(UsageError, match=r"soundstage\[mcp\]"):
        McpServer("stock", command=SERVER)
