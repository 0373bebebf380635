"""What an agent is handed when it is made: who it is, where it sends, and what works for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from soundstage.tools import answer

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from soundstage.agent.agent_settings import AgentSettings
    from soundstage.kernel import Address
    from soundstage.realtime import SessionTransport
    from soundstage.secrets import Secret
    from soundstage.servers import RunningServer
    from soundstage.speech import Engines
    from soundstage.tools import Answer, ReadyTool


class RunTool(Protocol):
    """Runs tools."""

    def __call__(self, ready: ReadyTool, name: str, arguments: str) -> Answer:
        """Run a tool, and wait for it: called in a job, never in an actor's turn."""
        ...


def run_here(ready: ReadyTool, name: str, arguments: str) -> Answer:
    """Run a tool that needs no event loop."""
    return answer(ready.tool, name, arguments)


def _show_nothing(_: str) -> None:
    """There is no display."""


class AgentIdentity(Struct, frozen=True, kw_only=True):
    """Who an agent is in its scenario.

    Attributes:
        name: the agent's own.
        settings: its table, an instance of its class's `Settings`.
        hears: the agents it hears.
        voice: the voice it speaks with.
        floor: the room whose floor it needs in order to speak, or empty.
        labels: whether its session is told in text who said what.
        log_wire: whether its session's raw events go into the log.
        scenario: the scenario's title, for people.
    """

    name: str
    settings: AgentSettings
    hears: tuple[str, ...] = ()
    voice: str = "alloy"
    floor: str = ""
    labels: bool = False
    log_wire: bool = False
    scenario: str = ""


class AgentPorts(Struct, frozen=True, kw_only=True):
    """Where an agent sends.

    Attributes:
        mixer: where its frames go.
        journal: where its events go.
        open_wire: makes the wire to its Realtime endpoint; raises where it has none.
        endpoint_url: the local endpoint's base URL, ending in `/v1`, or empty.
        endpoint_key: the one key that opens it, made for this run; None where there is none.
        notify: shows a line to the person who started the run; it is not logged.
    """

    mixer: Address
    journal: Address
    open_wire: Callable[[dict[str, Any]], SessionTransport]
    endpoint_url: str = ""
    endpoint_key: Secret | None = None
    notify: Callable[[str], None] = _show_nothing


class AgentServices(Struct, frozen=True, kw_only=True):
    """What works for an agent.

    Attributes:
        engines: offline speech, loaded when first used.
        stream: a named random stream of its own, by purpose.
        run_tool: runs a tool, in a job.
        tools: the tools it may use, by name.
        folder: the run folder, for files of the agent's own; None in a test that has none.
        servers: the programs of the scenario that run, by name.
        source_folder: the folder of the scenario's file; None in a test that has none.
    """

    engines: Engines
    stream: Callable[[str], random.Random]
    run_tool: RunTool = run_here
    tools: dict[str, ReadyTool] = {}
    folder: Path | None = None
    servers: Mapping[str, RunningServer] = {}
    source_folder: Path | None = None


class AgentContext(Struct, frozen=True, kw_only=True):
    """Everything an agent may use, all of it handed in.

    What an agent of one's own needs has a short name here; the kinds that come with the package
    use the three parts.

    Attributes:
        identity: who it is.
        ports: where it sends.
        services: what works for it.
    """

    identity: AgentIdentity
    ports: AgentPorts
    services: AgentServices

    @property
    def name(self) -> str:
        """The agent's own name."""
        return self.identity.name

    @property
    def hears(self) -> tuple[str, ...]:
        """The agents it hears."""
        return self.identity.hears

    @property
    def voice(self) -> str:
        """The voice it speaks with."""
        return self.identity.voice

    @property
    def engines(self) -> Engines:
        """Offline speech, loaded when first used."""
        return self.services.engines

    @property
    def stream(self) -> Callable[[str], random.Random]:
        """A named random stream of its own, by purpose, from the run's seed."""
        return self.services.stream

    @property
    def folder(self) -> Path | None:
        """The run folder, for files of the agent's own; None in a test that has none."""
        return self.services.folder
