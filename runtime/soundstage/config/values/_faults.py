"""Faults that the local endpoint makes on purpose, for clients that are to survive them."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from soundstage.config.values._quantities import Duration
from soundstage.config.values._table import Table

FaultKind = Literal[
    "refuse",
    "slow_answer",
    "slow_response",
    "expire",
    "drop",
    "malformed",
    "failed",
    "incomplete",
    "filtered",
    "cut_arguments",
    "duplicate_transcription",
    "late_transcription",
]

_ALWAYS: Final = {"kind", "session"}
_REPLY: Final = _ALWAYS | {"nth"}
_KEYS: Final[dict[str, set[str]]] = {
    "refuse": _ALWAYS | {"status"},
    "slow_answer": _ALWAYS | {"delay"},
    "slow_response": _REPLY | {"delay"},
    "expire": _REPLY | {"after"},
    "drop": _REPLY | {"after", "what"},
    "malformed": _REPLY | {"event"},
    "failed": _REPLY | {"code", "message"},
}
_NEEDED: Final = {
    "refuse": "status",
    "slow_answer": "delay",
    "slow_response": "delay",
    "malformed": "event",
}

Ordinal = Annotated[int, Field(ge=1)]


class FaultTable(Table):
    """One entry of `faults`.

    Attributes:
        kind: what goes wrong.
        session: in which session that this table answers, the first being 1; None in every one.
        nth: which response, turn or event of the session, the first being 1; None every one. Of
            `expire` and `drop`: from which response on `after` counts, None from the beginning.
        status: of `refuse`, the HTTP status.
        delay: of `slow_answer` and `slow_response`, how much longer it takes.
        after: of `expire` and `drop`, how long it takes until then.
        what: of `drop`, the event channel, the network path, or the whole connection; over a
            WebSocket they are the same.
        event: of `malformed`, the type of event that is cut in the middle.
        code: of `failed`, what the failure is called in the protocol.
        message: of `failed`, what it says.
    """

    kind: FaultKind
    session: Ordinal | None = None
    nth: Ordinal | None = None
    status: Literal[400, 401, 403, 404, 429, 500, 503] | None = None
    delay: Duration | None = None
    after: Duration = Duration("0ms")
    what: Literal["channel", "path", "connection"] = "connection"
    event: str | None = None
    code: str = "server_error"
    message: str = "The server had an error while processing your request."

    @model_validator(mode="after")
    def _has_the_keys_of_its_kind(self) -> Self:
        for key in sorted(self.model_fields_set - _KEYS.get(self.kind, _REPLY)):
            raise ValueError(f'{key} has no meaning for a fault of the kind "{self.kind}"')
        needed = _NEEDED.get(self.kind)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f'a fault of the kind "{self.kind}" needs {needed}')
        return self

    def concerns(self, nth: int) -> bool:
        """Whether it is about the nth of what it is about."""
        return self.nth is None or self.nth == nth
