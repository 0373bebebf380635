"""Python functions as tools: what the model is told of them, and how they are called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from soundstage.errors import UsageError
from soundstage.tools import FunctionTool


def weather(city: str, days: int = 1) -> dict[str, object]:
    """What the weather is.

    Args:
        city: where, a name
            of any length.
        days (int): how far ahead.

    Returns:
        Nobody tells the model.
    """
    return {"city": city, "days": days}


TOOL = FunctionTool("get_weather", weather)


def test_the_definition_is_read_from_the_signature_and_the_docstring() -> None:
    assert TOOL.definition() == {
        "type": "function",
        "name": "get_weather",
        "description": "What the weather is.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "where, a name of any length."},
                "days": {"type": "integer", "default": 1, "description": "how far ahead."},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
    }


def test_hints_may_be_anything_that_pydantic_knows() -> None:
    def pay(
        amount: Annotated[Decimal, Field(gt=0)], currency: Literal["USD", "EUR"], due: date
    ) -> tuple[object, ...]:
        return amount, currency, due

    tool = FunctionTool("pay", pay)
    assert tool.call({"amount": "2.50", "currency": "USD", "due": "2026-11-25"}) == (
        Decimal("2.50"),
        "USD",
        date(2026, 11, 25),
    )
    with pytest.raises(ValidationError, match="greater than 0"):
        tool.call({"amount": 0, "currency": "USD", "due": "2026-11-25"})


@given(st.text(), st.integers())
def test_valid_arguments_arrive_as_they_are(city: str, days: int) -> None:
    assert TOOL.call({"city": city, "days": days}) == {"city": city, "days": days}


@pytest.mark.parametrize("name", ["json", "schema", "copy", "model_config", "self_", "class_"])
def test_a_parameter_may_have_any_name(name: str) -> None:
    function = eval(f"lambda {name}: {name}")
    function.__annotations__ = {name: str}
    tool = FunctionTool("f", function)
    assert list(tool.definition()["parameters"]["properties"]) == [name]
    assert tool.call({name: "x"}) == "x"


def test_only_what_was_given_is_passed_on() -> None:
    assert TOOL.call({"city": "Dublin"}) == {"city": "Dublin", "days": 1}


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda city: city, "parameter city has no type hint"),
        (lambda *cities: cities, "cannot be given by name"),
        (lambda **cities: cities, "cannot be given by name"),
    ],
)
def test_a_function_that_cannot_be_a_tool_says_why(function: object, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        FunctionTool("f", function)


def test_a_hint_without_a_schema_is_refused() -> None:
    def f(stream: inspect.Signature) -> None:
        del stream

    with pytest.raises(UsageError, match="f cannot be a tool"):
        FunctionTool("f", f)


def test_a_default_may_be_written_as_a_field() -> None:
    def order(
        count: int = Field(default=3, ge=1),
        notes: list[str] = Field(default_factory=list),  # noqa: B008
    ) -> tuple[object, ...]:
        return count, notes

    tool = FunctionTool("order", order)
    properties = tool.definition()["parameters"]["properties"]
    assert properties["count"] == {"type": "integer", "default": 3, "minimum": 1}
    assert tool.call({}) == (3, [])
    assert tool.call({"count": 5}) == (5, [])
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        tool.call({"count": 0})


def test_an_async_generator_is_refused_with_what_to_do() -> None:
    async def words() -> AsyncIterator[str]:
        yield "one"

    @functools.wraps(words)
    def wrapped() -> object:
        return words()

    for function in (words, wrapped):
        with pytest.raises(UsageError, match=r"async generator.*return a list"):
            FunctionTool("f", function)
