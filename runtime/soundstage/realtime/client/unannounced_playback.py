"""When a response plays, by its audio alone, for servers that send no `output_audio_buffer` events.

Servers of the GA protocol say when a response begins to play, has been played, or was cut. Some
others only send its audio. What they leave out is told here in the same events, so that all that
follows a session needs to know one kind of server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.realtime.client.notifications import UnannouncedAudio
from soundstage.realtime.protocol.server_events import (
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
)
from soundstage.units import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from soundstage.realtime.client.notifications import Notification
    from soundstage.realtime.client.playback_gate import PlaybackGate
    from soundstage.realtime.protocol.items import Response

BEGUN_AFTER: Final = 2
"""Frames of sound that begin a reply: an announcement may come right after the first one."""

TOLD_AFTER: Final = FRAMES_PER_SECOND
"""Frames of sound without an announcement until that is told; where servers announce at all, the
event and the first sound are less than 0.2 s apart."""

PLAYED_AFTER: Final = FRAMES_PER_SECOND
"""Silent frames by which a response that is done has been played: longer than a pause within it."""

ANSWERED_AFTER: Final = FRAMES_PER_SECOND * 2 // 5
"""Silent frames after which speech answers a response that is done, rather than cut it."""

NEXT_AFTER: Final = FRAMES_PER_SECOND // 5
"""Silent frames between two responses, where a later one is known already."""


class UnannouncedPlayback:
    """Follows the audio and the responses of a server until it announces a response's audio.

    From the first `output_audio_buffer` event on it tells nothing more: the server does.

    Args:
        gate: opened and closed as those events would.
    """

    def __init__(self, gate: PlaybackGate) -> None:
        self._gate = gate
        self._announced = False
        self._latest = ""
        self._playing = ""
        self._latest_done = False
        self._done = False
        self._sounding = 0
        self._silent = 0
        self._told = False

    def announced(self) -> None:
        """The server says itself what it plays."""
        self._announced = True
        # Its own events say when that one ends, too: told by both, it would end twice.
        self._playing = ""

    def created(self, response: str) -> None:
        """A response is being made, whose audio may come."""
        self._latest = response
        self._latest_done = False

    def done(self, response: Response) -> list[Notification]:
        """A response has been made; its audio may come still, unless it was cut."""
        cancelled = response.status == "cancelled"
        kinds = {item.type for item in response.output}
        # One that only calls tools has no sound, and must not be credited with that of the next.
        if response.id == self._latest and (cancelled or (kinds and "message" not in kinds)):
            self._latest = ""
        # Some servers make all of a reply before its first sound leaves them.
        if response.id == self._latest:
            self._latest_done = True
        if response.id != self._playing:
            return []
        self._done = True
        return self.cut() if cancelled else []

    def cut(self) -> list[Notification]:
        """What plays was cut."""
        if not self._playing:
            return []
        response = self._end_playing()
        # Sound of it is under way still, and this server will not say when the last of it has come.
        if not self._gate.cleared(response):
            return []
        return [OutputAudioBufferCleared(response_id=response)]

    def interrupted(self) -> list[Notification]:
        """The user speaks: what plays was cut, unless it was over."""
        # Until it is silent for long enough, a reply that is over cannot be told from a pause.
        if self._playing and self._done and self._silent >= ANSWERED_AFTER:
            return [*self._tell(), *self._stop()]
        return self.cut()

    def frame(self, *, audible: bool) -> list[Notification]:
        """One frame has come; what that means."""
        if self._announced:
            return []
        if audible:
            self._silent = 0
            self._sounding += 1
            told = self._begin()
            return told if self._sounding < TOLD_AFTER else [*told, *self._tell()]
        self._silent += 1
        # Silence ends a reply only when it is done: servers stall in the midst of one.
        later = self._latest not in {"", self._playing}
        if self._playing and self._done and self._silent >= (NEXT_AFTER if later else PLAYED_AFTER):
            return [*self._tell(), *self._stop()]
        return []

    def rests(self, *, audible: bool) -> bool:
        """Whether `frame` tells nothing of the next frames, of which none or some are `audible`."""
        return self._announced or not (audible or self._playing)

    def skip(self, ticks: int) -> None:
        """So many frames have come while it rested."""
        if not self._announced:
            self._silent += ticks

    def _begin(self) -> list[Notification]:
        # Once a reply was not announced, none is waited for.
        if self._playing or not self._latest or not (self._told or self._sounding >= BEGUN_AFTER):
            return []
        if not self._gate.started(self._latest):
            return []
        self._playing = self._latest
        self._done = self._latest_done
        return [OutputAudioBufferStarted(response_id=self._playing)]

    def _stop(self) -> list[Notification]:
        response = self._end_playing()
        self._gate.stopped(response)
        return [OutputAudioBufferStopped(response_id=response)]

    def _end_playing(self) -> str:
        response, self._playing, self._done = self._playing, "", False
        if self._latest == response:
            self._latest = ""
        return response

    def _tell(self) -> list[Notification]:
        if self._told:
            return []
        self._told = True
        return [UnannouncedAudio(self._playing)]
