"""What the next frames of the server's audio mean, where nothing is told of them.

A simulated run looks ahead with this, and takes many frames at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundstage.realtime.client.conversation import ConversationRecord
    from soundstage.realtime.client.held_requests import HeldRequests
    from soundstage.realtime.client.response_output import ResponseOutput
    from soundstage.realtime.client.unannounced_playback import UnannouncedPlayback


class ClientFramesAhead:
    """What the next frames of the server's audio mean to a client session.

    Args:
        unannounced: tells by the audio what a server leaves out.
        record: how much of each reply was heard.
        held: requests that wait for what is heard.
        output: responses that are being made.
        playing: the one that is played, or None.
    """

    def __init__(
        self,
        unannounced: UnannouncedPlayback,
        record: ConversationRecord,
        held: HeldRequests,
        output: ResponseOutput,
        playing: str | None,
    ) -> None:
        self._unannounced = unannounced
        self._record = record
        self._held = held
        self._output = output
        self._playing = playing

    def foresee(self, most: int, *, audible: bool) -> int:
        """Of how many of the next frames, none or some `audible`, nothing will be told."""
        rests = self._held.rests and self._unannounced.rests(audible=audible)
        return self._output.foresee(most, self._playing) if rests else 0

    def skip(self, ticks: int, audible: tuple[int, int] | None) -> None:
        """So many frames have come that mean nothing; the places of the first and last heard."""
        self._unannounced.skip(ticks)
        self._record.skip(ticks, audible)
        self._output.skip(ticks, self._playing)
