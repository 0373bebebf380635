"""How a call is to be answered, as the owner of the endpoint decides."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct, structs

from soundstage.endpoint.local_settings import LocalSettings
from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")


def _log_remark(_: str, text: str) -> None:
    _log.warning("%s", text)


class CallPlan(Struct, frozen=True, kw_only=True):
    """How one call is answered.

    Attributes:
        local: what is said, and how long thinking about it takes.
        stream: a random stream of the call's own, by purpose.
        voice: the voice of a session that names none; None for the protocol's default.
        name: the name that the client chose it by; None for a client that chose nothing.
        replaces_model: whether the client has chosen it by a name in the place of a model, so
            that the session's model means nothing.
        number: which of the sessions that this table has answered it is, the first being 1.
        expires_after: how long the session lives, whatever its table says; None to go by the table.
        strict: whether a voice that the service does not have is refused; else a stand-in speaks.
        lose: told of what the endpoint itself lacks, such as a language model that does not
            answer, which its client cannot know; None where that fails a response alone.
        remark: told, by a code and in words, of what is odd in an answer: the table's author
            wants to know it, and the client need not. From any thread.
    """

    local: LocalSettings
    stream: Callable[[str], random.Random]
    voice: str | None = None
    name: str | None = None
    replaces_model: bool = False
    number: int = 1
    expires_after: Samples | None = None
    strict: bool = False
    lose: Callable[[Exception], None] | None = None
    remark: Callable[[str, str], None] = _log_remark

    def lasts(self, longest: Samples) -> Samples:
        """How long the session lives from when it opens; `longest` where nothing is said."""
        return self.expires_after or self.local.expires_after or longest


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


AGENT_HEADER: Final = "X-Soundstage-Agent"
"""How a client says which agent's table answers it, whatever its model; a run's own calls do."""

Choose: TypeAlias = Callable[[tuple[str, ...]], CallPlan]
"""Makes the plan of a session from the names that a table of its own may have, the first one first.

They are those of `names_asked_for`.
"""


def names_asked_for(
    headers: Mapping[str, str], model: str, session: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """The names by which a client may choose how it is answered.

    The URL's goes before that of the session: frameworks put a model of their own into the
    session, whatever URL they are given.

    Args:
        headers: of the HTTP request.
        model: the model in its URL, or nothing.
        session: the configuration that came with it.
    """
    return (headers.get(AGENT_HEADER, ""), model, str((session or {}).get("model", "")))


def is_in_place_of_model(name: str | None, names: tuple[str, ...]) -> bool:
    """Whether a client chose a table by what should be its model, of all that it asked for."""
    return bool(name) and name in names[1:]
