"""Which transports have an echo bot, and what serves it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

ECHOES: Final = (
    "websocket",
    "twilio",
    "pipecat-websocket",
    "pipecat-webrtc",
    "livekit-console",
)
"""In the order of what they cost."""


async def serve_echo(transport: str, port: int) -> None:
    """Be the echo bot of a transport, until the program is ended.

    What one of them needs is loaded for that one alone.
    """
    room = "soundstage.bots.echo"
    if transport == "livekit-console":
        await import_module(f"{room}.console_echo").dial_in(port)
    elif transport == "pipecat-webrtc":
        await import_module(f"{room}.peer_echo").serve_offers(port)
    elif transport in ECHOES:
        await import_module(f"{room}.socket_echoes").serve_sockets(transport, port)
    else:
        sys.exit(f"there is no echo bot of {transport}; there are {', '.join(ECHOES)}")
