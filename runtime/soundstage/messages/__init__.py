"""What actors say to each other: frozen structs in small files by topic."""

from soundstage.messages._audio import EndOfSpeech, Frame, Interrupt, Levels, Mute
from soundstage.messages._control import (
    Begin,
    Faulted,
    HangUpAsked,
    Join,
    Kill,
    Leave,
    Ready,
    Stop,
    Stopped,
    Tick,
    WindDown,
)
from soundstage.messages._floor import LoseFloor, TakeFloor
from soundstage.messages._log import Entry, Mixed
from soundstage.messages._notice import Notice
from soundstage.messages._speech import (
    Heard,
    Play,
    Prompt,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopSpeaking,
)
from soundstage.messages._tools import Tellable, ToolAnswered, ToolAsked
from soundstage.messages._wire import WireEvent, WireLost, WireOpened

__all__ = [
    "Begin",
    "EndOfSpeech",
    "Entry",
    "Faulted",
    "Frame",
    "HangUpAsked",
    "Heard",
    "Interrupt",
    "Join",
    "Kill",
    "Leave",
    "Levels",
    "LoseFloor",
    "Mixed",
    "Mute",
    "Notice",
    "Play",
    "Prompt",
    "Ready",
    "Say",
    "SpeechStarted",
    "SpeechStopped",
    "Stop",
    "StopSpeaking",
    "Stopped",
    "TakeFloor",
    "Tellable",
    "Tick",
    "ToolAnswered",
    "ToolAsked",
    "WindDown",
    "WireEvent",
    "WireLost",
    "WireOpened",
]
