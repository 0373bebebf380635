"""A server of tools, as somebody else would write one: run as a program."""

from __future__ import annotations

import os

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    BlobResourceContents,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextResourceContents,
)

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


@server.tool()
def manual() -> list[ContentBlock]:
    """Gives what is no plain text."""
    text = TextResourceContents(uri="file:///manual.txt", text="Boil water.")
    blob = BlobResourceContents(uri="file:///a.pdf", mime_type="application/pdf", blob="AAAA")
    link = ResourceLink(type="resource_link", name="prices", uri="https://shop.test/prices")
    return [
        EmbeddedResource(type="resource", resource=text),
        EmbeddedResource(type="resource", resource=blob),
        link,
        ImageContent(type="image", data="AAAAAA==", mime_type="image/png"),
    ]


if __name__ == "__main__":
    server.run("stdio")
