"""What the model is told, whatever a tool does."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import dummy_tools
import numpy as np
import pytest

from soundstage.tools import (
    MOST_OUTPUT,
    Answer,
    FunctionTool,
    MockTool,
    Tool,
    answer,
    answer_async,
)
from soundstage.units import Samples, samples_of_ms, samples_of_seconds

LONG = samples_of_seconds(30)


def weather(city: str, days: int = 1) -> dict[str, object]:
    """What the weather is."""
    return {"city": city, "days": days}


async def weather_later(city: str, days: int = 1) -> dict[str, object]:
    """What the weather is, after a while."""
    return {"city": city, "days": days}


def now(tool: Tool | None, name: str, arguments: str) -> Answer:
    return answer(tool, name, arguments)


def on_a_loop(tool: Tool, name: str, arguments: str, within: Samples = LONG) -> Answer:
    return asyncio.run(answer_async(tool, name, arguments, within=within))


def later(tool: Tool | None, name: str, arguments: str) -> Answer:
    """The same tool, as a coroutine function would be."""
    return now(tool, name, arguments) if tool is None else on_a_loop(Later(tool), name, arguments)


class Later:
    is_async = True

    def __init__(self, tool: Tool) -> None:
        self.name = tool.name
        self.definition = tool.definition
        self._tool = tool

    async def call(self, arguments: Mapping[str, Any]) -> object:
        return self._tool.call(arguments)


Run = Callable[[Tool | None, str, str], Answer]
both = pytest.mark.parametrize("run", [now, later])


@both
def test_a_call_is_validated_and_answered_in_json(run: Run) -> None:
    given = run(FunctionTool("w", weather), "w", '{"city": "Dublin"}')
    assert given == Answer('{"city":"Dublin","days":1}')


@both
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"city": "Dub', "the arguments of w are not valid JSON: Unterminated string"),
        ("[]", "the arguments of w must be a JSON object"),
        ("[" * 100_000, "not valid JSON"),
        ('{"city": ' + "[" * 150 + "]" * 150 + "}", "nested more than 100 levels deep"),
        ("{}", "wrong arguments for w: city: Field required"),
        ("", "city: Field required"),
        ('{"city": "Dublin", "days": "many"}', "days: Input should be a valid integer"),
        ('{"city": "Dublin", "colour": 1}', "colour: Extra inputs are not permitted"),
    ],
)
def test_wrong_arguments_are_explained(run: Run, arguments: str, error: str) -> None:
    given = run(FunctionTool("w", weather), "w", arguments)
    assert error in given.error
    assert json.loads(given.output) == {"error": given.error}


@both
@pytest.mark.parametrize(
    ("function", "error"),
    [
        (dummy_tools.raises, "LookupError: no such city"),
        (dummy_tools.refuses, "the shop is closed on Sundays"),
        (dummy_tools.stops, "StopIteration"),
        (dummy_tools.formless, "cannot be told as JSON"),
        (dummy_tools.endless, "cannot be told as JSON"),
        (dummy_tools.misnamed, r"no file called \udc80.wav"),
        (dummy_tools.huge, f"at most {MOST_OUTPUT} can be told"),
    ],
)
def test_what_goes_wrong_is_told(run: Run, function: Callable[..., object], error: str) -> None:
    given = run(FunctionTool("f", function), "f", "{}")
    assert error in given.error
    assert json.loads(given.output) == {"error": given.error}


def test_a_tool_that_exits_on_a_loop_has_failed_and_nothing_else() -> None:
    assert "SystemExit(3)" in later(FunctionTool("f", dummy_tools.exits), "f", "{}").error


@both
def test_a_result_is_always_json(run: Run) -> None:
    given = run(FunctionTool("f", dummy_tools.untrue), "f", "{}")
    json.loads(given.output, parse_constant=pytest.fail)


@both
def test_a_tool_that_does_not_exist_is_an_answer_too(run: Run) -> None:
    assert run(None, "nosuch", "{}").error == "there is no tool called nosuch"


@both
def test_the_first_mock_that_matches_answers(run: Run) -> None:
    mock = MockTool(
        "find",
        "Finds.",
        {"type": "object"},
        (
            (lambda given: given.get("order") == 1, {"item": "kettle"}, None),
            (lambda given: given.get("order") == 2, None, "no such order"),
        ),
    )
    assert json.loads(run(mock, "find", '{"order": 1}').output) == {"item": "kettle"}
    assert run(mock, "find", '{"order": 2}').error == "no such order"
    assert "no mock of find" in run(mock, "find", '{"order": 3}').error


def test_a_coroutine_is_awaited() -> None:
    given = on_a_loop(FunctionTool("w", weather_later), "w", '{"city": "Dublin"}')
    assert json.loads(given.output)["city"] == "Dublin"


def test_a_coroutine_function_is_awaited_although_a_decorator_hides_it() -> None:
    @functools.wraps(weather_later)
    def wrapped(city: str, days: int = 1) -> object:
        return weather_later(city, days)

    def unnamed(city: str) -> object:
        return weather_later(city)

    for function in (wrapped, unnamed):
        given = now(FunctionTool("w", function), "w", '{"city": "Dublin"}')
        assert json.loads(given.output) == {"city": "Dublin", "days": 1}


def test_a_decorator_that_waits_by_itself_stays_a_blocking_tool() -> None:
    @functools.wraps(weather_later)
    def waits(city: str) -> object:
        return asyncio.run(weather_later(city))

    tool = FunctionTool("w", waits)
    assert not tool.is_async
    assert json.loads(now(tool, "w", '{"city": "Dublin"}').output)["city"] == "Dublin"


def test_an_object_with_an_async_call_is_awaited() -> None:
    class Weather:
        async def __call__(self, city: str) -> str:
            return f"fine in {city}"

    tool = FunctionTool("w", Weather())
    assert tool.is_async
    assert on_a_loop(tool, "w", '{"city": "Dublin"}') == Answer('"fine in Dublin"')


def test_an_async_generator_as_a_result_is_an_error_that_says_so() -> None:
    async def words() -> AsyncIterator[str]:
        yield "one"

    def hidden() -> object:
        return words()

    assert "returned an async generator" in now(FunctionTool("f", hidden), "f", "{}").error


@both
def test_numbers_and_arrays_of_numpy_are_told_as_pythons_own(run: Run) -> None:
    def measured() -> dict[str, object]:
        values = np.array([1.5, 2.5], dtype=np.float32)
        return {"n": np.int64(3), "mean": values.mean(), "all": values, "ok": values[0] < 2}

    given = run(FunctionTool("f", measured), "f", "{}")
    assert json.loads(given.output) == {"n": 3, "mean": 2.0, "all": [1.5, 2.5], "ok": True}


@pytest.mark.realtime
def test_a_coroutine_that_hangs_is_cancelled() -> None:
    cancelled: list[bool] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    assert on_a_loop(FunctionTool("f", hang), "f", "{}", samples_of_ms(50)).is_late
    assert cancelled == [True]


def test_a_tools_own_time_out_is_an_error_of_the_tool() -> None:
    def slow() -> None:
        raise TimeoutError("the shop does not answer")

    given = later(FunctionTool("f", slow), "f", "{}")
    assert given.error == "TimeoutError: the shop does not answer"
    assert not given.is_late


def test_half_a_surrogate_pair_in_a_result_becomes_a_letter_that_a_file_can_hold():
    def list_files() -> dict[str, object]:
        """Names of files."""
        return {"files": ["a\ud83d.txt", "b.txt"], "\udc00": 1}

    told = answer(FunctionTool("list_files", list_files), "list_files", "{}")
    assert told.error == ""
    assert json.loads(told.output) == {"files": ["a\ufffd.txt", "b.txt"], "\ufffd": 1}
