"""Since when the agents of a run have been quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.messages import events
from soundstage.units import FRAME_SAMPLES, Samples

if TYPE_CHECKING:
    from soundstage.messages.events import Event

KNOWN_WITHIN: Final[Samples] = 3 * FRAME_SAMPLES
"""After this time it is known that a voice has begun: its frame was sent, mixed and measured.

A silence is told so much later than it was long enough, so that it is one in the recording, too.
"""


class SilenceWatch:
    """Follows which agents are audible, and since when those that are not have been quiet.

    What counts is what each agent says, before the effects of any line: noise is no voice. No
    silence begins before all agents have come in.
    """

    def __init__(self) -> None:
        self._absent: set[str] = set()
        self._here: set[str] = set()
        self._begun: Samples | None = None
        self._audible: set[str] = set()
        self._stopped: dict[str, Samples] = {}

    def since(self, agent: str | None) -> Samples | None:
        """Since when an agent has been quiet, or all agents where it is None.

        Returns:
            None while it is audible, before the run has begun, and for an agent that takes no part.
        """
        if self._begun is None:
            return None
        if agent is None:
            return None if self._audible else max(self._begun, *self._stopped.values(), 0)
        if agent in self._audible or agent not in self._here:
            return None
        return max(self._begun, self._stopped.get(agent, 0))

    def observe(self, event: Event) -> None:
        """Take one event of the log."""
        agent = event.agent
        match event:
            case events.VoiceStarted(track="said"):
                self._audible.add(agent)
            case events.VoiceStopped(track="said"):
                self._fall_silent(agent, event.pts)
            case events.RunStarted():
                self._absent = set(event.agents)
            case events.Joined():
                self._absent.discard(agent)
                self._here.add(agent)
                self._begin(event.pts)
            case events.Left():
                self._fall_silent(agent, event.pts)
                self._absent.discard(agent)
                self._here.discard(agent)
                self._begin(event.pts)
            case _:
                pass

    def _begin(self, pts: Samples) -> None:
        if self._begun is None and not self._absent:
            self._begun = pts

    def _fall_silent(self, agent: str, pts: Samples) -> None:
        if agent in self._audible:
            self._audible.remove(agent)
            self._stopped[agent] = pts
