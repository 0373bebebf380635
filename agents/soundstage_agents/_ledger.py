"""Payment requests, exact and kept in a file that survives the end of the process."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.tools import ToolError

if TYPE_CHECKING:
    from pathlib import Path

_CURRENCIES: Final = {
    "AUD": ("australian dollar",),
    "CAD": ("canadian dollar",),
    "CHF": ("swiss franc", "franc"),
    "EUR": ("euro", "€"),
    "GBP": ("pound", "british pound", "pound sterling", "£"),
    "JPY": ("yen", "japanese yen", "¥"),
    "NZD": ("new zealand dollar",),
    "USD": ("dollar", "us dollar", "american dollar", "$"),
}
_WITHOUT_CENTS: Final = frozenset({"JPY"})
_LARGEST: Final = Decimal(1_000_000)

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS payment_requests (
    number INTEGER PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'cancelled')),
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""

_WAITS: Final = 5.0
"""Seconds to wait for another process that writes to the same file."""


class PaymentRequest(Struct, frozen=True):
    """One request.

    Attributes:
        number: counts from 1.
        reference: what it is for, as an order number; there is one request for each.
        amount: exact.
        currency: ISO 4217.
        state: `waiting` for a confirmation, `accepted` or `cancelled`.
    """

    number: int
    reference: str
    amount: Decimal
    currency: str
    state: str


class Ledger:
    """Requests in an SQLite file; each change is on the disk when its method returns.

    Args:
        path: the file; it is made where it is not there.
    """

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, timeout=_WAITS, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_TABLE)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def all(self) -> list[PaymentRequest]:
        """Every request, in the order in which they were made."""
        rows = self._connection.execute(f"{_SELECT} ORDER BY number")
        return [_request(row) for row in rows]

    def find(self, reference: str) -> PaymentRequest | None:
        """The request for a reference."""
        row = self._connection.execute(f"{_SELECT} WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else _request(row)

    def request(self, reference: str, amount: Decimal, currency: str) -> PaymentRequest:
        """Make a request, or find it again; one that has not been accepted may be corrected.

        Raises:
            ToolError: another amount has been accepted for this reference.
        """
        self._connection.execute(
            "INSERT INTO payment_requests (reference, amount, currency, state)"
            " VALUES (?, ?, ?, 'waiting') ON CONFLICT (reference) DO UPDATE"
            " SET amount = excluded.amount, currency = excluded.currency, state = 'waiting'"
            " WHERE state != 'accepted'",
            (reference, str(amount), currency),
        )
        made = self._existing(reference)
        if (made.amount, made.currency) != (amount, currency):
            raise ToolError(
                f"{made.amount} {made.currency} has been accepted for {reference} already"
            )
        return made

    def settle(self, reference: str, state: str) -> PaymentRequest:
        """Accept or cancel a request; done again, it changes nothing.

        Raises:
            ToolError: there is no such request, or it has been settled the other way.
        """
        self._connection.execute(
            "UPDATE payment_requests SET state = ? WHERE reference = ? AND state = 'waiting'",
            (state, reference),
        )
        settled = self._existing(reference)
        if settled.state != state:
            raise ToolError(f"the request for {reference} is {settled.state} already")
        return settled

    def _existing(self, reference: str) -> PaymentRequest:
        found = self.find(reference)
        if found is None:
            raise ToolError(f"there is no payment request for {reference}")
        return found


_SELECT: Final = "SELECT number, reference, amount, currency, state FROM payment_requests"


def _request(row: tuple[int, str, str, str, str]) -> PaymentRequest:
    number, reference, amount, currency, state = row
    return PaymentRequest(number, reference, Decimal(amount), currency, state)


def currency_code(said: str) -> str:
    """The ISO 4217 code of a currency by code, sign or name, in the singular or the plural.

    Raises:
        ToolError: it is none that is known.
    """
    words = _words(said)
    for code, names in _CURRENCIES.items():
        if words in map(_words, (code, *names)):
            return code
    raise ToolError(f'the currency "{said}" is not known; known: {", ".join(_CURRENCIES)}')


def _words(said: str) -> frozenset[str]:
    """Its words in the singular, in any order: a recogniser writes `$5 US` for US dollars."""
    plain = said.casefold().replace(".", "").replace(",", "")
    return frozenset(word if word == "us" else word.removesuffix("s") for word in plain.split())


def exact_amount(amount: Decimal, currency: str) -> Decimal:
    """The amount with as many decimals as its currency has.

    Raises:
        ToolError: it has more of them, is not above zero, or is too large.
    """
    smallest = Decimal(1) if currency in _WITHOUT_CENTS else Decimal("0.01")
    if not Decimal(0) < amount <= _LARGEST:
        raise ToolError(f"an amount lies above 0 and at most at {_LARGEST}, and not at {amount}")
    exact = amount.quantize(smallest)
    if exact != amount:
        raise ToolError(f"{amount} {currency} cannot be paid: the smallest unit is {smallest}")
    return exact
