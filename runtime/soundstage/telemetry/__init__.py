"""A run as a trace of OpenTelemetry: its turns, gaps, tool calls, and judged expectations.

The libraries are those of the extra `otel`, and are loaded when a run is exported.
"""

from soundstage.telemetry.call_trace import Span, SpanEvent, call_trace
from soundstage.telemetry.run_export import check_export, check_wanted_export, export_run, is_wanted

__all__ = [
    "Span",
    "SpanEvent",
    "call_trace",
    "check_export",
    "check_wanted_export",
    "export_run",
    "is_wanted",
]
