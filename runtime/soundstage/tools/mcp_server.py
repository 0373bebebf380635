"""Tools of a server that speaks the Model Context Protocol, through its official SDK."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import ToolServerFailed, UsageError
from soundstage.secrets import mask
from soundstage.tools.tool_protocol import ToolError, definition_of
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp import Client
    from mcp.types import CallToolResult, ContentBlock

OPENS_WITHIN: Final[Samples] = samples_of_seconds(20)
CLOSES_WITHIN: Final[Samples] = samples_of_seconds(5)

_LAST_WORDS: Final = 300


class McpTool:
    """One tool of a server."""

    is_async = True

    def __init__(self, client: Client, definition: dict[str, Any]) -> None:
        self.name: str = definition["name"]
        self._client = client
        self._definition = definition

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return self._definition

    async def call(self, arguments: Mapping[str, Any]) -> object:
        """Have the server run it.

        Raises:
            ToolError: the server says that it failed.
        """
        result = await self._client.call_tool(self.name, dict(arguments))
        if result.is_error:
            raise ToolError(_text(result) or "the tool failed and does not say why")
        if result.structured_content is not None:
            return result.structured_content
        return {"result": _text(result)}


class McpServer:
    """A connection to a server, opened and closed on one event loop.

    Args:
        name: what the scenario calls it.
        command: starts the server, which then speaks over its standard input and output.
        env: variables for it, beside a few harmless ones of this process.
        url: where the server is reached, in place of a command.

    Raises:
        UsageError: the package `mcp` is not installed.
    """

    def __init__(
        self,
        name: str,
        *,
        command: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        url: str = "",
    ) -> None:
        try:
            import mcp  # noqa: PLC0415 - an optional extra
        except ImportError:
            raise UsageError(
                f"the tools of {name} come from an MCP server, and the package mcp is not "
                'installed: pip install "soundstage[mcp]"'
            ) from None
        self._mcp = mcp
        self._name = name
        self._command = tuple(command)
        self._env = dict(env or {})
        self._url = url
        self._serving: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    async def open(self) -> tuple[McpTool, ...]:
        """Start or reach the server, and ask what it offers.

        Raises:
            ToolServerFailed: it does not start, does not answer in time, or offers nothing.
        """
        opened: asyncio.Future[tuple[McpTool, ...]] = asyncio.get_running_loop().create_future()
        # The SDK is entered and left in one task, which is this one for as long as it is open.
        self._serving = asyncio.create_task(self._serve(opened))
        try:
            async with asyncio.timeout(seconds_of(OPENS_WITHIN)):
                return await opened
        except TimeoutError:
            await self.close()
            seconds = seconds_of(OPENS_WITHIN)
            raise ToolServerFailed(
                f"the MCP server {self._name} did not answer within {seconds:g} s"
            ) from None

    async def close(self) -> None:
        """End the connection, and the server where it was started here."""
        self._enough.set()
        if self._serving is None:
            return
        _, late = await asyncio.wait([self._serving], timeout=seconds_of(CLOSES_WITHIN))
        for task in late:
            task.cancel()

    async def _serve(self, opened: asyncio.Future[tuple[McpTool, ...]]) -> None:
        with tempfile.TemporaryFile("w+", errors="replace") as words:
            try:
                async with AsyncExitStack() as stack:
                    client = await stack.enter_async_context(self._client(words))
                    tools = await self._list(client)
                    if not opened.done():
                        opened.set_result(tools)
                    await self._enough.wait()
            except Exception as error:  # noqa: BLE001 - whatever the SDK raises, it is told
                if not opened.done():
                    opened.set_exception(ToolServerFailed(self._failure(error, words)))

    def _client(self, words: Any) -> Client:
        if self._url:
            return self._mcp.Client(self._url)
        first, *rest = self._command
        parameters = self._mcp.StdioServerParameters(command=first, args=rest, env=self._env)
        return self._mcp.Client(self._mcp.stdio_client(parameters, errlog=words))

    async def _list(self, client: Client) -> tuple[McpTool, ...]:
        found: list[McpTool] = []
        cursor: str | None = None
        while True:
            page = await client.list_tools(cursor=cursor)
            found += [
                McpTool(client, definition_of(t.name, t.description or "", t.input_schema))
                for t in page.tools
            ]
            cursor = page.next_cursor
            if cursor is None:
                return tuple(found)

    def _failure(self, error: Exception, words: Any) -> str:
        words.seek(0)
        said = words.read().strip()[-_LAST_WORDS:]
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        reason = f"{type(error).__name__}: {error}" + (f"; its last words: {said}" if said else "")
        reason = mask(reason, self._env.values())
        return f"the MCP server {self._name} could not be used: {reason}"


def _text(result: CallToolResult) -> str:
    return "\n".join(_text_of(part) for part in result.content)


def _text_of(part: ContentBlock) -> str:
    """A part of a result in words: nothing else reaches a model as the result of a function."""
    match part.type:
        case "text":
            return part.text
        case "resource_link":
            said = [part.title or part.name, part.description, part.mime_type, part.uri]
            return ", ".join(text for text in said if text)
        case "resource":
            resource = part.resource
            text: str | None = getattr(resource, "text", None)
            if text is not None:
                return text
            data: str = getattr(resource, "blob", "")
            return _not_shown("a file", resource.mime_type, data, resource.uri)
        case "image":
            return _not_shown("an image", part.mime_type, part.data)
        case "audio":
            return _not_shown("a sound", part.mime_type, part.data)


def _not_shown(kind: str, mime_type: str | None, data: str, *more: str) -> str:
    size = len(data.rstrip("=")) * 3 // 4  # of base64
    said = ", ".join((kind, *([mime_type] if mime_type else []), f"{size:,} bytes", *more))
    return f"[{said}: it cannot be given to the model]"
