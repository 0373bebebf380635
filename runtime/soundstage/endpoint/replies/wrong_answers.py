"""Answers that are whole and wrong: another number, too many words, a tool called twice."""

from __future__ import annotations

import re
from typing import Final

from msgspec import structs

from soundstage.realtime import Reply

CHATTER: Final = (
    "And while we are talking, let me tell you that we are always happy to hear from you, whatever "
    "it is about, and that we take all the time that it needs."
)
"""What a talkative answer ends with: about eight seconds of speech that say nothing."""

_NUMBERS: Final = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
)
"""Not "one", which is a word for things as well; each becomes the next, and the last the first."""

_NEXT: Final = dict(zip(_NUMBERS, (*_NUMBERS[1:], _NUMBERS[0]), strict=True))
_FIGURES: Final = re.compile(rf"\d+|\b(?:{'|'.join(_NUMBERS)})\b", re.IGNORECASE)


def with_wrong_numbers(reply: Reply) -> Reply:
    """The reply with another number in the place of each that it says: `12` becomes `13`."""
    text = reply.text and _FIGURES.sub(lambda found: _other(found[0]), reply.text)
    return structs.replace(reply, text=text)


def with_much_talk(reply: Reply) -> Reply:
    """The reply with many words after its own."""
    return structs.replace(reply, text=f"{reply.text} {CHATTER}" if reply.text else reply.text)


def with_repeated_calls(reply: Reply) -> Reply:
    """The reply with each of its function calls a second time."""
    return structs.replace(reply, calls=reply.calls * 2)


def _other(number: str) -> str:
    if number[0].isdecimal():
        return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    other = _NEXT[number.lower()]
    return other.capitalize() if number[0].isupper() else other
