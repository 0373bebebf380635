"""What every agent's table in a scenario may say."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt


class AgentSettings(BaseModel):
    """The keys that every kind of agent has; a kind adds its own by subclassing.

    Attributes:
        kind: the agent's kind, or the object that is its class.
        voice: an OpenAI voice name; a free one where none is given.
        on_fault: what is done when a handler raises.
        restarts: how often `restart` is tried before the agent leaves.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: str = "realtime"
    voice: str | None = None
    on_fault: Literal["leave", "restart", "end"] = "leave"
    restarts: StrictInt = Field(default=3, ge=0, le=1000)
