"""Functions as tools: schema from the signature, arguments validated, errors told to the model."""

from soundstage.tools._answer import MOST_OUTPUT, Answer, answer, answer_async, failed, late
from soundstage.tools._function import FunctionTool
from soundstage.tools._give_floor import GIVE_FLOOR, GiveFloorTool
from soundstage.tools._mark import Mark, mark_of, methods_of, tool
from soundstage.tools._mcp import McpServer
from soundstage.tools._mock import MockTool
from soundstage.tools._tool import ReadyTool, ServedTool, Tool, ToolError

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
    "tool",
]
