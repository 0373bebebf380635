"""What an agent is handed when it is cast."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from soundstage.tools import answer

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from soundstage.agent._settings import AgentSettings
    from soundstage.kernel import Actor, Address
    from soundstage.realtime import SessionTransport
    from soundstage.speech import Engines
    from soundstage.tools import Answer, ReadyTool

T = TypeVar("T")


class Work(Protocol):
    """Does something slow outside the actor, and goes on in it with what came of it."""

    def __call__(self, actor: Actor, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run `job`; `then` is called with its value, in a turn of the actor (`WorkDone`).

        An exception in the job comes as `WorkFailed`.
        """
        ...


def _nobody(_: str) -> None:
    """Nobody is there to read it."""


class CallTool(Protocol):
    """Runs tools outside the actor."""

    def __call__(
        self,
        actor: Actor,
        ready: ReadyTool | None,
        name: str,
        arguments: str,
        then: Callable[[Answer], None],
    ) -> None:
        """Run a tool, None for one that does not exist; `then` is called in a turn of the actor.

        On the virtual clock no time passes meanwhile, whatever it takes.
        """
        ...


def answer_at_once(
    actor: Actor,
    ready: ReadyTool | None,
    name: str,
    arguments: str,
    then: Callable[[Answer], None],
) -> None:
    """Run a tool in the actor's own turn: for tools that do not wait."""
    del actor
    then(answer(None if ready is None else ready.tool, name, arguments))


class Given(Struct, frozen=True, kw_only=True):
    """Everything an agent may use, all of it handed in.

    Attributes:
        name: the agent's own.
        settings: its table, an instance of its class's `Settings`.
        mixer: where its frames go.
        journal: where its events go.
        hears: the agents it hears.
        engines: offline speech, loaded when first used.
        voice: the voice it speaks with.
        stream: a named random stream of its own, by purpose.
        work: does something slow outside the actor.
        call_tool: runs a tool outside the actor.
        open_wire: makes the wire to its Realtime endpoint; raises where it has none.
        endpoint_url: the local endpoint's base URL, or empty.
        tools: the tools it may use, by name.
        folder: the run folder, for files of the agent's own; None in a test that has none.
        log_wire: whether its session's raw events go into the log.
        scenario: the scenario's title, for people.
        notify: shows a line to whoever started the run; it is not logged.
        floor: the room whose floor it needs in order to speak, or empty.
        labels: whether its session is told in text who said what.
    """

    name: str
    settings: AgentSettings
    mixer: Address
    journal: Address
    hears: tuple[str, ...]
    engines: Engines
    voice: str
    stream: Callable[[str], random.Random]
    work: Work
    call_tool: CallTool = answer_at_once
    open_wire: Callable[[dict[str, Any]], SessionTransport]
    endpoint_url: str = ""
    tools: dict[str, ReadyTool] = {}
    folder: Path | None = None
    log_wire: bool = False
    scenario: str = ""
    notify: Callable[[str], None] = _nobody
    floor: str = ""
    labels: bool = False

    def tell_self(self, actor: Actor, message: object) -> None:
        """Queue a message for the agent itself."""
        actor.address.tell(message)


class WorkDone(Struct, frozen=True):
    """A job given to `Work` has been done; `then` waits for its value."""

    then: Callable[[Any], None]
    value: Any


class WorkFailed(Struct, frozen=True):
    """A job given to `Work` raised."""

    error: Exception
