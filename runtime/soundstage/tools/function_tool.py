"""Python functions as tools: the schema comes from the type hints, the text from the docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast, overload

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, create_model
from pydantic.fields import FieldInfo

from soundstage.config.values import Duration, DurationRange
from soundstage.errors import UsageError
from soundstage.tools.tool_protocol import TIMEOUT, definition_of
from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

Function = TypeVar("Function", bound=Callable[..., object])

_MARK: Final = "__soundstage_tool__"

_CONFIG: Final = ConfigDict(extra="forbid", validate_default=False)
_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

_SECTION: Final = re.compile(r"^(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Note):$")
_ARGUMENT: Final = re.compile(r"^\*{0,2}(\w+)(?: ?\([^)]*\))?: ?(.*)$")


class FunctionTool:
    """A Python function; its schema comes from its type hints, its description from its docstring.

    The section `Args:` of a docstring describes the arguments. A coroutine function, or an object
    whose `__call__` is one, is awaited; any other may block. What an other one returns is awaited
    too where it can be: a decorator may hide that a function is a coroutine function.

    Args:
        name: what the model calls it.
        function: all its parameters have names and type hints.

    Attributes:
        function: what is called.

    Raises:
        UsageError: it cannot be a tool: a hint is missing, or names a type that JSON cannot say; or
            it is an async generator.
    """

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        self.name = name
        if _is_any(inspect.isasyncgenfunction, function, inspect.unwrap(function)):
            raise UsageError(
                f"{name} cannot be a tool: it is an async generator, and a tool has one result; "
                "return a list in place of yield"
            )
        self.is_async = _is_any(inspect.iscoroutinefunction, function)
        self.function = function
        self._description, described = read_docstring(function)
        try:
            signature = inspect.signature(function, eval_str=True)
            parameters = list(signature.parameters.values())
            self._arguments = _model(name, parameters, described)
            # Python itself puts no value in for these, or the `Field(...)` in place of its value.
            self._passed = {p.name for p in parameters if _has_no_default(p)}
            self._schema = _plain(self._arguments.model_json_schema())
        except (NameError, TypeError, ValueError, PydanticUserError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"{name} cannot be a tool: {reason}") from error

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return definition_of(self.name, self._description, self._schema)

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Validate the arguments and call the function.

        Raises:
            ValidationError: the arguments are not what the hints say.
        """
        checked = self._arguments.model_validate(arguments)
        given = {
            str(field.alias): getattr(checked, name)
            for name, field in type(checked).model_fields.items()
            if name in checked.model_fields_set or field.alias in self._passed
        }
        return self.function(**given)


def _model(
    name: str, parameters: list[inspect.Parameter], described: Mapping[str, str]
) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for number, parameter in enumerate(parameters):
        if parameter.kind not in _NAMED:
            raise TypeError(f"its parameter {parameter} cannot be given by name")
        if parameter.annotation is parameter.empty:
            raise TypeError(f"its parameter {parameter.name} has no type hint")
        hint = parameter.annotation
        default = ... if parameter.default is parameter.empty else parameter.default
        if isinstance(default, FieldInfo):
            hint, default = Annotated[hint, default], ...
        if parameter.name in described:
            hint = Annotated[hint, Field(description=described[parameter.name])]
        # By number, for a parameter may have any name, those of a model's own methods too.
        fields[f"argument_{number}"] = (
            hint,
            Field(default, alias=parameter.name, validation_alias=parameter.name),
        )
    model: type[BaseModel] = create_model(name, __config__=_CONFIG, **fields)
    return model


def _has_no_default(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty or isinstance(parameter.default, FieldInfo)


def _is_any(kind: Callable[[Any], bool], *functions: Callable[..., object]) -> bool:
    """Whether one of them, or the `__call__` of one that is an object, is a function of a kind."""
    return any(
        kind(each) or kind(inspect.getattr_static(type(each), "__call__")) for each in functions
    )


def _plain(schema: Any) -> Any:
    """The schema without the titles that pydantic makes of every name."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, Any]", schema)
    return {
        key: {name: _plain(value) for name, value in each.items()}
        if key in {"properties", "$defs"}
        else _plain(each)
        for key, each in fields.items()
        if not (key == "title" and isinstance(each, str))
    }


class Mark(Struct, frozen=True):
    """What the decorator says of a tool.

    Attributes:
        timeout: how long it may take.
        latency: how long it takes on the virtual clock.
    """

    timeout: Samples = TIMEOUT
    latency: DurationRange = DurationRange(Duration("0ms"), Duration("0ms"))


@overload
def tool(function: Function, /) -> Function: ...


@overload
def tool(*, timeout: str = ..., latency: str = ...) -> Callable[[Function], Function]: ...


def tool(
    function: Function | None = None, /, *, timeout: str = "10s", latency: str = "0ms"
) -> Function | Callable[[Function], Function]:
    """Mark a function, or a method of an agent, as a tool; it stays what it is.

    Args:
        function: it has type hints and a docstring; a method is no coroutine, for an actor never
            waits.
        timeout: how long it may take, as `"5s"`.
        latency: how long it takes on the virtual clock, as `"800ms"`.
    """
    time = Duration(latency)
    mark = Mark(Duration(timeout), DurationRange(time, time))

    def put(marked: Function) -> Function:
        setattr(marked, _MARK, mark)
        return marked

    return put if function is None else put(function)


def mark_of(function: object) -> Mark | None:
    """What the decorator says of a function; None where it was not used."""
    mark = getattr(function, _MARK, None)
    return mark if isinstance(mark, Mark) else None


def methods_of(owner: object) -> Mapping[str, FunctionTool]:
    """The methods that are tools, by name.

    Args:
        owner: an agent, whose methods can then be called; or its class, for the definitions alone.

    Raises:
        UsageError: one of them cannot be a tool.
    """
    found: dict[str, FunctionTool] = {}
    kind: type[Any] = owner if isinstance(owner, type) else type(owner)
    for name, method in _marked_methods(cast("Hashable", kind)):
        if _is_any(inspect.iscoroutinefunction, method, inspect.unwrap(method)):
            raise UsageError(f"{name} cannot be a tool of an agent: an actor never waits")
        bound = getattr(owner, name) if owner is not kind else method.__get__(object())
        found[name] = FunctionTool(name, bound)
    return found


@lru_cache(maxsize=256)
def _marked_methods(kind: Hashable) -> tuple[tuple[str, Any], ...]:
    """The methods of a class that are marked as tools, by name; looked through once for a class."""
    members = ((name, inspect.getattr_static(kind, name)) for name in dir(kind))
    return tuple((name, member) for name, member in members if mark_of(member) is not None)


def read_docstring(function: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """The text before the first section, and the description of each argument (Google style)."""
    lines = (inspect.getdoc(function) or "").splitlines()
    heads = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    description = "\n".join(lines[: heads[0] if heads else None]).strip()
    return description, _arguments(lines, heads)


def _arguments(lines: list[str], heads: list[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for head, end in pairwise((*heads, len(lines))):
        if not lines[head].startswith(("Args", "Arg", "Param")):
            continue
        name = ""
        body = [line for line in lines[head + 1 : end] if line.strip()]
        margin = min((len(line) - len(line.lstrip()) for line in body), default=0)
        for line in body:
            started = _ARGUMENT.match(line[margin:])
            if started is not None:
                name = started[1]
                found[name] = started[2].strip()
            elif name:
                found[name] = f"{found[name]} {line.strip()}".strip()
    return found
