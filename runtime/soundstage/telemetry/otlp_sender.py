"""Gives spans and measurements to the exporters of the OpenTelemetry SDK.

A run that is over is sent as a whole, once, on a thread that is given up after a deadline.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    InMemoryMetricReader,
    MetricExporter,
    MetricExportResult,
)
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    ConsoleSpanExporter,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from soundstage.errors import InfrastructureError, UsageError, error_text
from soundstage.installed import version_of
from soundstage.kernel import call_within
from soundstage.results import response_gaps
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.metrics import Histogram

    from soundstage.results import Turn
    from soundstage.telemetry.call_trace import Span

T = TypeVar("T")

_NANOSECONDS: Final = 1_000_000_000
_EXPORTERS: Final = ("otlp", "console", "none")
_BOUNDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds between which response gaps are counted: finer where people notice a difference."""

_TIMEOUT: Final = 10.0
"""Seconds that an exporter of the SDK waits where no variable says otherwise."""

_LONGER: Final = 5.0
"""Seconds beyond it after which nothing is waited for."""

_DURATIONS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48)
"""The bounds that the semantic conventions advise for `gen_ai.client.operation.duration`."""


def check_environment(environment: Mapping[str, str]) -> None:
    """See that the exporters that are asked for are there.

    Raises:
        UsageError: one is not.
    """
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER"):
        asked = environment.get(name, "").strip() or "otlp"
        if asked not in _EXPORTERS:
            raise UsageError(f"{name} is {asked}; runs are exported by {', '.join(_EXPORTERS)}")
    for name in ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"):
        protocol = environment.get(name, "").strip() or "http/protobuf"
        if protocol != "http/protobuf":
            raise UsageError(
                f"{name} is {protocol}; runs are exported over http/protobuf, usually to port 4318"
            )


def send(
    trace: Span,
    turns: Sequence[Turn],
    *,
    began: float,
    exporter: SpanExporter | None = None,
    metric_exporter: MetricExporter | None = None,
) -> None:
    """Send a run.

    Args:
        trace: of the call.
        turns: of the call, for the measurements.
        began: when it began, in seconds since 1970.
        exporter: gets the spans, in place of the one that the environment names.
        metric_exporter: gets the measurements, likewise.

    Raises:
        InfrastructureError: the spans, or the measurements, were not taken.
    """
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    spans = exporter or _span_exporter()
    if spans is not None:
        recorded = _recorded(trace, began)
        try:
            taken = _in_time(lambda: spans.export(recorded), "TRACES")
        finally:
            spans.shutdown()
        if taken is not SpanExportResult.SUCCESS:
            raise InfrastructureError(f"{_where('TRACES')} did not take the trace")
    metrics = metric_exporter or _metric_exporter()
    if metrics is not None:
        measured = _measured(trace, turns)
        try:
            taken_too = _in_time(lambda: metrics.export(measured), "METRICS")
        finally:
            metrics.shutdown()
        if taken_too is not MetricExportResult.SUCCESS:
            raise InfrastructureError(f"{_where('METRICS')} did not take the measurements")


def _in_time(export: Callable[[], T], signal: str) -> T:
    """What an exporter makes of it; its own deadline does not hold for an answer without end.

    Raises:
        InfrastructureError: it raised, or took too long; the thread that it holds is a daemon.
    """
    try:
        return call_within(export, _timeout(signal) + _LONGER, "otlp")
    except TimeoutError:
        raise InfrastructureError(f"{_where(signal)} did not end its answer in time") from None
    except Exception as error:  # whatever an exporter raises: it is told
        raise InfrastructureError(f"{_where(signal)} took nothing: {error_text(error)}") from error


def _timeout(signal: str) -> float:
    """Seconds that the exporter itself waits, by the SDK's own variables."""
    for name in (f"OTEL_EXPORTER_OTLP_{signal}_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"):
        with suppress(ValueError):
            return float(os.environ.get(name, ""))
    return _TIMEOUT


def _where(signal: str) -> str:
    """Where it was sent: an address, which has no key in it."""
    own = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return own or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "http://localhost:4318"


def _span_exporter() -> SpanExporter | None:
    match os.environ.get("OTEL_TRACES_EXPORTER", "").strip():
        case "none":
            return None
        case "console":
            return ConsoleSpanExporter()
        case _:
            return OTLPSpanExporter()


def _metric_exporter() -> MetricExporter | None:
    match os.environ.get("OTEL_METRICS_EXPORTER", "").strip():
        case "none":
            return None
        case "console":
            return ConsoleMetricExporter()
        case _:
            return OTLPMetricExporter()


class _CallIds(IdGenerator):
    """Ids that follow from the run: exported twice, it is the same trace."""

    def __init__(self, trace: Span) -> None:
        self._digest = hashlib.sha256(repr(sorted(trace.attributes.items())).encode())
        self._trace_id = int.from_bytes(self._digest.digest()[:16], "big") or 1

    def generate_trace_id(self) -> int:
        return self._trace_id

    def generate_span_id(self) -> int:
        self._digest.update(b"span")
        return int.from_bytes(self._digest.digest()[:8], "big") or 1


def _recorded(trace: Span, began: float) -> Sequence[ReadableSpan]:
    kept = InMemorySpanExporter()
    provider = TracerProvider(
        resource=_resource(), id_generator=_CallIds(trace), shutdown_on_exit=False
    )
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("soundstage", version_of("soundstage"))
    start = round(began * _NANOSECONDS)

    def time_of(pts: int) -> int:
        return start + pts * _NANOSECONDS // SAMPLE_RATE

    def record(span: Span, parent: Context | None) -> None:
        recorded: Any = tracer.start_span(
            span.name, context=parent, attributes=span.attributes, start_time=time_of(span.start)
        )
        for event in span.events:
            recorded.add_event(event.name, event.attributes, time_of(event.pts))
        if span.error:
            recorded.set_status(Status(StatusCode.ERROR, span.error))
        inner = set_span_in_context(recorded)
        for part in span.parts:
            record(part, inner)
        recorded.end(time_of(span.end))

    record(trace, None)
    provider.shutdown()
    return kept.get_finished_spans()


@lru_cache(maxsize=1)
def _instance() -> str:
    return str(uuid4())


def _resource() -> Resource:
    """Of this process: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win."""
    own = {
        "service.name": "soundstage",
        "service.version": version_of("soundstage"),
        "service.instance.id": _instance(),
    }
    return Resource(own).merge(OTELResourceDetector().detect())


class _Meters:
    """What is counted over the runs of this process, which begins at 0 with it."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        provider = MeterProvider([self.reader], _resource(), shutdown_on_exit=False)
        meter = provider.get_meter("soundstage", version_of("soundstage"))
        self.gaps: Histogram = meter.create_histogram(
            "soundstage.response_gap",
            unit="s",
            description="From the end of what is answered to the first audible sample.",
            explicit_bucket_boundaries_advisory=_BOUNDS,
        )
        self.durations: Histogram = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="How long a tool took, or an agent was in the call.",
            explicit_bucket_boundaries_advisory=_DURATIONS,
        )
        self.runs = meter.create_counter(
            "soundstage.runs", unit="{run}", description="Runs, by how they came out."
        )


@lru_cache(maxsize=1)
def _meters() -> _Meters:
    return _Meters()


def _measured(trace: Span, turns: Sequence[Turn]) -> Any:
    meters = _meters()
    for turn in turns:
        for gap in response_gaps([turn]):
            meters.gaps.record(gap, {"gen_ai.agent.name": turn.agent})
    for span in _all(trace):
        if "gen_ai.operation.name" in span.attributes:
            about = {
                name: value
                for name, value in span.attributes.items()
                if name in {"gen_ai.operation.name", "gen_ai.agent.name", "gen_ai.tool.name"}
            }
            if span.error:
                about["error.type"] = "_OTHER"
            meters.durations.record((span.end - span.start) / SAMPLE_RATE, about)
    outcome = trace.attributes["soundstage.outcome"]
    scenario = trace.attributes["soundstage.scenario"]
    meters.runs.add(1, {"soundstage.outcome": outcome, "soundstage.scenario": scenario})
    return meters.reader.get_metrics_data()


def _all(span: Span) -> Iterator[Span]:
    yield span
    for part in span.parts:
        yield from _all(part)
