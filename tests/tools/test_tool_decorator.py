"""The decorator."""

from __future__ import annotations

import pytest

from soundstage.errors import UsageError
from soundstage.tools import Mark, mark_of, methods_of, tool
from soundstage.units import samples_of_seconds


class Shop:
    """Has tools and other methods."""

    stock = 3

    @tool
    def count(self, item: str) -> dict[str, object]:
        """How many there are."""
        return {"item": item, "count": self.stock}

    @tool(timeout="5s", latency="800ms")
    def refund(self, order: int) -> str:
        """Pays back."""
        return f"R{order}"

    def other(self) -> None:
        """No tool."""


def test_a_marked_function_stays_what_it_is() -> None:
    assert Shop().refund(3) == "R3"
    assert mark_of(Shop.other) is None
    assert mark_of(Shop.count) == Mark()
    mark = mark_of(Shop.refund)
    assert mark is not None
    assert mark.timeout == samples_of_seconds(5)
    assert mark.latency.shortest == mark.latency.longest == samples_of_seconds(0.8)


def test_the_methods_of_a_class_are_defined_without_their_self() -> None:
    tools = methods_of(Shop)
    assert sorted(tools) == ["count", "refund"]
    assert list(tools["count"].definition()["parameters"]["properties"]) == ["item"]


def test_the_methods_of_an_object_can_be_called() -> None:
    shop = Shop()
    shop.stock = 7
    assert methods_of(shop)["count"].call({"item": "kettle"}) == {"item": "kettle", "count": 7}


def test_a_coroutine_is_no_tool_of_an_agent() -> None:
    class Waits:
        @tool
        async def wait(self) -> None:
            """Waits."""

    with pytest.raises(UsageError, match="an actor never waits"):
        methods_of(Waits)
