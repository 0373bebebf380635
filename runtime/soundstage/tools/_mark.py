"""The decorator: a function or an agent's method is a tool."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from msgspec import Struct

from soundstage.config.values import Duration, DurationRange
from soundstage.errors import UsageError
from soundstage.tools._function import FunctionTool
from soundstage.tools._tool import TIMEOUT
from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

Function = TypeVar("Function", bound=Callable[..., object])

_MARK: Final = "__soundstage_tool__"


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
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        if mark_of(method) is None:
            continue
        if inspect.iscoroutinefunction(method):
            raise UsageError(f"{name} cannot be a tool of an agent: an actor never waits")
        bound = getattr(owner, name) if owner is not kind else method.__get__(object())
        found[name] = FunctionTool(name, bound)
    return found
