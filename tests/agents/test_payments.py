"""A cashier: what it takes, and what it keeps."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.tools import ToolError, answer, methods_of
from soundstage_agents._ledger import currency_code
from soundstage_agents.payments import Cashier

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def cashier() -> Iterator[Cashier]:
    cashier = Cashier.bare(ledger=":memory:")
    yield cashier
    cashier.closed()


def ask(cashier: Cashier, tool: str, **arguments: object) -> dict[str, object]:
    method = methods_of(cashier)[f"{tool}_payment_request"]
    return dict(json.loads(answer(method, tool, json.dumps(arguments)).output))


def test_a_request_waits_until_it_is_confirmed(cashier: Cashier) -> None:
    made = ask(cashier, "create", amount=24.5, currency="dollars", order="X 1, 2, 3, 4")
    assert made == {
        "number": 1,
        "order": "X1234",
        "amount": 24.5,
        "currency": "USD",
        "state": "waiting",
    }
    assert ask(cashier, "confirm", order="x1234")["state"] == "accepted"


def test_a_request_is_made_once_for_each_order(cashier: Cashier) -> None:
    for _ in range(3):
        assert ask(cashier, "create", amount=24.5, currency="USD", order="1")["number"] == 1
        assert ask(cashier, "confirm", order="1")["state"] == "accepted"
    assert ask(cashier, "create", amount=1, currency="USD", order="2")["number"] == 2


def test_a_request_can_be_corrected_until_it_is_accepted(cashier: Cashier) -> None:
    ask(cashier, "create", amount=24.5, currency="USD", order="1")
    assert ask(cashier, "create", amount=25, currency="EUR", order="1")["currency"] == "EUR"
    ask(cashier, "confirm", order="1")
    error = ask(cashier, "create", amount=26, currency="EUR", order="1")["error"]
    assert error == "25.00 EUR has been accepted for 1 already"


def test_what_was_cancelled_can_be_asked_for_again(cashier: Cashier) -> None:
    ask(cashier, "create", amount=1, currency="USD", order="1")
    assert ask(cashier, "cancel", order="1")["state"] == "cancelled"
    assert ask(cashier, "confirm", order="1")["error"] == "the request for 1 is cancelled already"
    assert ask(cashier, "create", amount=1, currency="USD", order="1")["state"] == "waiting"


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        (0, "USD", "above 0"),
        (-5, "USD", "above 0"),
        (1e9, "USD", "at most"),
        ("nan", "USD", "finite number"),
        ("many", "USD", "valid decimal"),
        (1.005, "USD", "smallest unit is 0.01"),
        (1.5, "yen", "smallest unit is 1"),
        (1, "doubloons", "known: AUD"),
    ],
)
def test_what_cannot_be_paid_is_refused_in_words(
    cashier: Cashier, amount: object, currency: str, why: str
) -> None:
    error = ask(cashier, "create", amount=amount, currency=currency, order="1")["error"]
    assert why in str(error)
    assert "there is no payment request" in str(ask(cashier, "confirm", order="1")["error"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("dollars", "USD"),
        ("US dollars", "USD"),
        ("dollars us", "USD"),
        ("U.S. dollars", "USD"),
        ("usd", "USD"),
        ("$", "USD"),
        ("Euro", "EUR"),
        ("pounds sterling", "GBP"),
        ("yen", "JPY"),
        ("Australian dollars", "AUD"),
        ("Swiss francs", "CHF"),
    ],
)
def test_a_currency_has_many_names(said: str, code: str) -> None:
    assert currency_code(said) == code


@given(st.text())
def test_no_name_is_too_strange_to_be_refused(said: str) -> None:
    with suppress(ToolError):
        assert len(currency_code(said)) == 3


@given(st.integers(1, 10**8))
def test_every_amount_in_cents_is_kept_exactly(cents: int) -> None:
    cashier = Cashier.bare(ledger=":memory:")
    made = ask(cashier, "create", amount=cents / 100, currency="USD", order="1")
    cashier.closed()
    assert round(float(str(made["amount"])) * 100) == cents
