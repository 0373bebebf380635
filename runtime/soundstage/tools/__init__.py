"""Functions as tools: schema from the signature, arguments validated, errors told to the model."""

from soundstage.tools._tool import Answer, FunctionTool, MockTool, ReadyTool, Tool, answer

__all__ = ["Answer", "FunctionTool", "MockTool", "ReadyTool", "Tool", "answer"]
