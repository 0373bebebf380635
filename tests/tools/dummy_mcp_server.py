"""A server of tools, as somebody else would write one: run as a program."""

from __future__ import annotations

import os

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("stock")


@server.tool()
def in_stock(item: str) -> dict[str, int]:
    """How many of an item there are."""
    if item == "unicorn":
        raise ToolError("there are no unicorns")
    return {"count": len(item)}


@server.tool()
def greet() -> str:
    """Says who it is."""
    return f"I am {os.environ.get('STOCK_NAME', 'nobody')}"


if __name__ == "__main__":
    server.run("stdio")
