"""What a run leaves behind: its folder, recordings, event log, transcript, metrics and result."""

from soundstage.results.append_file import AppendFile, write_failure
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
from soundstage.results.expectation_report import (
    ExpectationReport,
    Judged,
    expectation_schema,
    read_expectations,
    shown_verdict,
)
from soundstage.results.finished_run import Run, ToolCall
from soundstage.results.history import History, Interval, intersection, total, touching, union
from soundstage.results.latency import LATENCY_POINTS
from soundstage.results.metrics import (
    Answer,
    Frames,
    Measurements,
    Metrics,
    Spread,
    measure,
    metric_samples,
    metric_value,
    response_gaps,
    spread,
)
from soundstage.results.reports import (
    Conclusion,
    JudgeRun,
    save_text,
    write_expectations,
    write_reports,
    write_result,
)
from soundstage.results.run_folder import TRACKS, RunFolder, claim, runs_at
from soundstage.results.run_result import Facts, Result, read_result
from soundstage.results.tracks import PACKED, Track, TrackReader, pack_track
from soundstage.results.transcript import captions, display_name, keys_heard, transcript, with_cut
from soundstage.results.turns import Turn, turns_of

__all__ = [
    "LATENCY_POINTS",
    "PACKED",
    "TRACKS",
    "Answer",
    "AnyEvent",
    "AppendFile",
    "Archive",
    "Conclusion",
    "EventLog",
    "ExpectationReport",
    "Facts",
    "Frames",
    "History",
    "Interval",
    "JudgeRun",
    "Judged",
    "KnownEvent",
    "Measurements",
    "Metrics",
    "Result",
    "Run",
    "RunFolder",
    "Spread",
    "ToolCall",
    "Track",
    "TrackReader",
    "Turn",
    "UnknownEvent",
    "captions",
    "claim",
    "display_name",
    "encode_event",
    "event_schema",
    "expectation_schema",
    "intersection",
    "keys_heard",
    "measure",
    "metric_samples",
    "metric_value",
    "pack_track",
    "read_events",
    "read_expectations",
    "read_result",
    "response_gaps",
    "runs_at",
    "save_text",
    "shown_verdict",
    "spread",
    "total",
    "touching",
    "transcript",
    "turns_of",
    "union",
    "with_cut",
    "write_expectations",
    "write_failure",
    "write_reports",
    "write_result",
]
