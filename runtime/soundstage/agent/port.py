"""An agent's port to the mixer, and what went through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.messages import Frame, FrameBlock, Interrupt
from soundstage.messages.events import Audio
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.kernel import Address
    from soundstage.units import Samples


class Port:
    """Sends an agent's frames, and counts both ways.

    Args:
        agent: whose port it is.
        mixer: where its frames go.

    Attributes:
        sent: frames that left the agent.
        heard: frames that reached it.
    """

    def __init__(self, agent: str, mixer: Address) -> None:
        self._agent = agent
        self._mixer = mixer
        self.sent = 0
        self.heard = 0
        self._epoch = 0
        self._last: Samples = -1

    def send(self, pts: Samples, pcm: bytes) -> None:
        """Send the frame of a tick."""
        self.sent += 1
        self._last = pts
        self._mixer.tell(Frame(self._agent, pts, pcm, self._epoch))

    def send_block(self, pts: Samples, ticks: int, frames: Sequence[bytes] | None) -> None:
        """Send the frames of so many ticks; None where all are silence."""
        self.sent += ticks
        self._last = pts + (ticks - 1) * FRAME_SAMPLES
        self._mixer.tell(FrameBlock(self._agent, pts, ticks, frames, self._epoch))

    def cut(self, now: Samples, by: str) -> None:
        """Nothing of what is not sent yet belongs to what was being said."""
        self._epoch += 1
        since = max(now, self._last + 1)
        self._mixer.tell(Interrupt(self._agent, since, self._epoch, by))

    def report(self, now: Samples, *, dropped: int = 0, concealed: int = 0, late: int = 0) -> Audio:
        """What went through, for the log."""
        return Audio(
            pts=now,
            agent=self._agent,
            sent=self.sent,
            heard=self.heard,
            dropped=dropped,
            concealed=concealed,
            late=late,
        )
