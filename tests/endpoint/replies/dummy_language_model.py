"""A language model that says what a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.realtime import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.realtime import Compose


class DummyLanguageModel:
    """Each answer is a list of words; a `Reply` at its end, or an error in it, is used as it is."""

    def __init__(self, *answers: list[str | Reply | Exception]) -> None:
        self.answers = list(answers)
        self.asked: list[Compose] = []
        self.closed = 0

    def key(self, request: Compose) -> bytes:
        return b"key"

    def answer(self, request: Compose) -> Iterator[str | Reply]:
        self.asked.append(request)
        try:
            for piece in self.answers.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                yield piece
            yield Reply()
        finally:
            self.closed += 1
