"""The transports of Pipecat: its protobuf frames over a WebSocket."""

from soundstage.bots.pipecat.frame_call import PipecatWebSocketCall
from soundstage.bots.pipecat.frame_dialect import FrameDialect
from soundstage.bots.pipecat.rtvi import Rtvi

__all__ = ["FrameDialect", "PipecatWebSocketCall", "Rtvi"]
