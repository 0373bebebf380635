"""One judgement of voice activity for streams that have heard the same since they began."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MOST_KEPT: Final = 4096
"""Judgements that are remembered, 1.3 kB each: of some two minutes of sound."""


class JudgedWindow(NamedTuple):
    """What a model knows after a window of a stream.

    Attributes:
        heard: a hash of all windows since the stream began.
        probability: of speech in the last one, 0 to 1.
        state: of the model, with which it judges the next one.
    """

    heard: bytes
    probability: float
    state: NDArray[Any]


class JudgedWindows:
    """The judgements that streams share; may be used from several threads at once.

    Args:
        judge: the model: a window and its input, and what was judged before it; gives the
            probability of speech and the new state.
    """

    def __init__(
        self, judge: Callable[[NDArray[Any], NDArray[Any]], tuple[float, NDArray[Any]]]
    ) -> None:
        self._judge = judge
        self._judged: OrderedDict[bytes, JudgedWindow] = OrderedDict()
        self._lock = threading.Lock()

    def after(
        self, before: JudgedWindow, window: NDArray[Any], model_input: NDArray[Any]
    ) -> JudgedWindow:
        """The judgement of the next window of a stream.

        Args:
            before: that of the window before it.
            window: the samples, all that is new to the stream.
            model_input: what the model reads, made of this window and the one before.
        """
        heard = hashlib.sha256(before.heard + window.tobytes()).digest()
        judged = self._judged.get(heard)
        if judged is None:
            judged = JudgedWindow(heard, *self._judge(model_input, before.state))
            with self._lock:
                self._judged[heard] = judged
                if len(self._judged) > MOST_KEPT:
                    self._judged.popitem(last=False)
        return judged
