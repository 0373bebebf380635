"""What happens to the call of a client that a program drops and has not closed."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

_ending: Final[set[asyncio.Task[None]]] = set()
"""Calls that are being hung up: the loop itself keeps no task alive."""


def abandon(
    client: object,
    loop: asyncio.AbstractEventLoop,
    take_down: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Warn of it, and hang up; on any thread, for that is where the last reference may go.

    Args:
        client: what was dropped.
        loop: that its call lives on.
        take_down: hangs up; it must not know the client.
    """
    warnings.warn(
        f"{client!r} was dropped and not closed: use `async with`, or await close()",
        ResourceWarning,
        source=client,
        stacklevel=3,
    )
    if not loop.is_closed():
        loop.call_soon_threadsafe(_begin, loop, take_down)


def _begin(
    loop: asyncio.AbstractEventLoop, take_down: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    ending = loop.create_task(take_down())
    _ending.add(ending)
    ending.add_done_callback(_ending.discard)
