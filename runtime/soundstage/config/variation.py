"""Values of a file that are drawn from the seed: ranges, and one value of several."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.config.diagnostics import written_path
from soundstage.config.model_keys import inner_shape, plain_shape
from soundstage.config.values import (
    CHOICE,
    Duration,
    DurationRange,
    Level,
    PlacedTable,
    Ratio,
    is_choice,
    is_list,
    is_table,
)
from soundstage.secrets import MASK
from soundstage.seeds import Seeds

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from soundstage.config.diagnostics import KeyPath

MOST_OPTIONS: Final = 100
"""Each option of a file is tried before a run, which takes a moment each."""

_FIXED: Final = {
    "scenario": "what the file is does not vary: this is read before anything is drawn",
    "providers": "a service does not vary: name two, and let the agent's provider vary",
    "expect": "what is expected does not vary: the same is expected of every seed",
}
_DATA: Final = {"tools": ("parameters",), "expect": ("where", "equals", "args")}
_SECRET: Final = re.compile(r"key|secret|token|password|headers|query|auth|env", re.IGNORECASE)
_SHOWN: Final = 6
_LONGEST_SHOWN: Final = 40
_MILLISECOND: Final = Duration("1ms")
_UNITS: Final = (Duration, Level, Ratio)
_Shape = type[Duration | Level | Ratio | int | float]


@dataclass(frozen=True)
class Varied:
    """A value of a file that varies with the seed.

    Attributes:
        options: the values that it may have; the two ends of a range.
        is_range: whether it may be anything between them.
        anew: whether it is drawn each time that it is used, and not once for the run.
    """

    options: tuple[object, ...]
    is_range: bool = False
    anew: bool = False

    def __str__(self) -> str:
        words = [_short(json.dumps(option, ensure_ascii=False)) for option in self.options]
        if self.is_range:
            each = ", drawn each time" if self.anew else ""
            return f"{words[0]} to {words[1]}{each}"
        more = len(words) - _SHOWN
        return " or ".join([*words[:_SHOWN], *([f"{more} more"] if more > 0 else [])])


class Pick(Protocol):
    """Decides which value a varied one has."""

    def option(self, name: tuple[str, ...], count: int) -> int:
        """Which of so many options, from 0."""
        ...

    def share(self, name: tuple[str, ...]) -> float:
        """Where in a range: from 0, its lower end, to 1."""
        ...


class SeedPick:
    """Draws from the seed, each value from a stream that has its name.

    Args:
        seed: of the run.
    """

    def __init__(self, seed: int) -> None:
        self._seeds = Seeds(seed)

    def option(self, name: tuple[str, ...], count: int) -> int:
        """One of the options, each equally often."""
        return self._stream(name).randrange(count)

    def share(self, name: tuple[str, ...]) -> float:
        """Any place of the range, each equally often."""
        return self._stream(name).random()

    def _stream(self, name: tuple[str, ...]) -> random.Random:
        return self._seeds.stream("variation", *name)


@dataclass(frozen=True)
class Tried:
    """Picks the same option and the same end everywhere, to see whether it is right.

    Attributes:
        number: of the option, from 0; a choice with fewer options begins again.
        upper: whether ranges are at their upper end.
    """

    number: int
    upper: bool

    def option(self, name: tuple[str, ...], count: int) -> int:
        """The option that is tried."""
        del name
        return self.number % count

    def share(self, name: tuple[str, ...]) -> float:
        """The end that is tried."""
        del name
        return float(self.upper)


@dataclass
class Variation:
    """What varies in a document, and which values were picked.

    Attributes:
        pick: picks them.
        report: is told what is wrong with a range or a choice, and where.
        found: key path to what its value may be.
        drawn: key path to the value that it has, as it would be written; secrets masked.
    """

    pick: Pick
    report: Callable[[KeyPath, str], None]
    found: dict[KeyPath, Varied] = field(default_factory=dict["KeyPath", Varied])
    drawn: dict[KeyPath, object] = field(default_factory=dict["KeyPath", object])
    _names: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])

    @property
    def tries(self) -> list[Tried]:
        """What shows every option and both ends of every range; none where nothing is drawn."""
        drawn = [varied for varied in self.found.values() if not varied.anew]
        most = max((1 if each.is_range else len(each.options) for each in drawn), default=0)
        ends = (False, True) if any(each.is_range for each in drawn) else (False,)
        return [Tried(number, upper) for number in range(most) for upper in ends]

    def described(self) -> dict[str, str]:
        """What varies, in words, by the path as it is written."""
        return {written_path(path): str(varied) for path, varied in self.found.items()}

    def written(self) -> dict[str, object]:
        """What was drawn once for the run, by the path as it is written."""
        return {written_path(path): value for path, value in self.drawn.items()}

    def choose(self, tree: Mapping[str, object], *, without: str = "") -> dict[str, object]:
        """The tables of a file with one option in the place of each choice.

        Args:
            tree: the tables by their keys.
            without: one that stays as it is written.
        """
        return {
            key: value if key == without else self._chosen(value, (key,))
            for key, value in tree.items()
        }

    def _chosen(self, value: object, path: KeyPath) -> object:
        if is_list(value):
            return [self._chosen(item, self._item(path, at, item)) for at, item in enumerate(value)]
        if not is_table(value):
            return value
        # Here the word is data: of a JSON Schema, of a condition, or of what is compared.
        is_data = path[2:3] and path[2] in _DATA.get(str(path[0]), ())
        if CHOICE in value and not is_data:
            options = value[CHOICE]
            if self._is_right(value, path) and is_list(options):
                return self._chosen(self._picked(options, path), path)
            if is_list(options) and options:
                # The rest of the file is read as if the first one had been written.
                return self._chosen(options[0], path)
        table = {key: self._chosen(item, (*path, key)) for key, item in value.items()}
        return PlacedTable(table, value.folders) if isinstance(value, PlacedTable) else table

    def _item(self, path: KeyPath, at: int, item: object) -> KeyPath:
        inner = (*path, at)
        if is_table(item) and isinstance(named := item.get("id"), str):
            self._names[inner] = f"#{named}"
        return inner

    def _is_right(self, table: dict[str, object], path: KeyPath) -> bool:
        options = table[CHOICE]
        reason = _FIXED.get(str(path[0]))
        if path[-1] == "kind" and path[0] in {"agents", "effects"}:
            reason = "a kind does not vary: the other keys of the table depend on it"
        elif not is_choice(table):
            reason = f'{CHOICE} is a list of values and stands alone: {{ {CHOICE} = ["a", "b"] }}'
        elif is_list(options) and not 1 <= len(options) <= MOST_OPTIONS:
            reason = f"{CHOICE} has 1 to {MOST_OPTIONS} values, not {len(options)}"
        elif is_list(options) and any(map(is_choice, options)):
            reason = f"{CHOICE} stands within {CHOICE}: write all values in one list"
        if reason is not None:
            self.report(path, reason)
        return reason is None

    def _picked(self, options: list[object], path: KeyPath) -> object:
        self.found[path] = Varied(tuple(_shown(option, path) for option in options))
        picked = options[self.pick.option(self._name(path), len(options))]
        self.drawn[path] = _shown(picked, path)
        return picked

    def settle(self, model: type[BaseModel], value: object, path: KeyPath) -> object:
        """A table with one value in the place of each range that its model does not take itself.

        Args:
            model: the model of the table.
            value: the table as it is written.
            path: where it is.
        """
        return value if path[0] in _FIXED else self._settled(model, value, path)

    def _settled(self, shape: Any, value: object, path: KeyPath) -> object:
        if is_table(value):
            table = {
                key: self._settled(inner_shape(shape, key), item, (*path, key))
                for key, item in value.items()
            }
            return PlacedTable(table, value.folders) if isinstance(value, PlacedTable) else table
        if not is_list(value):
            return value
        kind = plain_shape(shape)
        if kind is DurationRange:
            if len(value) == 2:  # noqa: PLR2004 - both ends
                self.found[path] = Varied((value[0], value[1]), is_range=True, anew=True)
            return value
        if kind in (int, float, *_UNITS):
            return self._within(kind, value, path)
        return [
            self._settled(inner_shape(shape, at), item, self._item(path, at, item))
            for at, item in enumerate(value)
        ]

    def _within(self, kind: _Shape, ends: list[object], path: KeyPath) -> object:
        """A value between two ends; what is no range is left for the model to refuse."""
        try:
            low, high = _ends(kind, ends)
        except ValueError as error:
            self.report(path, str(error))
            return ends[0] if ends else None
        # A range may be an option of a choice, which then is what is told.
        self.found.setdefault(path, Varied((ends[0], ends[1]), is_range=True))
        share = self.pick.share((*self._name(path), "range"))
        drawn = _between(kind, low, high, share)
        self.drawn[path] = str(drawn) if isinstance(drawn, _UNITS) else drawn
        return self.drawn[path]

    def _name(self, path: KeyPath) -> tuple[str, ...]:
        """The name of a stream; an `id` stands for a place in a list, which other items move."""
        return tuple(self._names.get(path[: end + 1], str(part)) for end, part in enumerate(path))


def faults_of_all(
    drawn: Variation, attempt: Callable[[Pick], tuple[Variation, list[str]]]
) -> list[str]:
    """What is wrong with a file, whatever is drawn.

    Args:
        drawn: what varies in it, as far as one attempt has shown.
        attempt: reads the file with a pick; gives what varies, and what is wrong.
    """
    faults: list[str] = []
    tried: set[Tried] = set()
    tries = drawn.tries
    while tries:
        tried.update(tries)
        attempts = [attempt(each) for each in tries]
        faults += [fault for _, found in attempts for fault in found]
        # An option that is a table may hold more that varies.
        tries = [new for found, _ in attempts for new in found.tries if new not in tried]
    return list(dict.fromkeys(faults))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _ends(kind: _Shape, ends: list[object]) -> tuple[Any, Any]:
    if len(ends) != 2:  # noqa: PLR2004 - both ends
        raise ValueError('a range has two ends, as ["200ms", "800ms"]')
    low, high = (_end(kind, end) for end in ends)
    if high < low:
        raise ValueError(f"the range runs backwards: {ends[1]} < {ends[0]}")
    return low, high


def _end(kind: _Shape, end: object) -> Any:
    if issubclass(kind, _UNITS):
        return kind.read(end)
    if isinstance(end, bool) or not isinstance(end, int | float):
        raise ValueError("the ends of a range of numbers are numbers, as [0.2, 0.8]")  # noqa: TRY004
    if kind is int and not isinstance(end, int):
        raise ValueError("the ends of this range are whole numbers, as [1, 4]")
    return end


def _between(kind: _Shape, low: Any, high: Any, share: float) -> Any:
    """A value so far between two, the ends included, with no more digits than people read."""
    place = low + share * (high - low)
    if kind is int:
        return min(high, low + int(share * (high - low + 1)))
    if kind is Duration:
        whole = low % _MILLISECOND == 0 == high % _MILLISECOND
        return Duration(round(place / _MILLISECOND) * _MILLISECOND if whole else round(place))
    if kind is Level:
        return Level(f"{_rounded(place, 2, low, high):f}dB")
    if kind is Ratio:
        return Ratio(f"{_rounded(100 * place, 4, 100 * low, 100 * high):f}%")
    return _rounded(place, 6, low, high)


def _rounded(value: float, digits: int, low: float, high: float) -> float:
    return float(min(high, max(low, round(value, digits))))


def _shown(value: object, path: KeyPath) -> object:
    """A value as a report may show it: texts below keys that name a secret are masked."""
    if is_table(value):
        return {key: _shown(item, (*path, key)) for key, item in value.items()}
    if is_list(value):
        return [_shown(item, path) for item in value]
    is_secret = any(_SECRET.search(str(part)) for part in path[2:])
    return MASK if is_secret and isinstance(value, str) else value
