"""What a run leaves behind: its folder, recordings, event log, transcript, metrics and result."""

from soundstage.results.archive import Archive
from soundstage.results.event_log import (
    AnyEvent,
    EventLog,
    KnownEvent,
    UnknownEvent,
    encode_event,
    event_schema,
    read_events,
)
from soundstage.results.finished_run import Run, ToolCall
from soundstage.results.history import History
from soundstage.results.latency import LATENCY_POINTS
from soundstage.results.metrics import (
    Answer,
    Frames,
    Measurements,
    Metrics,
    Spread,
    measure,
    metric_value,
    spread,
)
from soundstage.results.reports import Conclusion, save_text, write_reports, write_result
from soundstage.results.run_folder import RunFolder, claim
from soundstage.results.run_result import Facts, Result
from soundstage.results.transcript import captions, transcript
from soundstage.results.turns import Turn, turns_of
from soundstage.results.wav_track import Track

__all__ = [
    "LATENCY_POINTS",
    "Answer",
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
    "metric_value",
    "read_events",
    "save_text",
    "spread",
    "transcript",
    "turns_of",
    "write_reports",
    "write_result",
]
