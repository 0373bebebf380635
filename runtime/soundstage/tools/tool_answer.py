"""Answering a tool call: the arguments are read, the tool is run, its result or error is told."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from msgspec import Struct
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from soundstage.errors import error_text, is_interrupt
from soundstage.json_text import DEEPEST, is_too_deep, valid_text
from soundstage.tools.tool_protocol import ToolError
from soundstage.units import Samples, seconds_of

if TYPE_CHECKING:
    from soundstage.tools.tool_protocol import Tool

MOST_OUTPUT: Final = 30_000
"""Bytes of a result: twice as many, quotes escaped, must fit a data channel's 64 KiB message."""

_LONGEST_ERROR: Final = 2_000


class Answer(Struct, frozen=True):
    """What goes back to the model.

    Attributes:
        output: JSON text.
        error: why it failed, or empty.
        is_late: whether the tool took too long.
    """

    output: str
    error: str = ""
    is_late: bool = False


def never_waits(result: Awaitable[object]) -> object:
    """What an actor does with a result that would have to be awaited: it says that it cannot.

    Raises:
        ToolError: always.
    """
    if inspect.iscoroutine(result):
        result.close()  # Python would warn that it was never awaited.
    raise ToolError("it is a coroutine, which an agent cannot await: an actor never waits")


def wait_in_thread(result: Awaitable[object]) -> object:
    """Await a result on an event loop of its own, in the thread that a tool runs in."""
    return asyncio.run(_awaited(result))


def answer(
    tool: Tool | None,
    name: str,
    arguments: str,
    *,
    await_result: Callable[[Awaitable[object]], object] = wait_in_thread,
) -> Answer:
    """Run a tool whose `is_async` does not hold; never raises: the model is told what went wrong.

    Args:
        tool: what is called, or None where there is none of that name.
        name: what the model called it.
        arguments: the JSON text that the model made.
        await_result: gives the value of what the tool returned, where that can be awaited: a
            decorator may hide that a function is a coroutine function.
    """
    try:
        value = _found(tool, name).call(_read(name, arguments))
        if inspect.isawaitable(value):
            value = await_result(value)
        return _told(value, name)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises is for the model to know
        return failed(name, error)
    except BaseException as error:
        if is_interrupt(error):
            raise
        return failed(name, RuntimeError(repr(error)))


async def answer_async(tool: Tool, name: str, arguments: str, *, within: Samples) -> Answer:
    """Await a tool on the running loop; never raises.

    Args:
        tool: one whose `is_async` holds.
        name: what the model called it.
        arguments: the JSON text that the model made.
        within: how long it may take; afterwards it is cancelled.
    """
    limit = asyncio.timeout(seconds_of(within))
    try:
        async with limit:
            value = await cast("Awaitable[object]", tool.call(_read(name, arguments)))
        return _told(value, name)
    except TimeoutError as error:
        return late(name, within) if limit.expired() else failed(name, error)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        # The first two would end the loop, and with it every other tool.
        return failed(name, RuntimeError(repr(error)))
    except Exception as error:  # noqa: BLE001 - whatever a tool raises is for the model to know
        return failed(name, error)


def late(name: str, within: Samples) -> Answer:
    """What the model is told of a tool that took longer than it may."""
    message = f"{name} did not answer within {seconds_of(within):g} s"
    return Answer(json.dumps({"error": message}), message, is_late=True)


def failed(name: str, error: Exception) -> Answer:
    """What the model is told of a tool that raised, or could not be run."""
    match error:
        case ToolError():
            message = str(error)
        case ValidationError():
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            message = f"wrong arguments for {name}: {wrong}"
        case PydanticSerializationError():
            message = f"the result of {name} cannot be told as JSON: {error}"
        case _:
            message = error_text(error)
    # JSON has no room for half a surrogate pair, which the name of a file may hold.
    message = message[:_LONGEST_ERROR].encode(errors="replace").decode()
    return Answer(json.dumps({"error": message}), message)


def _found(tool: Tool | None, name: str) -> Tool:
    if tool is None:
        raise ToolError(f"there is no tool called {name}")
    return tool


def _read(name: str, arguments: str) -> dict[str, Any]:
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise ToolError(f"the arguments of {name} are not valid JSON: {error}") from None
    if is_too_deep(value):
        raise ToolError(f"the arguments of {name} are nested more than {DEEPEST} levels deep")
    if not isinstance(value, dict):
        raise ToolError(f"the arguments of {name} must be a JSON object")
    return cast("dict[str, Any]", value)


async def _awaited(result: Awaitable[object]) -> object:
    return await result


def _told(value: object, name: str) -> Answer:
    if inspect.isasyncgen(value):
        raise ToolError(f"{name} returned an async generator; a tool has one result, as a list")
    try:
        output = _json().dump_json(value, fallback=_of_numpy)
    except PydanticSerializationError as error:
        # Half a surrogate pair, which JSON has no room for: the name of a file may hold one.
        if "surrogates not allowed" not in str(error):
            raise
        plain = _json().dump_python(value, fallback=_of_numpy)
        output = _json().dump_json(_valid(plain), fallback=_of_numpy)
    if len(output) > MOST_OUTPUT:
        raise ToolError(
            f"the result of {name} has {len(output)} bytes, and at most {MOST_OUTPUT} can be "
            "told: ask for less"
        )
    return Answer(output.decode())


def _valid(value: object) -> object:
    """The value with U+FFFD for each half of a surrogate pair in its texts."""
    match value:
        case str():
            return valid_text(value)
        case list() | tuple():
            return [_valid(each) for each in cast("list[object]", value)]
        case dict():
            fields = cast("dict[object, object]", value)
            return {_valid(key): _valid(each) for key, each in fields.items()}
        case _:
            return value


def _of_numpy(value: Any) -> object:
    """A number or an array of numpy as Python's own, which pydantic knows how to write."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"there is no JSON for {type(value).__name__}")


@cache
def _json() -> TypeAdapter[object]:
    # Made with the first answer: most runs use no tool.
    return TypeAdapter(object)
