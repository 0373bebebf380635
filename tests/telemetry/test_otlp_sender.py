"""Runs sent to a collector: through the SDK's own exporters, and over HTTP as OTLP."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from soundstage import run_scenario
from soundstage.errors import UsageError
from soundstage.results import RunFolder
from soundstage.telemetry import check_export, export_run

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from soundstage.telemetry.call_trace import Span, SpanEvent
from soundstage.telemetry.otlp_sender import send

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE = Span(
    name="call call",
    start=0,
    end=48_000,
    attributes={"soundstage.outcome": "failed", "soundstage.scenario": "call"},
    events=(SpanEvent("gen_ai.evaluation.result", 24_000, {"gen_ai.evaluation.name": "polite"}),),
    parts=(Span(name="turn 1 Bob", start=24_000, end=36_000, attributes={}, error="cut"),),
    error="failed: expect:polite",
)


class Collector:
    """Takes what is sent to it over OTLP/HTTP."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.traces: list[ExportTraceServiceRequest] = []
        self.metrics: list[ExportMetricsServiceRequest] = []
        self.headers: list[str | None] = []

    @property
    def spans(self) -> list:
        return [
            span
            for request in self.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collecting(monkeypatch, status: int = 200) -> Iterator[Collector]:
    collector = Collector(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") is None and collector.status == 200:
                kind, kept = {
                    "/v1/traces": (ExportTraceServiceRequest, collector.traces),
                    "/v1/metrics": (ExportMetricsServiceRequest, collector.metrics),
                }[self.path]
                kept.append(kind.FromString(body))
            collector.headers.append(self.headers.get("x-key"))
            self.send_response(collector.status)
            self.end_headers()

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="collector")
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_spans_have_their_times_parents_events_and_errors(monkeypatch):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    memory = InMemorySpanExporter()
    send(TRACE, [], began=1000.0, exporter=memory)

    turn, call = memory.get_finished_spans()
    assert (call.start_time, call.end_time) == (1000 * 10**9, 1002 * 10**9)
    assert turn.start_time == 1001 * 10**9
    assert turn.parent.span_id == call.context.span_id
    assert (call.events[0].name, call.events[0].timestamp) == (
        "gen_ai.evaluation.result",
        1001 * 10**9,
    )
    assert not call.status.is_ok
    assert call.status.description == "failed: expect:polite"


def test_a_run_that_is_sent_twice_is_the_same_trace(monkeypatch):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    ids = []
    for _ in range(2):
        memory = InMemorySpanExporter()
        send(TRACE, [], began=1000.0, exporter=memory)
        ids.append([(s.context.trace_id, s.context.span_id) for s in memory.get_finished_spans()])

    assert ids[0] == ids[1]
    assert len({span for _, span in ids[0]}) == 2


@pytest.mark.realtime
def test_a_collector_gets_each_run_as_a_call_with_turns_and_evaluations(tmp_path, monkeypatch):
    monkeypatch.setenv("SOUNDSTAGE_OTEL", "1")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "nightly")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")
    with collecting(monkeypatch) as collector:
        run_scenario("refund", out=tmp_path / "run", check=False)

    names = [span.name for span in collector.spans]
    assert "call refund" in names
    assert sum(name.startswith("turn ") for name in names) >= 4
    assert any(name.startswith("execute_tool ") for name in names)
    events = [event.name for span in collector.spans for event in span.events]
    assert "gen_ai.evaluation.result" in events
    assert len({span.trace_id for span in collector.spans}) == 1
    (resource,) = {
        attribute.value.string_value
        for request in collector.traces
        for each in request.resource_spans
        for attribute in each.resource.attributes
        if attribute.key == "service.name"
    }
    assert resource == "nightly"
    metrics = {
        metric.name
        for request in collector.metrics
        for each in request.resource_metrics
        for scope in each.scope_metrics
        for metric in scope.metrics
    }
    assert {"soundstage.response_gap", "gen_ai.client.operation.duration"} <= metrics
    assert set(collector.headers) == {"secret"}
    assert b"secret" not in b"".join(
        path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()
    )


@pytest.mark.realtime
def test_a_collector_that_refuses_changes_no_outcome_and_is_told(tmp_path, monkeypatch):
    run = run_scenario("alice_bob", out=tmp_path / "run")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with collecting(monkeypatch, status=400):
        told = export_run(RunFolder.find(run.folder))

    assert "did not take the trace" in told


@pytest.mark.realtime
def test_two_runs_are_two_traces_and_one_that_was_reduced_to_its_log_stays_the_same(
    tmp_path, monkeypatch
):
    folders = [
        RunFolder.find(run_scenario("alice_bob", out=tmp_path / name / "run").folder)
        for name in ("one", "two")
    ]
    with collecting(monkeypatch) as collector:
        assert [export_run(folder) for folder in folders] == ["", ""]
        folders[0].reduce_to_log()
        assert export_run(folders[0]) == ""

    one, two, again = (
        {span.trace_id for scope in request.resource_spans[0].scope_spans for span in scope.spans}
        for request in collector.traces
    )
    assert one == again
    assert one.isdisjoint(two)


UNEXPORTED = """
import sys
from soundstage import run_scenario

run_scenario("alice_bob", out=sys.argv[1])
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""


def test_without_the_switch_nothing_is_loaded(tmp_path):
    environment = {name: value for name, value in os.environ.items() if "OTEL" not in name}
    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
    command = [sys.executable, "-c", UNEXPORTED, str(tmp_path / "run")]

    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=55)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_TRACES_EXPORTER", "jaeger"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
)
def test_what_cannot_be_done_is_told_before_the_run(name, value, monkeypatch, tmp_path):
    monkeypatch.setenv("SOUNDSTAGE_OTEL", "1")
    monkeypatch.setenv(name, value)

    with pytest.raises(UsageError, match=f"{name} is {value}"):
        run_scenario("alice_bob", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "soundstage.telemetry.otlp_sender", None)

    with pytest.raises(UsageError, match=r"soundstage\[otel\]"):
        check_export()
