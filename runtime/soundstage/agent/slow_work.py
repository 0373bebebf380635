"""Slow work of an agent, which goes on in a turn with what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from soundstage.kernel import Actor, JobKind, handles

T = TypeVar("T")


class WorkDone(Struct, frozen=True):
    """A job has been done; `then` waits for its value."""

    then: Callable[[Any], None]
    value: Any


class WorkFailed(Struct, frozen=True):
    """A job has raised this, or was not done in time."""

    error: Exception


class Working(Actor):
    """An actor that has slow work done, and goes on with its value."""

    def work(self, kind: JobKind, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Have slow work done outside the actor; `then` goes on with its value, in a turn.

        Where the job raises, so does the actor, in a turn too.
        """
        self.submit(kind, job, result=lambda value: WorkDone(then, value), error=WorkFailed)

    @handles(WorkDone)
    def _go_on(self, done: WorkDone) -> None:
        """What the actor had done for it is done."""
        done.then(done.value)

    @handles(WorkFailed)
    def _fail(self, failed: WorkFailed) -> None:
        """What the actor had done for it failed: so does the actor."""
        raise failed.error
