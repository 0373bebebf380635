"""A person at a sound card: a microphone, a speaker, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

from msgspec import Struct
from pydantic import StrictBool, StrictInt, StrictStr, model_validator

from soundstage.agent import UTTERANCE_EVENTS, WALL, Agent, AgentContext, LiveTurnDetector
from soundstage.devices import Card, Microphone, PortAudioCard, Speaker
from soundstage.errors import DeviceMissing
from soundstage.kernel import JobKind, handles
from soundstage.messages import Frame, Tick
from soundstage.messages.events import Warned
from soundstage.units import SILENCE, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.units import Samples

GONE_AFTER = samples_of_seconds(1)
"""Time without a call from the card after which the device has gone."""

STARTS_WITHIN = samples_of_seconds(0.5)
"""Time to the first call of a card that has just been opened; some hang, and are opened again."""

MOST_STARTS = 8
"""How often a device is opened that never calls, before the agent gives up."""

TRY_EVERY = samples_of_seconds(2)
"""How often a device that has gone is looked for."""

TRY_FIRST = samples_of_seconds(0.1)
"""When it is looked for at first."""


Device: TypeAlias = Microphone | Speaker


class _TryAgain(Struct, frozen=True):
    what: str


class _Slot:
    """One of the agent's two devices, there or not."""

    def __init__(self, what: str, open_device: Callable[[], Device]) -> None:
        self.what = what
        self.open_device = open_device
        self.device: Device | None = None
        self.dropped = 0
        self.concealed = 0
        self.is_missed = False
        self._blocks = 0
        self._since: Samples = 0

    def put(self, device: Device, now: Samples) -> None:
        """The device is open."""
        self.device, self._blocks, self._since = device, 0, now

    def remove(self) -> Device | None:
        """The device has gone; its counts stay."""
        device, self.device = self.device, None
        if device is not None:
            self.dropped += device.dropped
            self.concealed += device.concealed
        return device

    def has_gone(self, now: Samples) -> bool:
        """Whether the device calls no more."""
        if self.device is None:
            return False
        if self.device.blocks != self._blocks:
            self._blocks, self._since = self.device.blocks, now
        return now - self._since > (GONE_AFTER if self._blocks else STARTS_WITHIN)

    @property
    def runs(self) -> bool:
        """Whether the device is there and calls."""
        return self.device is not None and self.device.blocks > 0


class DeviceAgent(Agent):
    """Speaks with what a microphone records, and plays what it hears; wall clock only.

    It is ready when its devices are open. One that goes away during the run is reported, and
    looked for until it is back; meanwhile the agent is silent, or deaf.
    """

    auto_ready: ClassVar[bool] = False
    clocks: ClassVar[frozenset[str]] = frozenset({WALL})
    without_events: ClassVar[frozenset[str]] = UTTERANCE_EVENTS
    cues: ClassVar[frozenset[str]] = frozenset()

    class Settings(Agent.Settings):
        """The keys of a device agent.

        Attributes:
            microphone: True for the default one, False for none, an index, or part of a name.
            speaker: likewise.
        """

        microphone: StrictBool | StrictInt | StrictStr = True
        speaker: StrictBool | StrictInt | StrictStr = True

        @model_validator(mode="after")
        def _has_a_device(self) -> Self:
            if self.microphone is False and self.speaker is False:
                raise ValueError("a device agent needs a microphone, a speaker or both")
            return self

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Never: a person does, or does not."""
        return False

    def __init__(self, context: AgentContext, card: Card | None = None) -> None:
        super().__init__(context)
        used = card or PortAudioCard()
        microphone, speaker = self.settings.microphone, self.settings.speaker
        self._microphone = _Slot("microphone", lambda: Microphone(used, microphone))
        self._speaker = _Slot("speaker", lambda: Speaker(used, speaker))
        self._slots: dict[str, _Slot] = {}
        if microphone is not False:
            self._slots["microphone"] = self._microphone
        if speaker is not False:
            self._slots["speaker"] = self._speaker
        self._is_ready = False
        self._starts = 0
        self._turn = LiveTurnDetector(context, self._floor_grant)

    def started(self) -> None:
        """Open the devices, outside the actor."""
        super().started()
        for slot in self._slots.values():
            self._open(slot, is_first=True)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send what the microphone has recorded; see whether the devices are there."""
        microphone = self._microphone.device
        pcm = microphone.take() if isinstance(microphone, Microphone) else SILENCE
        self._port.send(tick.pts, pcm)
        if self._turn.is_over(tick.pts, pcm):
            self.give_floor()
        for each in self._slots.values():
            if each.has_gone(tick.pts):
                self._lose(each)
            elif each.is_missed and each.runs:
                each.is_missed = False
                self._warn(f"the {each.what} is back")
        if not self._is_ready and all(each.runs for each in self._slots.values()):
            self._is_ready = True
            self.ready()

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Play the mix."""
        speaker = self._speaker.device
        if isinstance(speaker, Speaker):
            speaker.play(frame.pcm)

    @handles(_TryAgain)
    def try_again(self, again: _TryAgain) -> None:
        """Look for a device that has gone."""
        self._open(self._slots[again.what], is_first=False)

    def stopping(self) -> None:
        """Say what was lost, and end."""
        self._release()
        slots = self._slots.values()
        report = self._port.report(
            self.now,
            dropped=sum(slot.dropped for slot in slots),
            concealed=sum(slot.concealed for slot in slots),
        )
        self.log_event(report)
        self.finish()

    def closed(self) -> None:
        """However it ends, the devices are released."""
        self._release()

    def _patience(self) -> Samples | None:
        """A person may think; who has no microphone has nothing to say."""
        return None if self.settings.microphone is not False else self.now

    def _open(self, slot: _Slot, *, is_first: bool) -> None:
        def attempt() -> Device | DeviceMissing:
            try:
                return slot.open_device()
            except DeviceMissing as error:
                if is_first:
                    raise
                return error

        def have(opened: Device | DeviceMissing) -> None:
            if isinstance(opened, DeviceMissing):
                self.after(TRY_EVERY, _TryAgain(slot.what))
                return
            slot.put(opened, self.now)

        self.work(JobKind.IO, attempt, have)

    def _lose(self, slot: _Slot) -> None:
        device = slot.remove()
        if device is None:
            return
        self.work(JobKind.IO, device.close, lambda _: None)
        if self._is_ready:
            if not slot.is_missed:
                self._warn(
                    f'the {slot.what} "{device.name}" has gone: it is looked for until it is back'
                )
            slot.is_missed = True
        elif (starts := self._starts + 1) > MOST_STARTS:
            raise DeviceMissing(f'the {slot.what} "{device.name}" was opened and does not run')
        else:
            self._starts = starts
        self.after(TRY_FIRST, _TryAgain(slot.what))

    def _release(self) -> None:
        for slot in self._slots.values():
            device = slot.remove()
            if device is not None:
                device.close()

    def _warn(self, message: str) -> None:
        self.log_event(Warned(pts=self.now, agent=self.name, code="device", message=message))
