"""What a client may let be heard of the audio that comes."""

from __future__ import annotations

from collections import deque

from soundstage.realtime.recent import MOST_REMEMBERED


class PlaybackGate:
    """Which response the server is playing, and whether audio that comes now is of it.

    Events and audio are not ordered to each other: about 100 ms of a response are still on their
    way when it has been cut. The gate keeps them out until another response begins to play.

    Attributes:
        playing: the response that the server is playing, or None.
        gate_open: whether audio that comes now may be heard.
    """

    def __init__(self) -> None:
        self.playing: str | None = None
        self.gate_open = False
        # Bounded: a server may name as many responses as it likes.
        self._stale: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._cleared: deque[str] = deque(maxlen=MOST_REMEMBERED)

    def is_stale(self, response: str) -> bool:
        """Whether nothing more of a response counts."""
        return response in self._stale

    def close_gate(self) -> None:
        """Let nothing be heard until a response begins to play."""
        self.gate_open = False

    def drop(self, response: str) -> None:
        """Nothing more of a response counts."""
        if response not in self._stale:
            self._stale.append(response)
        if self.playing == response:
            self.gate_open = False

    def started(self, response: str) -> bool:
        """The server plays a response; False when it is stale, or was playing already."""
        if response in self._stale:
            # Left open after the response before, the gate would let this one be heard.
            self.gate_open = False
            return False
        self.gate_open = True
        # Told again for each part of a response by some servers; it began once.
        known = self.playing == response
        self.playing = response
        return not known

    def stopped(self, response: str) -> bool:
        """The server has played all of a response; False when it was not playing."""
        if self.playing != response:
            return False
        self.playing = None
        return True

    def cleared(self, response: str) -> bool:
        """The server will not play the rest of a response; False when that was known."""
        if response in self._cleared:
            return False
        self._cleared.append(response)
        self.drop(response)
        # Another response may have begun to play meanwhile, which must be heard.
        if self.playing in {response, None}:
            self.gate_open = False
            self.playing = None
        return True
