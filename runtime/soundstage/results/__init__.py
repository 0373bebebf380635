"""What a run leaves behind: its folder, recordings, event log, transcript, metrics and result."""

from soundstage.results._archive import Archive
from soundstage.results._conclusion import Conclusion
from soundstage.results._folder import RunFolder, claim
from soundstage.results._history import History
from soundstage.results._log import EventLog, encode_event, read_events
from soundstage.results._metrics import Frames, Measurements, Metrics, Spread, measure, spread
from soundstage.results._reports import Facts, Result, save_text, write_reports, write_result
from soundstage.results._run import Run, ToolCall
from soundstage.results._schema import event_schema
from soundstage.results._track import Track
from soundstage.results._transcript import captions, transcript
from soundstage.results._turns import Turn, turns_of
from soundstage.results._vocabulary import AnyEvent, KnownEvent, UnknownEvent

__all__ = [
    "AnyEvent",
    "Archive",
    "Conclusion",
    "EventLog",
    "Facts",
    "Frames",
    "History",
    "KnownEvent",
    "Measurements",
    "Metrics",
    "Result",
    "Run",
    "RunFolder",
    "Spread",
    "ToolCall",
    "Track",
    "Turn",
    "UnknownEvent",
    "captions",
    "claim",
    "encode_event",
    "event_schema",
    "measure",
    "read_events",
    "save_text",
    "spread",
    "transcript",
    "turns_of",
    "write_reports",
    "write_result",
]
