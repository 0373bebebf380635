"""Whatever a log says, in whatever order and at whatever time, has a page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundstage.messages import events
from soundstage.report.page import report_html
from soundstage.results import KnownEvent, RunFolder

AGENTS = ("ann", "ben", "")
TIMES = st.integers(-30_000, 600_000) | st.integers(-(2**53), 2**53)
WORDS = st.sampled_from((*AGENTS, "resp_1", "said", "heard", "<b>", "call_1", "")) | st.text(
    max_size=12
)
VALUES = {
    int: TIMES,
    str: WORDS,
    bool: st.booleans(),
}


def strategy_of(kind: type[events.Event]) -> st.SearchStrategy[dict[str, object]]:
    """Lines of the log of one type: its plain fields as they may be, any others left out."""
    fields = {field.encode_name: VALUES.get(field.type) for field in msgspec.structs.fields(kind)}
    known = {name: values for name, values in fields.items() if values is not None}
    known["agent"] = st.sampled_from(AGENTS)
    if kind is events.RunStarted:
        known |= {
            "schema": st.just(2),
            "agents": st.just(["ann", "ben"]),
            "hears": st.just({"ann": ["ben"], "ben": ["ann"]}),
        }
    if kind in {events.Noted, events.Wire}:
        known["data" if kind is events.Noted else "event"] = st.just({})
    tag = str(kind.__struct_config__.tag)
    return st.fixed_dictionaries(known).map(lambda line: {"type": tag, **line})


LINES = st.one_of([strategy_of(kind) for kind in get_args(KnownEvent)])


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=25))
def test_any_log_has_a_page(lines: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = RunFolder(Path(made))
        folder.events.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        page = report_html(folder)
    assert page.startswith("<!doctype html>")
    assert "<b>" not in page
