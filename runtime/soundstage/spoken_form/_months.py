"""Months by their English names."""

from __future__ import annotations

from typing import Final

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
"""In order; `may` and `march` are also words of their own: only a day beside them makes a date."""

SHORT_MONTHS: Final = {
    **{name[:3]: name for name in MONTHS if name != "may"},
    "sept": "september",
}
