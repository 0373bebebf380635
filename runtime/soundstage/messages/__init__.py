"""What actors say to each other: frozen structs in small files by topic."""

from soundstage.messages.audio_frames import EndOfSpeech, Frame, Interrupt, Levels, Mixed, Mute
from soundstage.messages.lifecycle import (
    Begin,
    Faulted,
    HangUpRequested,
    Join,
    Kill,
    Leave,
    Ready,
    Stop,
    Stopped,
    Tick,
    WindDown,
)
from soundstage.messages.notices import Entry, Notice
from soundstage.messages.speaking import (
    Heard,
    LoseFloor,
    Play,
    Prompt,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopSpeaking,
    TakeFloor,
)
from soundstage.messages.tool_requests import Tellable, ToolAnswered, ToolAsked
from soundstage.messages.transport_events import TransportEvent, TransportLost, TransportOpened

__all__ = [
    "Begin",
    "EndOfSpeech",
    "Entry",
    "Faulted",
    "Frame",
    "HangUpRequested",
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
    "TransportEvent",
    "TransportLost",
    "TransportOpened",
    "WindDown",
]
