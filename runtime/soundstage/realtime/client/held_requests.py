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

NOTICED_WITHIN: Final = 5 * FRAMES_PER_SECOND
"""Frames within which a turn that is heard again is noticed; later it is taken for none."""


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
        self._left = 0
        self._is_answered = False
        self._commits = False

    def hold(
        self,
        requests: Iterable[ResponseRequest],
        *,
        heard_again_ms: int | None,
        is_answered: bool,
        detects: bool,
    ) -> None:
        """Ask for these at once, or once so much has been heard again.

        Args:
            requests: what is to be asked for.
            heard_again_ms: how much of its input the session is about to hear again; None where
                there is nothing to wait for.
            is_answered: whether the turn that is heard again is answered without being asked.
            detects: whether the session notices the end of that turn; it is told otherwise.
        """
        self.forget()
        waits = heard_again_ms is not None
        self._is_answered = is_answered
        for request in requests:
            if waits and request == ResponseRequest():
                self._held.append(request)
            else:
                self._requests.ask(request)
        self._commits = waits and not detects
        self._left = (heard_again_ms or 0) // FRAME_MS + (NOTICED_WITHIN if detects else 1)

    def forget(self) -> None:
        """Ask for none of them."""
        self._held.clear()
        self._commits = False

    def frame(self, *, hears: bool) -> None:
        """The session has heard a frame; `hears` while it notices speech."""
        if not (self._held or self._commits) or hears:
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
        held, self._held = self._held, []
        for request in held:
            self._requests.ask(request)
