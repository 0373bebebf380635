"""One recognition for each distinct sound, even where several threads ask for it at once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundstage.speech.protocols import Recognition, Recognizer

MOST_KEPT: Final = 1024
"""Recognitions that are remembered: words alone, the sound is not kept."""


class SharedRecognizer:
    """A recogniser whose listeners share what it makes of identical samples.

    All members of a room hear the same samples of one speaker. The first one has them recognised;
    the others get the same result, or wait for it where it is under way. A failure is told to all
    who wait for it, and the next one who asks tries again. May be used from several threads.

    Args:
        recognizer: does the work.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._results: OrderedDict[bytes, Recognition] = OrderedDict()
        self._under_way: dict[bytes, Future[Recognition]] = {}
        self._lock = threading.Lock()
        self.name = recognizer.name
        self.version = recognizer.version
        self.fingerprint = recognizer.fingerprint

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words; see `Recognizer`."""
        key = hashlib.sha256(pcm).digest()
        own: Future[Recognition] = Future()
        with self._lock:
            if (known := self._results.get(key)) is not None:
                self._results.move_to_end(key)
                return known
            result = self._under_way.setdefault(key, own)
        return self._compute(key, pcm, own) if result is own else result.result()

    def _compute(self, key: bytes, pcm: bytes, result: Future[Recognition]) -> Recognition:
        try:
            found = self._recognizer.recognize(pcm)
        except BaseException as error:
            # Forgotten before it is told: who asks from now on must not find the failure.
            with self._lock:
                del self._under_way[key]
            result.set_exception(error)
            raise
        with self._lock:
            self._results[key] = found
            if len(self._results) > MOST_KEPT:
                self._results.popitem(last=False)
            del self._under_way[key]
        result.set_result(found)
        return found
