"""The gate for the text of a language model: what comes through it can be said, kept and logged."""

from __future__ import annotations

import re
from typing import Final

from soundstage.json_text import valid_text

_OPENS: Final = re.compile("<think(?:ing)?>", re.IGNORECASE)
_CLOSES: Final = re.compile("</think(?:ing)?>", re.IGNORECASE)
_MAY_GO_ON: Final = re.compile("(?:</?[a-z]{0,8}|[\ud800-\udbff])\\Z", re.IGNORECASE)


class AnswerText:
    """Takes an answer as it comes, cut anywhere; gives what of it is to be said.

    Models that reason write their thoughts between `<think>` and `</think>`, and some servers
    leave them in the answer. A thought that is never closed goes on to the answer's end.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinks = False

    def push(self, words: str) -> str:
        """Add to the answer; what of it is certain by now."""
        text, self._held = self._held + words, ""
        said: list[str] = []
        while (tag := (_CLOSES if self._thinks else _OPENS).search(text)) is not None:
            if not self._thinks:
                said.append(text[: tag.start()])
            self._thinks = not self._thinks
            text = text[tag.end() :]
        unsure = _MAY_GO_ON.search(text)
        end = len(text) if unsure is None else unsure.start()
        self._held = text[end:]
        if not self._thinks:
            said.append(text[:end])
        return valid_text("".join(said))

    def rest(self) -> str:
        """The answer is over: what was held back, as more might have followed."""
        rest, self._held = self._held, ""
        return "" if self._thinks else valid_text(rest)
