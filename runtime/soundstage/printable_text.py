r"""The one gate for text that people read: on a terminal, in a transcript, in a report.

Models, recognisers, tools and scenario files may hold characters that a terminal obeys (ESC, and
CSI of the C1 set), that end a line or a text (NUL), or that show text in another order or not at
all (the bidirectional marks of Unicode's UAX #9, zero-width characters, tags). Such a character is
shown by its number, as Python writes it: `\x1b`, `\u202e`. The event log keeps it as it came.

What scripts and emoji need stays: the joiners U+200C and U+200D, and the variation selectors.
"""

from __future__ import annotations

import re
from typing import Final

_HIDDEN: Final = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls that are no space
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
    "\ud800-\udfff"  # half a surrogate pair has no bytes
)
_NEVER_SHOWN: Final = re.compile(f"[{_HIDDEN}\x0b\x0c\r\x85\u2028\u2029]")
_LINE_ENDS: Final = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_NOT_ONE_LINE: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """The text with nothing in it that is obeyed in place of being shown; its lines stay."""
    return _NEVER_SHOWN.sub(_number, _LINE_ENDS.sub("\n", text))


def printable_line(text: str) -> str:
    """The same on one line: line ends and tabs are a space each, however many there are."""
    return _NEVER_SHOWN.sub(_number, _NOT_ONE_LINE.sub(" ", text))


def printable_json(line: str) -> str:
    """A line of JSON that a terminal shows and does not obey: the same value, written with escapes.

    Args:
        line: of valid JSON, which has such characters in its strings only.
    """
    return _NEVER_SHOWN.sub(_escape, line)


def _number(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
