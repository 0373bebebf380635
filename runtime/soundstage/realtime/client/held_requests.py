"""Responses that wait until a new session has heard again what the lost one had heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.realtime.client.responses import ResponseRequest
from soundstage.realtime.protocol.client_events import InputAudioBufferCommit
from soundstage.units import FRAME_MS, FRAMES_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.realtime.client.outbox import ClientOutbox
    from soundstage.realtime.client.responses import ResponseRequests

NOTICED_WITHIN: Final = 2 * FRAMES_PER_SECOND
"""Frames within which a turn that waits to be heard is noticed; later it is taken for none."""


class HeldRequests:
    """Holds requests back, and asks for them once what they are to answer has been heard.

    Args:
        outbox: takes the events.
        requests: asks.
    """

    def __init__(self, outbox: ClientOutbox, requests: ResponseRequests) -> None:
        self._outbox = outbox
        self._requests = requests
        self._held: list[ResponseRequest] = []
        self._again_ms: int | None = None
        self._left = 0
        self._is_answered = False
        self._detects = True
        self._commits = False

    def hold(
        self,
        requests: Iterable[ResponseRequest],
        *,
        turn_again_ms: int | None,
        is_answered: bool,
        detects: bool,
    ) -> None:
        """Ask for these once it is known, by `catch_up`, what is still to be heard before them.

        Args:
            requests: what is to be asked for; all that has settings of its own is so at once.
            turn_again_ms: how much of its input the session hears again that begins with a turn
                which had been noticed; None where there is none.
            is_answered: whether a turn is answered without being asked.
            detects: whether the session notices the end of a turn; it is told otherwise.
        """
        self.forget()
        self._is_answered, self._detects, self._again_ms = is_answered, detects, turn_again_ms
        for request in requests:
            if request == ResponseRequest():
                self._held.append(request)
            else:
                self._requests.ask(request)
        self._commits = turn_again_ms is not None and not detects
        self._left = -1

    def catch_up(self, voice_ms: int) -> None:
        """The session hears again.

        Args:
            voice_ms: how much of what waits for it is speech.
        """
        waits_ms = max(self._again_ms or 0, voice_ms)
        if self._again_ms is None and not voice_ms:
            self._ask()
        else:
            self._left = waits_ms // FRAME_MS + (NOTICED_WITHIN if self._detects else 1)

    def forget(self) -> None:
        """Ask for none of them."""
        self._held.clear()
        self._commits, self._left = False, -1

    @property
    def rests(self) -> bool:
        """Whether frames mean nothing to it."""
        return self._left < 0

    def frame(self, *, hears: bool) -> None:
        """The session has heard a frame; `hears` while it notices speech."""
        if self._left < 0 or hears:
            return
        self._left -= 1
        if self._left <= 0:
            self._ask()

    def heard(self) -> None:
        """The session has noticed the end of a turn."""
        if self._is_answered:
            # One response answers everything before it.
            self._held.clear()
        self._ask()

    def _ask(self) -> None:
        if self._commits:
            self._commits = False
            self._outbox.send(InputAudioBufferCommit())
        self._left = -1
        held, self._held = self._held, []
        for request in held:
            self._requests.ask(request)
