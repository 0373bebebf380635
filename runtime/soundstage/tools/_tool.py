"""A tool: what a model is told of it, and how it is run."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, Protocol, cast

from msgspec import Struct
from pydantic import ConfigDict, TypeAdapter, ValidationError, create_model

from soundstage.units import Samples
from soundstage.values import DurationRange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Tool(Protocol):
    """Something that a model can call by name."""

    name: str

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        ...

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Run it; what it returns must be JSON, what it raises is told to the model."""
        ...


class ReadyTool(Struct, frozen=True):
    """A tool as an agent is given it.

    Attributes:
        tool: what is called.
        timeout: how long it may take; the model is told when it took longer.
        latency: how long it is made to take, or None where it takes its own time.
    """

    tool: Tool
    timeout: Samples
    latency: DurationRange | None = None


class Answer(Struct, frozen=True):
    """What goes back to the model.

    Attributes:
        output: JSON text.
        error: why it failed, or empty.
    """

    output: str
    error: str = ""


class FunctionTool:
    """A Python function; its schema comes from its type hints, its description from its docstring.

    Args:
        name: what the model calls it.
        function: a plain function whose parameters all have type hints.
    """

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        self.name = name
        self._function = function
        fields: dict[str, Any] = {}
        for parameter in inspect.signature(function, eval_str=True).parameters.values():
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (parameter.annotation, default)
        config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
        self._arguments = create_model(name, __config__=config, **fields)

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        schema = self._arguments.model_json_schema()
        return _definition(self.name, inspect.getdoc(self._function) or "", schema)

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Validate the arguments and call the function."""
        checked = self._arguments.model_validate(arguments)
        return self._function(**{name: getattr(checked, name) for name in arguments})


class MockTool:
    """Answers in a function's place, as the scenario says.

    Args:
        name: what the model calls it.
        description: what the model is told.
        parameters: the JSON Schema of its arguments.
        answers: tried in order: arguments that must be there, and what is returned or raised.
    """

    def __init__(
        self,
        name: str,
        description: str,
        parameters: dict[str, Any],
        answers: tuple[tuple[Callable[[Mapping[str, Any]], bool], object, str | None], ...],
    ) -> None:
        self.name = name
        self._description = description
        self._parameters = parameters
        self._answers = answers

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return _definition(self.name, self._description, self._parameters)

    def call(self, arguments: Mapping[str, Any]) -> object:
        """The first answer whose arguments match.

        Raises:
            LookupError: none does, or the one that does is an error.
        """
        for matches, returns, error in self._answers:
            if matches(arguments):
                if error is not None:
                    raise LookupError(error)
                return returns
        raise LookupError(f"no mock of {self.name} is for these arguments")


def answer(tool: Tool | None, name: str, arguments: str) -> Answer:
    """Run a tool as a model asked for it; never raises: the model is told what went wrong."""
    if tool is None:
        return _failed(f"there is no tool called {name}")
    try:
        value = json.loads(arguments or "{}")
        if not isinstance(value, dict):
            return _failed(f"the arguments of {name} must be a JSON object")
        given = cast("dict[str, Any]", value)
        return Answer(_JSON.dump_json(tool.call(given)).decode())
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return _failed(f"wrong arguments for {name}: {wrong}")
    except Exception as error:  # noqa: BLE001 - whatever a tool raises is for the model to know
        return _failed(f"{type(error).__name__}: {error}")


def _failed(message: str) -> Answer:
    return Answer(json.dumps({"error": message}), message)


def _definition(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
    }


_JSON: TypeAdapter[object] = TypeAdapter(object)
