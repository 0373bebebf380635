"""An answer that is being thought of, taken down a piece at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from msgspec import structs

from soundstage.endpoint._mind import MindFailed
from soundstage.endpoint._sentences import Sentences
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from soundstage.endpoint._mind import Mind
    from soundstage.realtime import Compose


class Dictation:
    """One answer of a mind, in sentences where it is to be spoken.

    Args:
        mind: thinks.
        request: what of.
    """

    def __init__(self, mind: Mind, request: Compose) -> None:
        self._words = mind.answer(request)
        self._sentences = Sentences(whole=request.spoken)
        self._lock = threading.Lock()
        self._closed = False

    def next_piece(self) -> str | Reply:
        """The next sentence, or the end with what had not been given. Slow: for a workshop.

        Raises:
            MindFailed: there is no more, but that is not the end.
        """
        with self._lock:
            ready = self._sentences.push("")
            while not ready:
                words = None if self._closed else next(self._words, None)
                if words is None:
                    raise MindFailed("the answer broke off")
                if isinstance(words, Reply):
                    return structs.replace(words, text=self._sentences.rest() or None)
                ready = self._sentences.push(words)
            if self._closed:
                self._stop()
            return ready

    def close(self) -> None:
        """It is not wanted any more; whoever waits for it in a workshop ends it there."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._stop()
            finally:
                self._lock.release()

    def _stop(self) -> None:
        close = getattr(self._words, "close", None)
        if close is not None:
            close()
