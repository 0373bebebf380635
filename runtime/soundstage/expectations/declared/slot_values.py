"""The values of slots: comparing them with limits, and with each other."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from msgspec import Struct
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from soundstage.config.values import Table, is_list, is_table
from soundstage.spoken_form import same_words

if TYPE_CHECKING:
    from collections.abc import Sequence

Value: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr

_NUMBER: Final = re.compile(r"-?[$€£]?-?(\d{1,30}(?:\.\d{1,30})?)")
_TIME: Final = re.compile(r"(\d{1,2}):(\d\d)")
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ORDERED: Final = ("above", "below", "at_least", "at_most")


class Conditions(Table):
    """What must be so of a slot's value for a moment to count.

    Numbers, prices, times of the day (`"19:45"`) and days (`"2026-03-03"`) have an order; of all
    others one can only say that they are equal.

    Attributes:
        above: it is more.
        below: it is less.
        at_least: it is as much or more.
        at_most: it is as much or less.
        equals: it is the same.
        one_of: it is the same as one of these.
    """

    above: Value | None = None
    below: Value | None = None
    at_least: Value | None = None
    at_most: Value | None = None
    equals: Value | None = None
    one_of: tuple[Value, ...] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                "a condition needs one of above, below, at_least, at_most, equals, one_of"
            )
        for name in _ORDERED:
            limit = getattr(self, name)
            if limit is not None and order_of(limit) is None:
                raise ValueError(
                    f'{name} needs a number, a price, a time as "19:45" or a day as "2026-03-03"'
                )
        return self

    @property
    def needs_order(self) -> bool:
        """Whether it compares by more and less."""
        return any(getattr(self, name) is not None for name in _ORDERED)

    @property
    def is_impossible(self) -> bool:
        """Whether no value can fulfil it."""
        highest = [order_of(each) for each in (self.below, self.at_most) if each is not None]
        lowest = [order_of(each) for each in (self.above, self.at_least) if each is not None]
        return any(
            low[0] == high[0] and low[1] > high[1]
            for low in lowest
            for high in highest
            if low and high
        )

    def hold(self, value: object) -> bool:
        """Whether a value fulfils all of them; one without an order fulfils none that needs it."""
        if self.equals is not None and not equal(self.equals, value):
            return False
        if self.one_of is not None and not any(equal(each, value) for each in self.one_of):
            return False
        return all(
            limit is None or _ordered(name, value, limit)
            for name, limit in ((each, getattr(self, each)) for each in _ORDERED)
        )


def order_of(value: object) -> tuple[str, float] | None:
    """What a value is measured in, and how much it is; None for a value that has no order."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if found := _TIME.fullmatch(text):
        return "time", int(found[1]) * 60 + int(found[2])
    if found := _DAY.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    plain = text.replace(",", "")
    if found := _NUMBER.fullmatch(plain):
        return "number", -float(found[1]) if "-" in plain else float(found[1])
    return None


def _finite(value: float) -> tuple[str, float] | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return ("number", number) if math.isfinite(number) else None


def _day(year: int, month: int, day: int) -> tuple[str, float] | None:
    try:
        return "day", date(year, month, day).toordinal()
    except ValueError:
        return None


def _ordered(name: str, value: object, limit: object) -> bool:
    mine, other = order_of(value), order_of(limit)
    if mine is None or other is None or mine[0] != other[0]:
        return False
    match name:
        case "above":
            return mine[1] > other[1]
        case "below":
            return mine[1] < other[1]
        case "at_least":
            return mine[1] >= other[1]
        case _:
            return mine[1] <= other[1]


def equal(wanted: object, given: object) -> bool:
    """Whether two values say the same: `12`, `"12"` and `"twelve"` do."""
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    mine, other = order_of(wanted), order_of(given)
    if mine is not None and other is not None:
        return mine == other
    if is_table(wanted) or is_table(given) or is_list(wanted) or is_list(given):
        return wanted == given
    if wanted is None or given is None:
        return wanted is given
    return str(wanted) == str(given) or same_words(str(wanted), str(given))


class Bindings(Struct, frozen=True):
    """What moments have bound, by the names of slots.

    Attributes:
        slots: by the slots of a phrase or of arguments, which the scenario names.
        fields: by the fields of a tool's result or of what an agent emits: they are compared with
            slots of that name, but not with each other.
    """

    slots: Mapping[str, object] = {}
    fields: Mapping[str, object] = {}

    def __contains__(self, name: str) -> bool:
        """Whether a name is bound."""
        return name in self.slots or name in self.fields

    def __getitem__(self, name: str) -> object:
        """What a name holds."""
        return self.slots[name] if name in self.slots else self.fields[name]

    def joined(self, other: Bindings) -> Bindings | None:
        """Both together; None where a name holds one value in one and another in the other."""
        if _differ(self.slots, other) or _differ(other.slots, self):
            return None
        return Bindings({**self.slots, **other.slots}, {**self.fields, **other.fields})

    def agrees(self, other: Bindings) -> bool:
        """Whether no name holds one value in one and another in the other."""
        return not (_differ(self.slots, other) or _differ(other.slots, self))


NOTHING_BOUND: Final = Bindings()


def _differ(slots: Mapping[str, object], other: Bindings) -> bool:
    return any(name in other and not equal(value, other[name]) for name, value in slots.items())


def contains(given: object, wanted: object) -> bool:
    """Whether a value of JSON has all that is wanted: tables may have further keys."""
    if is_table(wanted):
        return is_table(given) and all(
            key in given and contains(given[key], inner) for key, inner in wanted.items()
        )
    if is_list(wanted):
        return is_list(given) and _all_contained(given, wanted)
    return wanted == given and isinstance(wanted, bool) == isinstance(given, bool)


def _all_contained(given: Sequence[object], wanted: Sequence[object]) -> bool:
    return len(given) == len(wanted) and all(map(contains, given, wanted))
