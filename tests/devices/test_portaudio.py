"""The real card, with a library in its place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from soundstage.devices import PortAudioCard
from soundstage.devices import portaudio as module


class DummySounddevice:
    """Has three devices; the name of the second one is in an encoding that is not known."""

    class PortAudioError(Exception):
        """As the library's."""

    default = SimpleNamespace(device=(0, 2))

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA"}]

    def query_devices(self, index: int | None = None) -> Any:
        if index is None or index == 1:
            b"caf\xe9".decode()
        if index is not None and index > 2:
            raise self.PortAudioError("Error querying device")
        return {
            "name": f"card {index}",
            "hostapi": 0,
            "max_input_channels": 1,
            "max_output_channels": 2,
            "default_samplerate": 48_000.0,
        }


def test_a_device_whose_name_cannot_be_read_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_sounddevice", DummySounddevice)
    found = PortAudioCard().devices()
    assert [(each.index, each.name) for each in found] == [(0, "card 0"), (2, "card 2")]
    assert [each.is_default_output for each in found] == [False, True]
