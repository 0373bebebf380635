"""How a call is to be answered, as the owner of the endpoint decides."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, structs

from soundstage.endpoint.local_settings import LocalSettings


class CallPlan(Struct, frozen=True, kw_only=True):
    """How one call is answered.

    Attributes:
        local: what is said, and how long thinking about it takes.
        stream: a random stream of the call's own, by purpose.
        voice: the voice of a session that names none; None for the protocol's default.
        number: which of the sessions that this table has answered it is, the first being 1.
    """

    local: LocalSettings
    stream: Callable[[str], random.Random]
    voice: str | None = None
    number: int = 1


class SessionNumbers:
    """Numbers the sessions that each table with faults answers."""

    def __init__(self) -> None:
        self._begun: dict[int, tuple[LocalSettings, int]] = {}

    def number(self, plan: CallPlan) -> CallPlan:
        """The plan, with the number of its session, where that makes a difference."""
        if not plan.local.faults:
            return plan
        # By identity: a table that was read again begins anew. It is kept, so that no other one
        # can have its identity.
        _, count = self._begun.get(id(plan.local), (plan.local, 0))
        self._begun[id(plan.local)] = (plan.local, count + 1)
        return structs.replace(plan, number=count + 1)


Choose: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, str]], CallPlan]
"""Makes the plan of a call from its session's configuration and its HTTP headers."""
