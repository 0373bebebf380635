"""Regular expressions of the user: Python's meaning, within a time that is bounded."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import PatternTimeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEARCHED_WITHIN: Final = 0.25
"""Seconds for one search; a sentence takes a harmless pattern some microseconds."""

# What `re` itself reads a pattern with. It has no public name, and nothing else knows the meaning
# of every sign in it.
_parser: Any = import_module("re._parser")

_OTHER_BRACE: Final = re.compile(r"(?<!\\)(?:\\\\)*\{(?!\d*,?\d*\})")
"""A brace that `re` takes as a letter, and `regex` as a search that allows for errors."""

_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_WITHOUT_WAY_BACK: Final = frozenset({"ATOMIC_GROUP", "POSSESSIVE_REPEAT"})


class Pattern:
    """A regular expression, whatever the case of the letters.

    Args:
        text: the expression.

    Raises:
        ValueError: it is no regular expression, or repeats what repeats itself: for some texts
            such a search has more ways to go than can ever be tried.

    Attributes:
        slots: the names of its groups.
    """

    def __init__(self, text: str) -> None:
        parsed = _parsed(text)
        # Its searches can be given up, which those of `re` cannot; loaded where there is a pattern.
        regex: Any = import_module("regex")
        try:
            self._compiled = regex.compile(text, regex.IGNORECASE | regex.VERSION0)
        except (regex.error, OverflowError, RecursionError) as error:
            raise ValueError(f"'{text}' is no regular expression: {error}") from None
        if _nests(parsed):
            raise ValueError(
                f"'{text}' repeats without limit what repeats without limit itself, as in '(a+)+': "
                "a search could take for ever; limit one of them, as in '(a{1,20})+'"
            )
        self._text = text
        self.slots = tuple(self._compiled.groupindex)

    def search(self, text: str) -> dict[str, str] | None:
        """What the groups hold where the expression is first found, or None where it is not.

        Raises:
            PatternTimeout: it could not be told in time.
        """
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator[dict[str, str]]:
        """What the groups hold at each place where the expression is found, in order.

        Raises:
            PatternTimeout: it could not be told in time.
        """
        try:
            for found in self._compiled.finditer(text, timeout=SEARCHED_WITHIN):
                yield {name: value or "" for name, value in found.groupdict().items()}
        except TimeoutError:
            raise PatternTimeout(
                f"the pattern '{self._text}' was not found or ruled out within "
                f"{SEARCHED_WITHIN:g} s in a text of {len(text)} letters: make it simpler"
            ) from None


def _parsed(text: str) -> Any:
    """A pattern as `re` understands it, refused where `regex` would take it otherwise."""
    try:
        with warnings.catch_warnings():
            # `re` warns of what may mean something else one day, and does in `regex` today.
            warnings.simplefilter("error")
            re.compile(text, re.IGNORECASE)
            parsed = _parser.parse(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise ValueError(f"'{text}' is no regular expression: {error}") from None
    if _OTHER_BRACE.search(text):
        raise ValueError(f"'{text}': write \\{{ for a brace that is to be found")
    return parsed


def _nests(parsed: Iterable[tuple[object, Any]], *, inside: bool = False) -> bool:
    """Whether something is repeated without limit within what is, too."""
    for operator, argument in parsed:
        name = str(operator)
        if name in _WITHOUT_WAY_BACK:
            continue
        unlimited = name in _REPEATS and argument[1] is _parser.MAXREPEAT
        if unlimited and inside:
            return True
        if any(_nests(part, inside=inside or unlimited) for part in _parts(argument)):
            return True
    return False


def _parts(argument: object) -> list[Any]:
    """The expressions that an operator is made of."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for each in argument for part in _parts(each)]
    return []
