"""Kinds of agents that need no engine: what a scenario's tables can say is all they have."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from soundstage.agent import LineTable
from soundstage.config.values import (
    Duration,
    ProviderName,
    Secret,
    SessionFields,
    Text,
    ToolName,
    TurnDetection,
)
from soundstage.endpoint import LocalSettings


class DummyAgent:
    """What every kind has."""

    class Settings(BaseModel):
        """The keys of every kind.

        Attributes:
            voice: an OpenAI voice name.
        """

        model_config = ConfigDict(extra="forbid", frozen=True)

        kind: str = "realtime"
        voice: str | None = None
        line: LineTable = LineTable()
        on_fault: Literal["leave", "restart", "end"] = "leave"
        restarts: StrictInt = 3


class DummyRealtime(DummyAgent):
    """The keys of a Realtime agent."""

    class Settings(DummyAgent.Settings):
        """The keys that a Realtime agent adds.

        Attributes:
            model: the model's name.
        """

        provider: ProviderName | None = None
        model: str = "gpt-realtime-2.1"
        instructions: Text | None = None
        opening_prompt: Text | None = None
        tools: tuple[ToolName, ...] = ()
        turn_detection: TurnDetection = TurnDetection()
        session: SessionFields = Field(default_factory=dict)
        local: LocalSettings = LocalSettings()


class DummyGuard(DummyAgent):
    """A kind of one's own, with keys of its own."""

    clocks: ClassVar[tuple[str, ...]] = ("wall",)

    class Settings(DummyAgent.Settings):
        """The keys that a guard adds."""

        words: frozenset[str]
        mute_for: Duration = Duration("10s")
        token: Secret | None = None


class NoAgent:
    """A class without Settings."""


def pay(amount: float) -> str:
    """Pay something."""
    return f"paid {amount}"


def unhinted(order) -> str:
    """Pay an order back."""
    return f"refunded {order}"
