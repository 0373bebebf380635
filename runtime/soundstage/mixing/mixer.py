"""The mixer: every listener gets one mix of those it hears, once a tick."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from msgspec import Struct

from soundstage.errors import KernelError
from soundstage.kernel import Actor, Address, JobKind, Phase, handles
from soundstage.messages import (
    Entry,
    Faulted,
    Frame,
    FrameBlock,
    Interrupt,
    Join,
    KeyHeard,
    Leave,
    Levels,
    Mixed,
    MixedBlock,
    Mute,
    SpeechStarted,
    SpeechStopped,
    Tick,
    TickBlock,
)
from soundstage.messages.events import Carried, VoiceStarted, VoiceStopped, Warned
from soundstage.mixing.activity_meter import ActivityMeter
from soundstage.mixing.effect_lines import EffectLines
from soundstage.mixing.foreseen_mix import by_name
from soundstage.mixing.frame_buffer import FrameBuffer
from soundstage.mixing.key_meter import KeyMeter
from soundstage.mixing.mix_bus import MixBus
from soundstage.units import FRAME_SAMPLES, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.mixing.foreseen_mix import ForeseenMix
    from soundstage.mixing.mix_bus import Mixes
    from soundstage.mixing.routing import RoutingGraph
    from soundstage.speech import VoiceActivityEngine

LEVELS_EVERY = 5
"""Ticks between two `Levels` messages: ten pictures a second are smooth to the eye."""

GRACE: Final[Samples] = FRAME_SAMPLES // 2
"""How long at least the members have had for the frame of a tick before it is given up."""


class _Notice(Struct, frozen=True):
    listener: str
    message: SpeechStarted | SpeechStopped


class _VadLoaded(Struct, frozen=True):
    engine: VoiceActivityEngine


class _VadMissing(Struct, frozen=True):
    error: Exception


class Mixer(Actor):
    """Sends each member the sum of those it hears, and everything to the recorder.

    A tick is mixed as soon as every member's frame for it is there, and at the latest one tick
    later; frames that are missing by then are silence and are counted. After a stall, the clock
    tells all ticks that it missed at once: their frames are waited for as long as any others.

    Args:
        graph: which member hears which, and how loud.
        lines: the effects between them.
        listeners: member to where its mix goes; a member that is missing here gets none.
        recorder: gets a `Mixed` a tick.
        transcriber: likewise, if there is one.
        journal: gets the voice events, warnings, and at the end what became of all frames.
        display: gets `Levels`, if there is one.
        load_vad: gives the engine that tells voices from other sounds, in a job; None for none.
        finds_keys: whether keys of telephones are looked for in the mixes; it costs time.
    """

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.MIXER,)

    def __init__(
        self,
        *,
        graph: RoutingGraph,
        lines: EffectLines | None = None,
        listeners: Mapping[str, Address],
        recorder: Address,
        journal: Address,
        transcriber: Address | None = None,
        display: Address | None = None,
        load_vad: Callable[[], VoiceActivityEngine] | None = None,
        finds_keys: bool = False,
    ) -> None:
        super().__init__()
        self._load_vad = load_vad
        # The graph is the mixer's own: rooms are entered and left by messages, in its turns.
        self._graph = graph
        self._members = graph.members
        self._buffer = FrameBuffer(self._members)
        self._lines = lines or EffectLines()
        self._bus = MixBus(graph, self._lines)
        self._activity = ActivityMeter(self._members)
        self._keys = KeyMeter(self._members) if finds_keys else None
        self._listeners = listeners
        self._recorder = recorder
        self._transcriber = transcriber
        self._journal = journal
        self._display = display
        self._peaks = np.zeros(len(self._members), np.int32)
        # The ticks whose frames are still waited for, and when each was told.
        self._told: deque[tuple[Samples, Samples]] = deque()
        self._muted: dict[str, Samples | None] = {}
        self._foreseen: ForeseenMix | None = None

    def started(self) -> None:
        """Be told of every tick, after the agents have sent their frames for it."""
        self.pace(Phase.MIXER)
        # Where each listener hears one speaker, all that it hears is that speaker's.
        if self._load_vad is not None and self._graph.has_shared_lines:
            self.submit(JobKind.IO, self._load_vad, result=_VadLoaded, error=_VadMissing)

    @handles(_VadLoaded)
    def judge_voices(self, loaded: _VadLoaded) -> None:
        """From now on, a voice is told from other sounds."""
        self._bus.speaking.engine = loaded.engine

    @handles(_VadMissing)
    def judge_loudness(self, missing: _VadMissing) -> None:
        """Without the engine, the loudest member is taken for the one that speaks."""
        message = f"the loudest is taken for the one who speaks: {missing.error}"
        self._journal.tell(Entry(Warned(pts=self.now, code="voice_activity", message=message)))

    @handles(Frame)
    def take(self, frame: Frame) -> None:
        """Keep the frame for its tick; mix when it was the last one missing."""
        buffer = self._buffer
        buffer.put(frame)
        # At once, and not at the next tick: each listener gets its mix up to 20 ms earlier.
        while (pts := buffer.complete()) is not None:
            self._mix(pts)

    @handles(Tick)
    def give_up_waiting(self, tick: Tick) -> None:
        """Mix what is older than a tick, with the frames that have come."""
        # One tick of grace: on the wall clock an agent's frame may come just after its tick.
        told, now = self._told, self.now
        until = -1
        while told and told[0][1] + GRACE <= now:
            until = told.popleft()[0]
        told.append((tick.pts, now))
        while (pts := self._buffer.overdue(until)) is not None:
            self._mix(pts)
        if tick.pts % (LEVELS_EVERY * FRAME_SAMPLES) == 0 and self._display is not None:
            levels = zip(self._members, self._peaks.tolist(), strict=True)
            # Silent members are left out: most are silent most of the time.
            self._display.tell(Levels(tick.pts, {name: peak for name, peak in levels if peak}))
            self._peaks[:] = 0

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Mix ahead what the members will say, as long as each hears one speaker or none."""
        del phase
        self._foreseen = None
        said = stretch.said
        # A key is known only in its tick.
        if self._keys is not None or self._muted or not self._buffer.is_even(stretch.pts, said):
            stretch.ticks = 0
            return
        mix = self._bus.foresee([said.get(name) for name in self._members], stretch.ticks)
        stretch.ticks = 0 if mix is None else self._activity.unchanged(mix)
        if mix is not None:
            self._foreseen = mix
            stretch.heard.update(zip(self._members, mix.heard, strict=True))

    @handles(FrameBlock)
    def take_block(self, block: FrameBlock) -> None:
        """Nothing yet: the blocks of all members are mixed together, in the mixer's own turn."""

    @handles(TickBlock)
    def mix_block(self, stretch: TickBlock) -> None:
        """Mix several ticks at once, as was foreseen."""
        mix, pts, ticks = self._foreseen, stretch.pts, stretch.ticks
        if mix is None:
            raise KernelError(f"{self.name} has not foreseen the ticks that it is told")
        self._foreseen = None
        self._buffer.skip(ticks)
        for name, block in zip(self._members, mix.heard, strict=True):
            if name in self._listeners:
                frames = block.frames and block.frames[:ticks]
                speakers = block.speakers and block.speakers[:ticks]
                heard = FrameBlock(name, pts, ticks, frames, 0, speakers)
                self._listeners[name].tell(heard)
        # After the listeners, as with single ticks.
        said = by_name(self._members, mix.said, ticks)
        hears = by_name(self._members, [block.frames for block in mix.heard], ticks)
        mixed = MixedBlock(pts, ticks, said, hears)
        self._recorder.tell(mixed)
        if self._transcriber is not None:
            self._transcriber.tell(mixed)
        self._activity.push_block(pts, mix, ticks)
        if self._display is not None:
            self._show_block(self._display, stretch, mix)

    @handles(Interrupt)
    def discard(self, interrupt: Interrupt) -> None:
        """Frames of the source's older epochs are not heard any more."""
        self._buffer.raise_epoch(interrupt.source, interrupt.epoch, interrupt.pts)

    @handles(Mute)
    def mute(self, mute: Mute) -> None:
        """No listener hears the agent until the time given."""
        # An agent may mute a name that no member has: that changes nothing, and must not raise.
        if mute.agent in self._graph.members:
            self._muted[mute.agent] = mute.until

    @handles(Join)
    def join(self, join: Join) -> None:
        """Take the agent's frames from now on, or let it into a room."""
        if join.room:
            self._graph.enter(join.agent, join.room)
            self._bus.rewire()
        elif join.agent in self._buffer.counts:
            self._buffer.join(join.agent)
            self._lines.open(join.agent)

    @handles(Leave)
    def leave(self, leave: Leave) -> None:
        """Wait for the agent's frames no longer, or shut it out of a room."""
        if leave.room:
            self._graph.leave(leave.agent, leave.room)
            self._bus.rewire()
        else:
            self._buffer.leave(leave.agent)
            self._lines.open(leave.agent, closed=True)
            # Its frame may have been the only one that the present tick waited for.
            self._mix_complete()

    def stopping(self) -> None:
        """Mix what has come, close the open voices, say what became of all frames, and end."""
        # The agents have ended before: no frame comes any more, so nothing is waited for.
        while (pts := self._buffer.overdue(self.now)) is not None:
            self._mix(pts)
        for event in self._activity.flush(self._buffer.next_pts):
            self._journal.tell(Entry(event))
        for name, limited in zip(self._members, self._bus.limited, strict=True):
            counts = self._buffer.counts[name]
            carried = Carried(
                pts=self.now,
                agent=name,
                missing=counts.missing,
                late=counts.late,
                dropped=counts.dropped,
                wrong=counts.wrong,
                limited=limited,
            )
            self._journal.tell(Entry(carried))
        self.finish()

    def _show_block(self, display: Address, stretch: TickBlock, mix: ForeseenMix) -> None:
        """Tell a display how loud the members were, as often as with single ticks."""
        sounding = [
            (place, peaks) for place, peaks in enumerate(mix.said_peaks) if peaks is not None
        ]
        levels: list[int] = self._peaks.tolist()
        for tick in range(stretch.ticks):
            for place, peaks in sounding:
                levels[place] = max(levels[place], peaks[tick])
            pts = stretch.pts + tick * FRAME_SAMPLES
            if pts % (LEVELS_EVERY * FRAME_SAMPLES) == 0:
                named = zip(self._members, levels, strict=True)
                display.tell(Levels(pts, {name: peak for name, peak in named if peak}))
                levels = [0] * len(levels)
        self._peaks[:] = levels

    def _mix_complete(self) -> None:
        while (pts := self._buffer.complete()) is not None:
            self._mix(pts)

    def _mix(self, pts: Samples) -> None:
        said = self._buffer.pop()
        # Before the mix, so that a muted voice is neither heard, nor metered, nor recorded.
        if self._muted:
            for index in self._muted_at(pts):
                said[index] = SILENCE
        mixes = self._bus.mix(said)
        members, listeners, heard = self._members, self._listeners, mixes.heard
        for name, pcm, speakers, voices in zip(
            members, heard, mixes.speakers, mixes.voices, strict=True
        ):
            if name in listeners:
                listeners[name].tell(Frame(name, pts, pcm, 0, speakers, voices))
        if self._display is not None and not mixes.is_silence:
            # The loudest of several ticks: a display that took the last one would miss short
            # sounds.
            np.maximum(self._peaks, mixes.peaks[: len(members)], out=self._peaks)
        mixed = Mixed(
            pts, dict(zip(members, said, strict=True)), dict(zip(members, heard, strict=True))
        )
        self._recorder.tell(mixed)
        if self._transcriber is not None:
            self._transcriber.tell(mixed)
        for event in self._activity.push(pts, said, mixes):
            self._tell_voice(event)
        if self._keys is not None:
            self._find_keys(self._keys, pts, mixes)
        for problem in self._buffer.problems():
            warned = Warned(
                pts=pts, agent=problem.member, code=problem.code, message=problem.message
            )
            self._journal.tell(Entry(warned))
        for failed in self._lines.failures():
            name = f"effects.{failed.name}"
            self._journal.tell(Faulted(name, failed.cause, failed.traceback, "leave"))

    def _find_keys(self, keys: KeyMeter, pts: Samples, mixes: Mixes) -> None:
        for key in keys.push(pts, mixes):
            self._journal.tell(Entry(key))
            if key.by in self._listeners:
                self._listeners[key.by].tell(KeyHeard(key.agent, key.key, key.pts))

    def _tell_voice(self, event: VoiceStarted | VoiceStopped) -> None:
        """To the log; that a member speaks, also to the members that hear it."""
        self._journal.tell(Entry(event))
        if event.track != "said":
            return
        made = SpeechStarted if isinstance(event, VoiceStarted) else SpeechStopped
        # A listener is told when the sound has come to its end of the line, no earlier.
        for listener in self._graph.listeners_of(event.agent):
            lag = self._lines.lag(event.agent, listener)
            self._tell_later(lag, _Notice(listener, made(event.agent, event.pts + lag)))

    def _tell_later(self, lag: Samples, notice: _Notice) -> None:
        if lag:
            self.after(lag, notice)
        else:
            self.tell_listener(notice)

    @handles(_Notice)
    def tell_listener(self, notice: _Notice) -> None:
        """What a listener is told has come to its end of the line."""
        if notice.listener in self._listeners:
            self._listeners[notice.listener].tell(notice.message)

    def _muted_at(self, pts: Samples) -> list[int]:
        """The places of the members that are muted now; unmutes those whose time has come."""
        # The time of the frame decides, not the time at which it is mixed: a late tick is the same.
        for name, until in list(self._muted.items()):
            if until is not None and pts >= until:
                del self._muted[name]
        return [self._members.index(name) for name in self._muted if name in self._members]
