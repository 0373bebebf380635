from __future__ import annotations

import subprocess
import sys

import pytest

import soundstage.webrtc

HEAVY = ("aiortc", "av", "httpx", "numpy", "uvloop")


@pytest.mark.parametrize("name", soundstage.webrtc.__all__)
def test_every_public_name_is_there(name):
    assert getattr(soundstage.webrtc, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        soundstage.webrtc.nothing  # noqa: B018 - looking it up is the test


def test_naming_a_provider_loads_no_heavy_library():
    code = (
        "import sys; from soundstage.webrtc import Deadlines, Provider;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
