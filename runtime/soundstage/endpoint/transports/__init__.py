"""How a session reaches its client: over WebRTC, over a WebSocket, or in the same process.

The first two need aiortc or Starlette, so each module is imported by name.
"""
