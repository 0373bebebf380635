"""The floor of a room, as a scenario says it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from soundstage.config.values import (
    AgentName,
    Duration,
    ObjectReference,
    Table,
    fault_within,
    suggestion,
)

FREE = "free"
POLICIES = (FREE, "round_robin", "moderator", "addressed")
"""The policies that there are, beside one's own."""

ROUND_ROBIN = "round_robin"


class FloorTable(Table):
    """Whose turn it is in a room.

    Attributes:
        policy: `free` (everyone answers), `round_robin` (one after the other), `moderator` (the
            member that the moderator names), `addressed` (the member whose name was said), or a
            class of your own.
        moderator: who passes the floor.
        fallback: who speaks where the policy names no member that can: the next one, or a member.
        max_turn: how long a turn lasts at most.
    """

    policy: str = FREE
    moderator: AgentName | None = None
    fallback: str = ROUND_ROBIN
    max_turn: Annotated[Duration, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        faults: list[tuple[tuple[str | int, ...], str]] = []
        if ":" in self.policy:
            try:
                ObjectReference(self.policy)
            except ValueError as error:
                faults.append((("policy",), str(error)))
        elif self.policy not in POLICIES:
            hint = suggestion(self.policy, POLICIES).rstrip("?")
            reason = f'there is no policy "{self.policy}"; {hint}, or your own as "./file.py:Name"?'
            faults.append((("policy",), reason))
        if self.policy == "moderator" and self.moderator is None:
            faults.append((("policy",), "needs moderator: who passes the floor"))
        if self.moderator is not None and self.policy in {*POLICIES} - {"moderator"}:
            faults.append((("moderator",), 'goes with policy = "moderator"'))
        extra = self.model_fields_set - {"policy"}
        if self.policy == FREE and extra:
            faults.append(((min(extra),), 'does not go with policy = "free": there is no floor'))
        if faults:
            raise fault_within(faults)
        return self

    @property
    def is_free(self) -> bool:
        """Whether everyone may speak at any time."""
        return self.policy == FREE

    def strangers(self, members: tuple[str, ...]) -> list[tuple[str, str]]:
        """What is wrong with its names in a room with these members: key and reason."""
        named = {"moderator": self.moderator}
        if self.fallback != ROUND_ROBIN:
            named["fallback"] = self.fallback
        return [
            (key, f'"{name}" is not a member of this room; {suggestion(name, members)}')
            for key, name in named.items()
            if name is not None and name not in members
        ]
