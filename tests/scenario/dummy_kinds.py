"""Kinds of agents that need no engine: what a scenario's tables can say is all they have."""

from typing import ClassVar

from pydantic import Field

from soundstage.agent import Agent, Opens, UsesTools
from soundstage.config.values import (
    Duration,
    SessionFields,
    Table,
    Text,
    TurnDetection,
)
from soundstage.endpoint import ApiProtocol, CallsEndpoint
from soundstage.secrets import Secret


class DummyAgent(Agent):
    """What every kind has."""

    @classmethod
    def hears_words(cls) -> bool:
        """As a session does."""
        return True

    class Settings(Agent.Settings):
        """The keys of every kind.

        Attributes:
            voice: an OpenAI voice name.
        """


class DummyRealtime(DummyAgent):
    """The keys of a Realtime agent."""

    class Settings(DummyAgent.Settings, CallsEndpoint, Opens, UsesTools):
        """The keys that a Realtime agent adds.

        Attributes:
            model: the model's name.
        """

        model: str = "gpt-realtime-2.1"
        protocol: ApiProtocol = "realtime"
        instructions: Text | None = None
        turn_detection: TurnDetection = TurnDetection()
        session: SessionFields = Field(default_factory=dict)


class DummyGuard(DummyAgent):
    """A kind of one's own, with keys of its own."""

    clocks: ClassVar[frozenset[str]] = frozenset({"wall"})

    class Settings(DummyAgent.Settings):
        """The keys that a guard adds."""

        words: frozenset[str]
        mute_for: Duration = Duration("10s")
        token: Secret | None = None


class NoTable(Agent):
    """An agent whose settings lack what every agent's table has."""

    class Settings(Table):  # type: ignore[assignment]
        """Only its own."""


class OneClock(Agent):
    """An agent that names its clock as one word."""

    clocks = "wall"  # type: ignore[assignment]


class NoCues(Agent):
    """An agent that says nothing sensible about cues."""

    cues = None  # type: ignore[assignment]


class Deaf(Agent):
    """An agent that cannot say whether it hears words."""

    @classmethod
    def hears_words(cls) -> bool:
        """Ends the program."""
        raise SystemExit("enough")


class Undecided(Agent):
    """An agent that answers another question."""

    @classmethod
    def hears_words(cls) -> bool:
        """Neither True nor False."""
        return "perhaps"  # type: ignore[return-value]


class NoAgent:
    """A class that is no agent."""


def pay(amount: float) -> str:
    """Pay something."""
    return f"paid {amount}"


def unhinted(order) -> str:
    """Pay an order back."""
    return f"refunded {order}"
