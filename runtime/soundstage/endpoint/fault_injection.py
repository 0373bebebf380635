"""The faults of one session, made on purpose: what is told late, wrongly, twice or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.local_settings import FaultTable
    from soundstage.units import Samples

_CREATED: Final = b'"type":"response.created"'
_TRANSCRIBED: Final = b'"type":"conversation.item.input_audio_transcription.completed"'
_CODES: Final = {
    401: "invalid_api_key",
    403: "forbidden",
    404: "model_not_found",
    429: "rate_limit_exceeded",
}
_SERVER_ERRORS: Final = 500


def faults_of(plan: CallPlan, *kinds: str) -> tuple[FaultTable, ...]:
    """The faults of these kinds that a plan's session is to have."""
    return tuple(
        fault
        for fault in plan.local.faults
        if fault.kind in kinds and fault.session in (None, plan.number)
    )


class RefusedSession(Struct, frozen=True):
    """A session that is refused: the HTTP status and the error."""

    status: int
    code: str
    message: str


def refused_by(plan: CallPlan) -> RefusedSession | None:
    """Why a session is refused; None where it is not."""
    for fault in faults_of(plan, "refuse"):
        status = fault.status or _SERVER_ERRORS
        other = "server_error" if status >= _SERVER_ERRORS else "invalid_value"
        message = f"The endpoint was told to refuse this session with {status}."
        return RefusedSession(status, _CODES.get(status, other), message)
    return None


def answer_delay(plan: CallPlan) -> Samples:
    """How much later a session is answered."""
    return sum(fault.delay or 0 for fault in faults_of(plan, "slow_answer"))


class FaultySender:
    """Stands between a session and its client.

    Args:
        plan: which faults there are to be.
        send: sends an event to the client.

    Attributes:
        dropped: what the client has lost: `channel`, `path` or `connection`; empty for nothing.
        expired: whether the session is to say that it has expired.
    """

    def __init__(self, plan: CallPlan, send: Callable[[bytes], None]) -> None:
        self.dropped = ""
        self.expired = False
        self._send = send
        self._malformed = faults_of(plan, "malformed")
        self._transcriptions = faults_of(plan, "duplicate_transcription", "late_transcription")
        self._ends = faults_of(plan, "expire", "drop")
        self._is_faulty = bool(self._malformed or self._transcriptions or self._ends)
        self._counts: dict[str, int] = {}
        self._held: list[bytes] = []
        self._now: Samples = 0
        self._begun: dict[int, Samples] = {}

    @property
    def is_faulty(self) -> bool:
        """Whether any fault is to be made of what the session tells."""
        return self._is_faulty

    def open(self, now: Samples) -> None:
        """The session begins."""
        self._begun[0] = now

    def send(self, event: bytes) -> None:
        """Send an event, or what becomes of it."""
        if not self._is_faulty:
            self._send(event)
        elif not self.dropped:
            self._send_faulty(event)

    def tick(self, now: Samples) -> None:
        """Time has passed: see whether the session is to end."""
        self._now = now
        if not self._ends:
            return
        for fault in self._ends:
            since = self._begun.get(fault.nth or 0)
            if since is not None and now - since >= fault.after:
                self.expired |= fault.kind == "expire"
                self.dropped = self.dropped or (fault.what if fault.kind == "drop" else "")

    def _send_faulty(self, event: bytes) -> None:
        if _CREATED in event:
            self._begun.setdefault(self._count("response"), self._now)
        if self._malformed:
            event = self._cut(event)
        if _TRANSCRIBED in event:
            self._send_transcription(event)
        else:
            self._send(event)

    def _cut(self, event: bytes) -> bytes:
        kind = str(json.loads(event)["type"])
        nth = self._count(kind)
        broken = any(fault.event == kind and fault.concerns(nth) for fault in self._malformed)
        return event[: len(event) // 2] if broken else event

    def _send_transcription(self, event: bytes) -> None:
        nth = self._count("transcription")
        kinds = {fault.kind for fault in self._transcriptions if fault.concerns(nth)}
        if "late_transcription" in kinds and not self._held:
            self._held = [event, event] if "duplicate_transcription" in kinds else [event]
            return
        self._send(event)
        if "duplicate_transcription" in kinds:
            self._send(event)
        held, self._held = self._held, []
        for late in held:
            self._send(late)

    def _count(self, what: str) -> int:
        self._counts[what] = self._counts.get(what, 0) + 1
        return self._counts[what]
