"""Whether a class of agents can speak, found in its code: no run is needed to know it."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = frozenset({"say", "send"})
"""What an agent is heard by: `self.say(…)` and `self.send(…)`."""


def names_of_speaking(kind: type, base: type) -> bool:
    """Whether a class, or one between it and its base, says or sends anything in its methods."""
    return any(
        not _WORDS.isdisjoint(code.co_names)
        for owner in kind.__mro__
        if owner is not base and issubclass(owner, base)
        for member in vars(owner).values()
        for code in _codes(member)
    )


def _codes(member: object) -> Iterator[types.CodeType]:
    """The code of a method, and of the functions within it."""
    if isinstance(member, property):
        for part in (member.fget, member.fset):
            yield from _codes(part)
        return
    function = getattr(member, "__func__", member)
    waiting = [getattr(function, "__code__", None)]
    while waiting:
        code = waiting.pop()
        if isinstance(code, types.CodeType):
            yield code
            waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
