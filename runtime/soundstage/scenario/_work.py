"""How an agent's slow work is done on either clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from soundstage.agent import WorkDone, WorkFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel import Actor

T = TypeVar("T")


def work_in_thread(actor: Actor, job: Callable[[], T], then: Callable[[T], None]) -> None:
    """On the wall clock: beside the actors, in a thread of the portal's."""

    def done(value: Any) -> WorkDone:
        return WorkDone(then, value)

    actor.run_async(asyncio.to_thread(job), result=done, error=WorkFailed)


def work_between_turns(actor: Actor, job: Callable[[], T], then: Callable[[T], None]) -> None:
    """On the virtual clock: while it stands still."""

    def do() -> object:
        try:
            return WorkDone(then, job())
        except Exception as error:  # noqa: BLE001 - it is told to the agent
            return WorkFailed(error)

    actor.do_between_turns(do)
