"""Calls to the user's own bot: transports, and the clock by which what it sends is heard."""

from soundstage.bots.bot_call import BotCall, BotLine, BotTarget, MakeBotCall, Playout
from soundstage.bots.bot_transports import load_transport, transport_names
from soundstage.bots.dialect import Dialect, MakeDialect
from soundstage.bots.dialect_call import DialectCall
from soundstage.bots.playout_clock import PlayoutClock, PlayoutFigures
from soundstage.bots.transport_delay import MeasuredDelay, delay_facts, keep_delay
from soundstage.bots.wire_audio import RATES, Encoding, WireDecoder, WireEncoder, WireFormat

__all__ = [
    "RATES",
    "BotCall",
    "BotLine",
    "BotTarget",
    "Dialect",
    "DialectCall",
    "Encoding",
    "MakeBotCall",
    "MakeDialect",
    "MeasuredDelay",
    "Playout",
    "PlayoutClock",
    "PlayoutFigures",
    "WireDecoder",
    "WireEncoder",
    "WireFormat",
    "delay_facts",
    "keep_delay",
    "load_transport",
    "transport_names",
]
