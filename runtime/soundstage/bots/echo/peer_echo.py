"""The echo bot of `pipecat-webrtc`: it takes offers as Pipecat's SmallWebRTC does."""

from __future__ import annotations

from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI

from soundstage.bots.echo.parrot import Parrot
from soundstage.webrtc import PlainPeer


async def serve_offers(port: int) -> None:
    """Take calls on this port of loopback, until the program is ended."""
    app = FastAPI()
    peers: list[PlainPeer] = []

    @app.post("/api/offer")
    async def offer(sdp: Annotated[str, Body(embed=True)]) -> dict[str, str]:
        peer = PlainPeer()
        parrot = Parrot(lambda pieces: peer.say(b"".join(pieces)))
        peers.append(peer)
        return {"sdp": await peer.answer(sdp, parrot.hear), "type": "answer", "pc_id": "1"}

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    await uvicorn.Server(config).serve()
