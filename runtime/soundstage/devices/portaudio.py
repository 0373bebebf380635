"""The real card: PortAudio, by sounddevice."""

from __future__ import annotations

import os
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from soundstage.devices.sound_card import Choice, DeviceInfo
from soundstage.errors import DeviceMissing
from soundstage.units import FRAME_MS, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

_HOW_TO_GET_IT: Final = (
    "sound cards need PortAudio: on Debian and Ubuntu `apt install libportaudio2`, on Fedora "
    "`dnf install portaudio`; on macOS and Windows it comes with the package sounddevice"
)


_LATENCY: Final = 0.1
"""Seconds that a card is given: the low default of ALSA falls silent on a busy machine."""

_PULSE_LATENCY_MS: Final = "60"
"""PulseAudio is told separately, or it may hold back as much as two seconds."""


_MOST_DEVICES: Final = 1000


class PortAudioCard:
    """The sound devices of this machine."""

    def devices(self) -> tuple[DeviceInfo, ...]:
        """All of them; see `Card`."""
        sd = _sounddevice()
        try:
            hosts = sd.query_hostapis()
            default_input, default_output = sd.default.device
            return tuple(
                DeviceInfo(
                    index=index,
                    name=str(found["name"]),
                    host=str(hosts[found["hostapi"]]["name"]),
                    inputs=int(found["max_input_channels"]),
                    outputs=int(found["max_output_channels"]),
                    rate=int(found["default_samplerate"]),
                    is_default_input=index == default_input,
                    is_default_output=index == default_output,
                )
                for index, found in _found(sd)
            )
        except sd.PortAudioError as error:
            raise DeviceMissing(f"the sound devices cannot be listed: {error}") from error

    def record(self, choice: Choice, take: Callable[[memoryview], None]) -> _Stream:
        """Begin to record; see `Card`."""

        def call(block: Any, count: int, time: Any, status: Any) -> None:
            del count, time, status
            take(memoryview(block).cast("B"))

        return _Stream(choice, "input", call)

    def play(self, choice: Choice, fill: Callable[[memoryview], None]) -> _Stream:
        """Begin to play; see `Card`."""

        def call(block: Any, count: int, time: Any, status: Any) -> None:
            del count, time, status
            fill(memoryview(block).cast("B"))

        return _Stream(choice, "output", call)


class _Stream:
    """An open device.

    PortAudio knows the devices that were there when it was started; so it is started anew for
    the first stream, or one that was plugged in again would never be found.
    """

    _open = 0
    _lock = threading.Lock()

    def __init__(self, choice: Choice, kind: str, call: Callable[..., None]) -> None:
        sd = _sounddevice()
        self._closed = False
        with _Stream._lock:
            if not _Stream._open:
                _start_anew(sd)
            try:
                self._begin(sd, choice, kind, call)
            except (sd.PortAudioError, ValueError) as error:
                raise DeviceMissing(_reason(sd, choice, kind, error)) from error
            _Stream._open += 1

    @property
    def latency(self) -> float:
        """Seconds between the callback and the air."""
        return float(self._stream.latency)

    def close(self) -> None:
        """Stop, and release the device."""
        with _Stream._lock:
            if not self._closed:
                self._closed = True
                _Stream._open -= 1
                self._stream.close(ignore_errors=True)

    def _begin(self, sd: Any, choice: Choice, kind: str, call: Callable[..., None]) -> None:
        device = None if isinstance(choice, bool) else choice
        info = sd.query_devices(device, kind)
        self.name = str(info["name"])
        index = int(info["index"])
        self.rate = _rate(sd, index, kind, int(info["default_samplerate"]))
        make = sd.RawInputStream if kind == "input" else sd.RawOutputStream
        self._stream = make(
            samplerate=self.rate,
            blocksize=self.rate * FRAME_MS // 1000,
            device=index,
            channels=1,
            dtype="int16",
            latency=_LATENCY,
            callback=call,
        )
        self._stream.start()


def _rate(sd: Any, index: int, kind: str, preferred: int) -> int:
    """The runtime's own rate where the device takes it, else the device's."""
    check = sd.check_input_settings if kind == "input" else sd.check_output_settings
    try:
        check(device=index, channels=1, dtype="int16", samplerate=SAMPLE_RATE)
    except sd.PortAudioError:
        return preferred
    return SAMPLE_RATE


def _start_anew(sd: Any) -> None:
    # There is no public way to have PortAudio look for devices again.
    sd._terminate()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    sd._initialize()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _reason(sd: Any, choice: Choice, kind: str, error: Exception) -> str:
    what = "microphone" if kind == "input" else "speaker"
    which = "there is no default" if isinstance(choice, bool) else f'"{choice}" is not'
    try:
        known = [str(d["name"]) for d in sd.query_devices() if d[f"max_{kind}_channels"] > 0]
    except sd.PortAudioError:
        known = []
    there = ", ".join(f'"{name}"' for name in known) or "none"
    end = "" if isinstance(choice, bool) else " one that can be used"
    return f"{which} {what if not end else ''}{end} ({error}); {what}s here: {there}".replace(
        "  ", " "
    )


def _found(sd: Any) -> list[tuple[int, Any]]:
    """Every device with its index, without those whose names cannot be read."""
    try:
        return list(enumerate(sd.query_devices()))
    except UnicodeDecodeError:
        pass
    # One name that is neither UTF-8 nor of the locale ends the listing of all: ask one by one.
    found: list[tuple[int, Any]] = []
    for index in range(_MOST_DEVICES):
        try:
            found.append((index, sd.query_devices(index)))
        except UnicodeDecodeError:
            continue
        except (sd.PortAudioError, ValueError):
            break
    return found


def _sounddevice() -> Any:
    os.environ.setdefault("PULSE_LATENCY_MSEC", _PULSE_LATENCY_MS)
    try:
        return import_module("sounddevice")
    except (ImportError, OSError) as error:
        raise DeviceMissing(f"{_HOW_TO_GET_IT} ({error})") from error
