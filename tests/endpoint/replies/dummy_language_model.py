"""A language model that says what a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.realtime import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.realtime import Compose


class DummyLanguageModel:
    """Each answer is a list of words; a `Reply` at its end, or an error in it, is used as it is.

    A function in it is called when the words before it have been written; a number is how many
    seconds after the request the words behind it come.
    """

    def __init__(
        self, *answers: list[str | float | Reply | Exception | Callable[[], object]]
    ) -> None:
        self.answers = list(answers)
        self.asked: list[Compose] = []
        self.closed = 0
        self.written = 0

    def key(self, request: Compose) -> bytes:
        return b"key"

    def answer(self, request: Compose, write: Callable[[str, float], None]) -> Reply:
        self.asked.append(request)
        seconds = 0.0
        try:
            for piece in self.answers.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, Reply):
                    return piece
                if isinstance(piece, float):
                    seconds = piece
                    write("", seconds)
                elif callable(piece):
                    piece()
                else:
                    write(piece, seconds)
                    self.written += 1
            return Reply()
        finally:
            self.closed += 1
