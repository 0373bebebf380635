"""What a client plays of the replies that a WebSocket brings, faster than they are heard.

Over WebRTC the server plays its replies, and says when one begins, ends or is cut. Over a WebSocket
the client plays them: it knows what was heard, and has to tell the server what was not.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.audio import FrameCutter
from soundstage.realtime import client_events, server_events
from soundstage.units import (
    FRAME_SAMPLES,
    FRAMES_PER_SECOND,
    SAMPLE_BYTES,
    SILENCE,
    Samples,
    ms_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.realtime import ClientEvent, ServerEvent

LEAD: Final = 3
"""Frames of silence between the announcement of a reply and its first sound: what follows the
session learns of it by then, and pauses of the network are bridged."""

GIVEN_UP_AFTER: Final = 2 * FRAMES_PER_SECOND
"""Frames after which a reply whose audio is complete is over, though no `response.done` came."""

MOST_CUT: Final = 512
"""Cut replies whose late audio is still known not to count."""

MOST_WAITING: Final = 1800 * FRAMES_PER_SECOND
"""Frames that may wait: half an hour, more than any service makes at once."""


class Effects(Struct):
    """What is to be done about what happened.

    Attributes:
        told: events for the session's owner, as a server over WebRTC would send them.
        sent: events for the server.
    """

    told: list[ServerEvent] = []
    sent: list[ClientEvent] = []

    def extend(self, other: Effects) -> None:
        """Do this, too, and after what is here."""
        self.told += other.told
        self.sent += other.sent


class _Spoken(Struct):
    """One part of an item that is spoken."""

    item: str
    content_index: int
    received: Samples = 0
    played: Samples = 0
    complete: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether any of it is not heard if nothing more is played."""
        return not self.complete or self.played < self.received


class _Reply:
    """The audio of one response, part after part."""

    def __init__(self, response: str) -> None:
        self.response = response
        self.parts: list[_Spoken] = []
        self.frames: deque[tuple[_Spoken, bytes]] = deque()
        self.made = False
        self.announced = False
        self.lead = LEAD
        self.idle = 0
        self._cutter = FrameCutter()

    @property
    def is_complete(self) -> bool:
        """Whether all of its audio is here, as far as is known."""
        return self.made or all(part.complete for part in self.parts)

    def add(self, item: str, content_index: int, pcm: bytes) -> None:
        """The next piece of audio."""
        last = self.parts[-1] if self.parts else None
        if last is None or (last.item, last.content_index) != (item, content_index):
            self.complete()
            last = _Spoken(item, content_index)
            self.parts.append(last)
        last.received += len(pcm) // SAMPLE_BYTES
        self._queue(self._cutter.push(pcm))

    def complete(self) -> None:
        """The part that came last has all its audio."""
        if self.parts:
            self.parts[-1].complete = True
            self._queue(self._cutter.flush())
        self._cutter = FrameCutter()

    def next(self) -> bytes:
        """The next frame, which counts as played."""
        part, frame = self.frames.popleft()
        # The last frame of a part is filled up with silence, which is none of the server's audio.
        part.played = min(part.played + FRAME_SAMPLES, part.received)
        return frame

    def _queue(self, frames: Iterable[bytes]) -> None:
        self.frames.extend((self.parts[-1], frame) for frame in frames)


class Playout:
    """Plays one reply after the other, a frame at each tick.

    Attributes:
        concealed: frames of silence in the midst of a reply, because none had come.
        dropped: frames thrown away because too many waited.
    """

    def __init__(self) -> None:
        self.concealed = 0
        self.dropped = 0
        self._replies: deque[_Reply] = deque()
        self._cut: deque[str] = deque(maxlen=MOST_CUT)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is playing or waits."""
        return not self._replies

    def add(self, response: str, item: str, content_index: int, pcm: bytes) -> Effects:
        """A piece of a response's audio has come.

        Args:
            response: its id.
            item: the item that speaks.
            content_index: the part of it.
            pcm: 24 kHz mono s16le, any length.
        """
        if response in self._cut:
            return Effects()
        reply = self._reply(response)
        if reply is None:
            reply = _Reply(response)
            self._replies.append(reply)
        reply.add(item, content_index, pcm)
        while sum(len(each.frames) for each in self._replies) > MOST_WAITING:
            reply.frames.pop()
            self.dropped += 1
        return self._announce()

    def complete(self, response: str) -> None:
        """All audio of the part that is being spoken has come."""
        reply = self._reply(response)
        if reply is not None:
            reply.complete()

    def made(self, response: str) -> None:
        """A response is done: no more audio comes."""
        reply = self._reply(response)
        if reply is not None:
            reply.complete()
            reply.made = True

    def take(self) -> tuple[bytes, Effects]:
        """The frame of this tick, and what happened with it."""
        if not self._replies:
            return SILENCE, Effects()
        reply = self._replies[0]
        if reply.lead:
            reply.lead -= 1
            return SILENCE, Effects()
        if reply.frames:
            reply.idle = 0
            return reply.next(), Effects()
        reply.idle += 1
        if reply.made or (reply.is_complete and reply.idle > GIVEN_UP_AFTER):
            return SILENCE, self._finish(reply)
        if not reply.is_complete:
            self.concealed += 1
        return SILENCE, Effects()

    def cut(self, response: str | None = None) -> Effects:
        """Play nothing more of a response, or of any; the server is told what was heard."""
        effects = Effects()
        for reply in [*self._replies]:
            if response in {None, reply.response}:
                effects.extend(self._stop(reply))
        effects.extend(self._announce())
        return effects

    def refuse(self, response: str) -> Effects:
        """Play nothing of a response, whatever of it is still to come."""
        if self._reply(response) is not None:
            return self.cut(response)
        self._cut.append(response)
        return Effects()

    def _stop(self, reply: _Reply) -> Effects:
        if reply.is_complete and not reply.frames:
            return self._finish(reply)
        self._replies.remove(reply)
        self._cut.append(reply.response)
        unheard = [part for part in reply.parts if part.is_cut]
        return Effects(
            told=[server_events.OutputAudioBufferCleared(response_id=reply.response)],
            sent=[
                client_events.ConversationItemTruncate(
                    item_id=part.item,
                    content_index=part.content_index,
                    audio_end_ms=ms_of(part.played),
                )
                for part in unheard
            ],
        )

    def _finish(self, reply: _Reply) -> Effects:
        self._replies.remove(reply)
        effects = Effects([server_events.OutputAudioBufferStopped(response_id=reply.response)])
        effects.extend(self._announce())
        return effects

    def _announce(self) -> Effects:
        if not self._replies or self._replies[0].announced:
            return Effects()
        reply = self._replies[0]
        reply.announced = True
        return Effects([server_events.OutputAudioBufferStarted(response_id=reply.response)])

    def _reply(self, response: str) -> _Reply | None:
        return next((each for each in self._replies if each.response == response), None)
