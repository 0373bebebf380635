"""Sound cards on the command line: the list of them, and listening to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from soundstage.devices import Monitor, PortAudioCard
from soundstage.errors import DeviceMissing, UsageError
from soundstage.printable_text import printable_line
from soundstage.units import WALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.devices import DeviceInfo
    from soundstage.kernel import Actor, Address


def show() -> None:
    """Print what there is.

    Raises:
        DeviceMissing: PortAudio is not installed, or cannot tell.
    """
    found = PortAudioCard().devices()
    console = Console()
    if not found:
        console.print("There is no sound card that PortAudio can use.")
        return
    table = Table("index", "name", "system", "in", "out", "rate", "default", box=None)
    for device in found:
        table.add_row(
            str(device.index),
            # As text: in brackets, rich would find its own marks in a name.
            Text(printable_line(device.name)),
            Text(printable_line(device.host)),
            str(device.inputs),
            str(device.outputs),
            f"{device.rate} Hz",
            _default(device),
        )
    console.print(table)
    console.print('An agent takes one by index or by a part of its name: microphone = "USB"')


def monitor_for(clock: str) -> Callable[[Address], Actor]:
    """What makes the actor that plays a run on the default speaker.

    Raises:
        UsageError: the run is simulated, or there is no speaker.
    """
    if clock != WALL:
        raise UsageError(
            "run-scenario: --speaker is for the wall clock: a simulation is faster than a "
            "person can listen; play its audio/mix.wav"
        )
    card = PortAudioCard()
    try:
        speakers = [device for device in card.devices() if device.outputs]
    except DeviceMissing as error:
        raise UsageError(f"run-scenario: --speaker: {error}") from error
    if not speakers:
        raise UsageError("run-scenario: --speaker: there is no sound card to play on")
    return lambda journal: Monitor(card, choice=True, journal=journal)


def _default(device: DeviceInfo) -> str:
    uses = {"microphone": device.is_default_input, "speaker": device.is_default_output}
    return ", ".join(use for use, is_default in uses.items() if is_default)
