"""The bot: a voice agent of the user's own, which runs as it does in production and is called."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from msgspec import Struct
from pydantic import Field, PrivateAttr, StrictInt, model_validator

from soundstage.agent import (
    UTTERANCE_EVENTS,
    WALL,
    Agent,
    AgentContext,
    Emits,
    LiveTurnDetector,
    UsesServer,
)
from soundstage.audio import KEYS
from soundstage.bots import (
    RATES,
    BotCall,
    BotTarget,
    Encoding,
    WireFormat,
    delay_facts,
    load_transport,
)
from soundstage.config.values import Duration
from soundstage.errors import BotFailed, PortalClosed, UsageError
from soundstage.kernel import handles
from soundstage.messages import Begin, Frame, KeyHeard, Leave, Tick
from soundstage.messages.events import Warned
from soundstage.secrets import Secret
from soundstage.units import FRAME_SAMPLES, SILENCE, ms_of, samples_of_ms
from soundstage_agents.own_bot.agent_line import AgentLine, BotDoubted, BotNoted, BotPressed
from soundstage_agents.own_bot.answer_gaps import AnswerGaps

if TYPE_CHECKING:
    from soundstage.kernel import PortalTask
    from soundstage.servers import RunningServer, ServerProgram

LATE: Final = samples_of_ms(40)
"""How late a tick may be before what is measured of a bot is in doubt."""

LATE_IN: Final = 100
"""One tick in so many may be late."""

STAYS: Final = 10
"""Ticks for which it stays when the bot has hung up: the mixer may not have its last frames yet."""

_SOCKET = ("ws://", "wss://")
_WEB = ("http://", "https://")


class _Up(Struct, frozen=True):
    """The bot has taken the call."""


class _HungUp(Struct, frozen=True):
    """The bot has ended the call as calls are ended."""

    why: str


class _Broken(Struct, frozen=True):
    """The call could not be placed, or has been broken."""

    error: Exception


class _Closed(Struct, frozen=True):
    """The call is over, at this end too."""


class BotAgent(Agent):
    """Calls a bot, and is heard with what the caller of the bot would hear; wall clock only.

    It is ready when the bot has taken the call. What the bot sends is played on a clock of its
    own, so that audio that came faster than real time is heard at its pace. When the bot hangs
    up, the agent leaves.
    """

    auto_ready: ClassVar[bool] = False
    clocks: ClassVar[frozenset[str]] = frozenset({WALL})
    cues: ClassVar[frozenset[str]] = frozenset()
    is_tested: ClassVar[bool] = True
    without_events: ClassVar[frozenset[str]] = UTTERANCE_EVENTS

    class Settings(Agent.Settings, UsesServer, Emits):
        """The keys of a bot.

        Attributes:
            transport: how it is called: `websocket`, `twilio`, `pipecat-websocket`,
                `pipecat-webrtc`, `livekit-console`, or your own as `./file.py:Class`.
            url: where it takes calls; `{port}` is the port of its server.
            webhook: what is asked where it takes them, in place of `url`.
            parameters: what the call tells the bot, as text.
            encoding: of audio over `websocket`: `pcm16`, `mulaw` or `alaw`.
            rate: samples a second, likewise.
            frame: the length of the pieces that are sent, likewise.
            text: whether messages of text are recorded as events, or ignored, likewise.
            auth_token: what the calling service signs its requests with.
            jitter: how long the first audio of a speech waits for more: for servers whose audio
                comes in fits.
        """

        transport: str = "websocket"
        url: str = ""
        webhook: str = ""
        parameters: dict[str, str] = Field(default_factory=dict)
        encoding: Encoding = "pcm16"
        rate: StrictInt = 24_000
        frame: Duration = Duration("20ms")
        text: Literal["record", "ignore"] = "record"
        auth_token: Secret | None = None
        jitter: Duration = Duration("0ms")
        _make: Any = PrivateAttr(default=None)

        @model_validator(mode="after")
        def _can_be_called(self) -> Self:
            if self.rate not in RATES:
                raise ValueError(f"rate is one of {', '.join(map(str, RATES))}")
            if self.frame % FRAME_SAMPLES or not FRAME_SAMPLES <= self.frame <= 50 * FRAME_SAMPLES:
                raise ValueError("frame is a multiple of 20ms, at most 1s")
            self._check_transport()
            self._check_addresses()
            return self

        def _check_transport(self) -> None:
            if ":" in self.transport:
                return  # a file is looked for from where the scenario is, when the run begins
            try:
                known = load_transport(self.transport).keys_used
            except UsageError as error:
                raise ValueError(str(error)) from None
            optional = ("url", "webhook", "parameters", "encoding", "rate", "frame", "text")
            for key in (*optional, "auth_token", "jitter"):
                if key in self.model_fields_set and key not in known:
                    raise ValueError(f'{key} has no meaning for transport = "{self.transport}"')
            if not self.url and not self.webhook and "url" in known:
                also = ", or webhook" if "webhook" in known else ""
                raise ValueError(f"says nowhere where the bot takes calls: url{also}")

        def _check_addresses(self) -> None:
            if self.url and self.webhook:
                raise ValueError("url and webhook are two ways to say where: one of them")
            if self.url and not self.url.startswith((*_SOCKET, *_WEB)):
                raise ValueError("url begins with ws://, wss://, http:// or https://")
            if self.webhook and not self.webhook.startswith(_WEB):
                raise ValueError("webhook begins with http:// or https://")
            if "{port}" in self.url + self.webhook and self.server is None:
                raise ValueError("{port} is the port of a server: name it with server")

        def emits(self) -> frozenset[str] | None:
            """What the transport tells of the bot, and that of the call at its end."""
            if ":" in self.transport:
                return None  # as above
            notes = getattr(load_transport(self.transport), "notes", None)
            return None if notes is None else notes | {"bot_call"}

        def server_fault(self, program: ServerProgram | None) -> str:
            """Why the transport cannot be used with this program; empty where it can."""
            if ":" in self.transport:
                return ""  # as above
            dials_in = getattr(load_transport(self.transport), "dials_in", False)
            if dials_in and program is None:
                return f'transport = "{self.transport}" needs a server, which dials in'
            if dials_in and program is not None and not program.ready.dials_in:
                return (
                    f"the agent of {self.transport} dials in, so the server {program.name} needs "
                    "ready = { dials_in = true }"
                )
            if program is not None and program.ready.dials_in and not dials_in:
                return f"the server {program.name} dials in, and {self.transport} calls it"
            return ""

    @classmethod
    def answers_by_itself(cls) -> bool:
        """As a bot does."""
        return True

    @classmethod
    def hears_keys(cls) -> bool:
        """Only where the scenario has to do with keys: to look for them takes time."""
        return False

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._line = AgentLine(self._tell, self.settings.jitter)
        self._gaps = AnswerGaps()
        self._call: BotCall | None = None
        self._task: PortalTask[str] | None = None
        self._turn = LiveTurnDetector(context, self._floor_grant)
        self._is_up = False
        self._hung_up: str | None = None
        self._has_begun = False
        self._ticks = 0
        self._quiet = 0
        self._late = 0
        self._is_over = False

    def started(self) -> None:
        """Place the call."""
        super().started()
        server = self._server()
        settings = self.settings
        make = load_transport(settings.transport, self.context.services.source_folder)
        self._call = call = make(self._target(server), self._line)
        self._line.take_call(call)
        self._task = self.run_async(self._live(call, server), result=_HungUp, error=_Broken)

    @handles(_Up)
    def begin_call(self, _: _Up) -> None:
        """The bot has taken the call."""
        self._is_up = True
        self.ready()

    @handles(Begin)
    def begin(self, _: Begin) -> None:
        """Every agent is ready: from here on, this machine must keep its time."""
        self._has_begun = True

    @handles(_HungUp)
    def end_call(self, hung_up: _HungUp) -> None:
        """The bot has hung up: it leaves, when what still counts of its words has been heard."""
        call = self._call
        if self._is_over or call is None:
            return
        if not self._is_up:
            raise BotFailed("it hung up before the call began")
        self._hung_up = hung_up.why
        if not call.plays_on:
            lost = self._line.playout.drop()
            if lost > FRAME_SAMPLES:
                self._warn(
                    f"the bot hung up while {ms_of(lost)} ms of its words had not been heard yet"
                )

    @handles(_Broken)
    def fail(self, broken: _Broken) -> None:
        """There is no call."""
        if not self._is_over:
            raise broken.error

    @handles(BotNoted)
    def note(self, noted: BotNoted) -> None:
        """The bot has told something: it is in the log, and nothing is judged by it."""
        self.emit(noted.name, **noted.data)

    @handles(BotDoubted)
    def doubt(self, doubted: BotDoubted) -> None:
        """Something of the bot is hardly meant so: it is heard as it came, with a warning."""
        self._warn(doubted.message)

    @handles(BotPressed)
    def press_for_bot(self, pressed: BotPressed) -> None:
        """The bot presses keys."""
        if keys := "".join(key for key in pressed.keys if key in KEYS):
            self.press(keys)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send what a caller hears of the bot at this moment."""
        self._ticks += self._has_begun
        self._late += self._has_begun and self.now - tick.pts > LATE
        pcm, marks = self._line.playout.take()
        call = self._call
        if marks and call is not None:
            self._on_loop(call.played, marks)
        tone = self._tones.take()
        pcm = pcm if tone is None else tone
        self._port.send(tick.pts, pcm)
        self._gaps.say(tick.pts, pcm)
        if self._turn.is_over(tick.pts, pcm):
            self.give_floor()
        if not self.context.hears:
            self._let_hear(SILENCE)
        if self._hung_up is not None:
            self._quiet = 0 if self._line.playout.waiting else self._quiet + 1
            if self._quiet > STAYS:
                self._leave_call()

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Let the bot hear its callers."""
        self._gaps.hear(frame.pts, frame.pcm)
        self._let_hear(frame.pcm)

    @handles(KeyHeard)
    def hear_key(self, heard: KeyHeard) -> None:
        """Tell the bot of a key, where its transport has a message for that."""
        if self._is_up and self._call is not None:
            self._on_loop(self._call.press, heard.key)

    def stopping(self) -> None:
        """Hang up."""
        self._log_figures()
        if not self._close():
            self.finish()

    @handles(_Closed)
    def end(self, _: _Closed) -> None:
        """The call is over at both ends."""
        self.finish()

    def closed(self) -> None:
        """However it ends, no call is left up."""
        self._close()

    def _patience(self) -> None:
        """A bot may think."""

    async def _live(self, call: BotCall, server: RunningServer | None) -> str:
        """Carry the call from its placing to the far end's hanging up."""
        try:
            await call.open()
            self._tell(_Up())
            return await call.serve()
        except BotFailed as failed:
            raise BotFailed(await _explained(f"the bot failed: {failed}", server)) from None

    def _server(self) -> RunningServer | None:
        name = self.settings.server
        return None if name is None else self.context.services.servers.get(name)

    def _target(self, server: RunningServer | None) -> BotTarget:
        settings, port = self.settings, "" if server is None else str(server.port)
        ids = self.context.stream("call")
        return BotTarget(
            url=settings.url.replace("{port}", port),
            webhook=settings.webhook.replace("{port}", port),
            parameters=dict(settings.parameters),
            form=WireFormat(settings.encoding, settings.rate),
            frame=settings.frame,
            text=settings.text,
            auth_token=settings.auth_token,
            caller=", ".join(self.context.hears),
            server=server,
            ids=lambda digits: f"{ids.getrandbits(4 * digits):0{digits}x}",
        )

    def _let_hear(self, pcm: bytes) -> None:
        if self._is_up and self._hung_up is None and self._call is not None:
            self._on_loop(self._call.hear, pcm)

    def _on_loop(self, function: Any, *args: object) -> None:
        with suppress(PortalClosed):
            self.portal.call(function, *args)

    def _tell(self, message: object) -> None:
        self.address.tell(message)

    def _warn(self, message: str) -> None:
        self.log_event(Warned(pts=self.now, agent=self.name, code="bot", message=message))

    def _leave_call(self) -> None:
        """The bot has hung up, and all that counted has been heard."""
        self._log_figures()
        self.context.ports.mixer.tell(Leave(self.name))
        self.finish(by=self.name)

    def _log_figures(self) -> None:
        """Say what went through, and what the clock of the call was like."""
        if self._is_over:
            return
        figures = self._line.playout.figures
        self.log_event(
            self._port.report(
                self.now,
                dropped=figures.dropped // FRAME_SAMPLES,
                concealed=figures.underruns // FRAME_SAMPLES,
            )
        )
        self.emit(
            "bot_call",
            transport=self.settings.transport,
            buffered_ms=ms_of(figures.buffered),
            dropped_ms=ms_of(figures.dropped),
            underrun_ms=ms_of(figures.underruns),
            **self._gaps.figures(),
            **delay_facts(self.settings.transport, self._call.delay if self._call else 0.0),
            hung_up=self._hung_up or "",
        )
        if self._late * LATE_IN > self._ticks:
            self._warn(
                f"this machine was more than {ms_of(LATE)} ms late in {self._late} of "
                f"{self._ticks} ticks: response gaps may be as much too long"
            )

    def _close(self) -> bool:
        """Hang up; returns whether a call is being closed, which takes a moment."""
        self._is_over = True
        task, self._task = self._task, None
        call, self._call = self._call, None
        if task is not None:
            task.cancel()
        if call is None:
            return False
        closing = call.close()
        try:
            self.run_async(closing, result=lambda _: _Closed(), error=lambda _: _Closed())
        except PortalClosed:
            return False
        return True


async def _explained(failed: str, server: RunningServer | None) -> str:
    """A fault with what is known of the program behind the bot."""
    if server is None:
        return failed
    died = f"; its server {server.name} has ended" if await server.ends_soon() else ""
    lines = server.last_lines()
    said = f"; the last lines of {server.name}:{lines}" if lines else ""
    return f"{failed}{died}{said}"
