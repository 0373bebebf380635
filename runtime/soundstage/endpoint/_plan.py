"""How a call is to be answered, as the owner of the endpoint decides."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from soundstage.values import LocalSettings


class CallPlan(Struct, frozen=True, kw_only=True):
    """How one call is answered.

    Attributes:
        local: what is said, and how long thinking about it takes.
        stream: a random stream of the call's own, by purpose.
        voice: the voice of a session that names none; None for the protocol's default.
    """

    local: LocalSettings
    stream: Callable[[str], random.Random]
    voice: str | None = None


Choose: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, str]], CallPlan]
"""Makes the plan of a call from its session's configuration and its HTTP headers."""
