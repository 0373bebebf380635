"""The server sessions that an endpoint serves, of the Realtime or of the Live protocol.

The Live protocol is loaded with the first session that speaks it: most runs have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from soundstage import realtime
from soundstage.audio import TelephoneCoders
from soundstage.config.values import is_table
from soundstage.endpoint.call_plan import CallPlan
from soundstage.realtime import ErrorBody, Ids, Pacing, Transport, encode, server_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.config.values import DurationRange
    from soundstage.realtime import Job, Reply
    from soundstage.units import Samples

ApiProtocol: TypeAlias = Literal["realtime", "live"]
"""Which of the two voice APIs; they never mix on one session."""

DEFAULT_MODEL: Final = "gpt-realtime-2.1"
"""What a session says it is where its client names no model; nothing depends on it."""

DEFAULT_LIVE_MODEL: Final = "gpt-live-1.1"
"""Likewise, of a Live session."""

_DELEGATE: Final = {
    "type": "function",
    "name": "delegate",
    "description": "Hand what the user wants over to the application, which can look things up.",
    "parameters": {"type": "object", "properties": {}},
}


class TicksAhead(Protocol):
    """The next ticks of a session, as far as nothing but sound passes in them.

    See `soundstage.realtime.ServerSession.ahead`.
    """

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of the next ticks, counted from 0, words of a reply are told."""
        ...

    def foresee_hearing(self, judged: Iterable[tuple[float, Samples]]) -> int:
        """How many of the next frames of the caller mean nothing."""
        ...

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks have passed whose frames were foreseen."""
        ...

    def hear(self, pcm: bytes, judged: Sequence[tuple[float, Samples]]) -> None:
        """Frames of the caller that mean nothing."""
        ...


class ServedSession(Protocol):
    """What both server sessions do; see `soundstage.realtime.ServerSession`."""

    closed: bool

    @property
    def ahead(self) -> TicksAhead | None:
        """Its next ticks; None where they cannot be foreseen."""
        ...

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `advance` will give, as long as nothing else happens."""
        ...

    def is_busy(self, now: Samples) -> bool:
        """Whether every tick counts."""
        ...

    def open(self, now: Samples) -> None:
        """The client can be told things."""
        ...

    def receive(self, text: str | bytes, now: Samples) -> None:
        """One event of the client."""
        ...

    def appended(self) -> list[bytes]:
        """Frames that came in events and are heard at once."""
        ...

    def due(self, now: Samples) -> list[bytes]:
        """Frames that came in events and are heard now."""
        ...

    def hear(self, pcm: bytes, probability: float, now: Samples, lag: Samples = 0) -> None:
        """One frame of the caller."""
        ...

    def advance(self, now: Samples) -> bytes:
        """Time has passed; the next frame to play."""
        ...

    def expire(self) -> None:
        """End it as one that has lasted as long as it may."""
        ...

    @property
    def has_output(self) -> bool:
        """Whether there is anything in `outgoing` or `jobs`."""
        ...

    def outgoing(self) -> list[bytes]:
        """The events to send."""
        ...

    def jobs(self) -> list[Job]:
        """The work to be done."""
        ...

    def transcribed(self, job: str, text: str) -> None:
        """The words of a `Transcribe` job."""
        ...

    def transcription_failed(self, job: str, message: str) -> None:
        """They could not be written down."""
        ...

    def composing(self, job: str, text: str, now: Samples) -> None:
        """The next words of a `Compose` job's answer."""
        ...

    def composed(self, job: str, reply: Reply, now: Samples) -> None:
        """The rest of it."""
        ...

    def spoken(
        self, job: str, pcm: bytes, words: Sequence[tuple[str, int, int]], text: str, now: Samples
    ) -> None:
        """The next part of the audio of a `Speak` job."""
        ...

    def spoken_all(self, job: str, now: Samples) -> None:
        """It is all there."""
        ...

    def failed(self, job: str, message: str, now: Samples, code: str = "server_error") -> None:
        """A `Compose` or `Speak` job came to nothing."""
        ...


class Opening(Struct, frozen=True, kw_only=True):
    """What a session is made of; see `EndpointSession`."""

    plan: CallPlan
    ids: Ids
    session: dict[str, Any]
    unix_time: int
    transport: Transport
    ident: str | None
    started_by: str | None


def _realtime(opened: Opening) -> ServedSession:
    plan = opened.plan
    given = _with_voice(opened.session, plan.voice)
    return realtime.ServerSession(
        ids=opened.ids,
        model=str(given.get("model") or DEFAULT_MODEL),
        session=given,
        # Frameworks send a model of their own, whatever name the URL has in its place.
        model_is_fixed=not plan.replaces_model,
        strict=plan.strict,
        unix_time=opened.unix_time,
        lasts=plan.lasts(realtime.LONGEST),
        transport=opened.transport,
        ident=opened.ident,
        coders=TelephoneCoders(),
        pacing=Pacing(words=plan.local.token_rate, audio=plan.local.audio_pace),
    )


def _live(opened: Opening) -> ServedSession:
    from soundstage import live  # noqa: PLC0415 - as the module says

    plan = opened.plan
    duplex = plan.local.duplex
    backchannel = duplex.backchannel
    return live.ServerSession(
        ids=opened.ids,
        session=_with_live_voice(opened.session, plan.voice),
        door="websocket" if opened.transport == "websocket" else "webrtc",
        stream=plan.stream,
        strict=plan.strict,
        unix_time=opened.unix_time,
        lasts=plan.lasts(live.LONGEST),
        ident=opened.ident,
        coders=TelephoneCoders(),
        duplex=live.Duplex(
            turn_end=_ends_of(duplex.turn_end),
            barge_in=_ends_of(duplex.barge_in),
            backchannel=None if backchannel == "never" else _ends_of(backchannel),
        ),
        delegates=_delegates(plan),
        started_by=opened.started_by,
    )


OPENERS: Final[Mapping[ApiProtocol, Callable[[Opening], ServedSession]]] = {
    "realtime": _realtime,
    "live": _live,
}
"""Makes the session of each protocol.

Raises:
    ClientFault: its configuration is wrong.
"""


def error_event(
    protocol: ApiProtocol, ids: Ids, kind: str, code: str, message: str, param: str | None = None
) -> bytes:
    """An `error` event that no session sends itself."""
    event_id = ids.make("event")
    if protocol == "live":
        from soundstage import live  # noqa: PLC0415 - as the module says

        told = live.server_events.ErrorBody(type=kind, code=code, message=message, param=param)
        return live.encode(live.server_events.Error(event_id=event_id, error=told))
    body = ErrorBody(type=kind, code=code, message=message, param=param)
    return encode(server_events.Error(event_id=event_id, error=body))


def _ends_of(range_: DurationRange) -> tuple[Samples, Samples]:
    return int(range_.shortest), int(range_.longest)


def _delegates(plan: CallPlan) -> tuple[dict[str, Any], ...]:
    """What a mind may call where a Live session hands its work to the application."""
    called = dict.fromkeys(call.tool for rule in plan.local.rules for call in rule.call)
    named = [{"type": "function", "name": name} for name in called]
    return (*named, _DELEGATE) if plan.local.chat is not None else tuple(named)


def _with_live_voice(session: dict[str, Any], voice: str | None) -> dict[str, Any]:
    """The session with this voice, where it names none itself."""
    audio = session.get("audio") or {}
    output = (audio.get("output") or {}) if is_table(audio) else None
    if voice is None or not is_table(output) or output.get("voice") is not None:
        return session
    return {**session, "audio": {**audio, "output": {**output, "voice": voice}}}


def _with_voice(session: dict[str, Any], voice: str | None) -> dict[str, Any]:
    """The session with this voice, where it speaks at all and names none itself."""
    if session.get("type") == "transcription":
        return session
    audio = session.get("audio", {})
    output = audio.get("output", {}) if is_table(audio) else None
    if voice is None or not is_table(output) or output.get("voice") is not None:
        return session
    return {"type": "realtime", **session, "audio": {**audio, "output": {**output, "voice": voice}}}
