"""Functions as tools: schema from the signature, arguments validated, errors told to the model."""

from soundstage.tools.builtin_tools import GIVE_FLOOR, GiveFloorTool, MockTool
from soundstage.tools.function_tool import FunctionTool, Mark, mark_of, methods_of, tool
from soundstage.tools.mcp_server import McpServer
from soundstage.tools.tool_answer import (
    MOST_OUTPUT,
    Answer,
    answer,
    answer_async,
    failed,
    late,
    never_waits,
)
from soundstage.tools.tool_protocol import ReadyTool, ServedTool, Tool, ToolError

__all__ = [
    "GIVE_FLOOR",
    "MOST_OUTPUT",
    "Answer",
    "FunctionTool",
    "GiveFloorTool",
    "Mark",
    "McpServer",
    "MockTool",
    "ReadyTool",
    "ServedTool",
    "Tool",
    "ToolError",
    "answer",
    "answer_async",
    "failed",
    "late",
    "mark_of",
    "methods_of",
    "never_waits",
    "tool",
]
