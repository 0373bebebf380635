"""A call that may never come back, on a thread that can be given up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def call_within(call: Callable[[], T], seconds: float, name: str) -> T:
    """What a call returns, on a daemon thread of its own: what hangs must not keep the process.

    Args:
        call: what is called.
        seconds: how long it may take.
        name: of the thread.

    Raises:
        TimeoutError: it takes longer, and its thread goes on; or its thread was ended.
        Exception: what it raised.
    """
    returned: list[T] = []
    raised: list[Exception] = []

    def work() -> None:
        try:
            returned.append(call())
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            raised.append(error)

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise TimeoutError
    return returned[0]
