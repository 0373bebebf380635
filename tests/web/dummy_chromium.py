"""A real Chromium, whose microphone plays a recording."""

from __future__ import annotations

import shutil
import wave
from typing import TYPE_CHECKING, Any

import psutil

from soundstage.speech import Engines
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserType

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
)


def find_chromium() -> str | None:
    """Where the machine's own Chromium is; Playwright's is not asked for."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def record(path: Path, text: str, *, before: float, after: float) -> Path:
    """Record a sentence, with so many seconds of silence around it."""
    parts = Engines().synthesizer.synthesize(text, "ash")
    lead, tail = (bytes(SAMPLE_BYTES * round(SAMPLE_RATE * length)) for length in (before, after))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(lead + b"".join(part.pcm for part in parts) + tail)
    return path


def launch(kind: BrowserType, executable: str, recording: Path, *, allow: bool = True) -> Browser:
    """Start a Chromium whose user allows the microphone, or denies it."""
    answer = "--use-fake-ui-for-media-stream" + ("" if allow else "=deny")
    speaks = f"--use-file-for-fake-audio-capture={recording}"
    return kind.launch(executable_path=executable, args=[*FLAGS, answer, speaks])


def processes_of_chromium() -> list[psutil.Process]:
    """Those that this test run has started."""
    mine = psutil.Process().children(recursive=True)
    return [each for each in mine if "chrom" in each.name()]


def scan(page: Any, axe: str) -> list[str]:
    """What an accessibility scan finds wrong, one line each."""
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
