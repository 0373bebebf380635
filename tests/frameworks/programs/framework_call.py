"""What the programs share: the sound that is said, deadlines, and what was found, as JSON."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

BASE_URL = os.environ.get("OPENAI_BASE_URL", "")
WEBSOCKET_URL = BASE_URL.replace("http", "ws", 1) + "/realtime"
MODEL = "gpt-realtime-2.1"
WITHIN = 60.0
FRAME = 960
SILENT = 60
ANSWER = "It is grey there."

found: dict[str, Any] = {"calls": [], "said": [], "heard": [], "errors": [], "truncated": []}


def said_pcm(name: str = "SAID") -> bytes:
    """What is said: 24 kHz, 16 bits, one channel."""
    return Path(os.environ[name]).read_bytes()


async def frames(name: str = "SAID", *, silent: int = SILENT) -> AsyncIterator[bytes]:
    """What is said, 20 ms at a time and in real time, and a silence after it."""
    pcm = said_pcm(name)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number, at in enumerate(range(0, len(pcm) + silent * FRAME, FRAME)):
        yield pcm[at : at + FRAME].ljust(FRAME, b"\0")
        await asyncio.sleep(max(0.0, begun + number * 0.02 - loop.time()))


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(WITHIN):
        while not holds():  # noqa: ASYNC110 - frameworks tell of news in ways of their own
            await asyncio.sleep(0.05)


def tell_and_leave() -> None:
    """Print what was found, and leave whatever a framework still has running."""
    print(json.dumps(found), flush=True)
    os._exit(0)
