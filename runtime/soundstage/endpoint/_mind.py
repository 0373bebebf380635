"""A language model as the endpoint sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.realtime import Compose, Reply


class MindFailed(Exception):
    """No answer came, or none that can be used; the response fails.

    Args:
        message: for the client; it holds no secret.
        code: what the failure is called in the protocol.
    """

    def __init__(self, message: str, code: str = "server_error") -> None:
        self.code = code
        super().__init__(message)


class Mind(Protocol):
    """Answers whatever it is asked. May be used from several threads at once."""

    def key(self, request: Compose) -> bytes:
        """All that an answer depends on; requests with the same key may get the same answer."""
        ...

    def answer(self, request: Compose) -> Iterator[str | Reply]:
        """The words of an answer as they come, then a `Reply` without text that ends it.

        It is used in a workshop, and closed where the answer is not wanted any more.

        Raises:
            MindFailed: while it is iterated over.
        """
        ...
