"""Amounts and currencies, as people and models say them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from soundstage.tools import ToolError

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
