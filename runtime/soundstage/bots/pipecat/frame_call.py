"""The transport `pipecat-websocket`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from soundstage.bots.dialect_call import DialectCall
from soundstage.bots.pipecat.frame_dialect import FrameDialect

if TYPE_CHECKING:
    from soundstage.bots.dialect import MakeDialect


class PipecatWebSocketCall(DialectCall):
    """A call to the WebSocket that a bot of Pipecat has for its own clients."""

    keys_used: ClassVar[frozenset[str]] = frozenset({"url", "jitter"})
    # Pipecat sends as fast as it is heard; what waits when it closes is its last words' end.
    plays_on: ClassVar[bool] = True
    delay: ClassVar[float] = 0.02
    dialect_class: ClassVar[MakeDialect] = FrameDialect
