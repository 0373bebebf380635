"""A folder of a run that was made to break a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dummy_run import at, spoken, started, turn, voice

from soundstage.messages.events import (
    CueGiven,
    Dropped,
    Event,
    Fault,
    HangUp,
    Interrupted,
    Reconnected,
    RunEnded,
    ToolCalled,
    ToolReturned,
    Warned,
)
from soundstage.results import Archive, RunFolder
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '" autofocus onfocus="alert(3)',
    "' onmouseover='alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><style>*{display:none}</style>",
    "javascript:alert(5)",
    "&lt;b&gt; \N{RIGHT-TO-LEFT OVERRIDE}tac\0 \udce9",
)


def record(folder: Path, log: list[Event], agents: tuple[str, ...], *, tone: int = 0) -> RunFolder:
    """Write a log and, for each agent, a recording of half a second."""
    made = RunFolder.at(folder)
    archive = Archive.open(made, agents)
    for event in log:
        archive.event(event)
    for frame in range(25):
        pcm = int(tone).to_bytes(2, "little", signed=True) * FRAME_SAMPLES
        archive.frame(frame * FRAME_SAMPLES, dict.fromkeys(agents, pcm), {})
    archive.close(12 * 24_000)
    return made


def hostile_log(text: str) -> list[Event]:
    """Every text of a log that a page shows is this one."""
    who = {"agent": text}
    return [
        started(agents=(text, "bob"), hears={text: ("bob",), "bob": (text,)}, title=text),
        *spoken(text, "bob", 1, 3),
        turn(1, text, 1, 3, text, generated=text + text, cut_by=text, estimated=True),
        Interrupted(pts=at(2), by=text, response="resp_1", **who),
        ToolCalled(pts=at(3), call="call_1", tool=text, arguments=text, **who),
        ToolReturned(pts=at(4), call="call_1", tool=text, output=text, latency=1, **who),
        *spoken("bob", text, 5, 6),
        turn(2, "bob", 5, 6, text),
        Fault(pts=at(7), error=text, traceback=text, action=text, **who),
        Warned(pts=at(7), code=text, message=text, **who),
        CueGiven(pts=at(8), cue=0, act=text, id=text, **who),
        Dropped(pts=at(8), error=text, **who),
        Reconnected(pts=at(9), gap=at(0.5), attempts=2, **who),
        HangUp(pts=at(9), by=text),
        RunEnded(pts=at(12), outcome="failed", reason=text, exit_code=1),
    ]


def hostile_run(folder: Path, text: str) -> RunFolder:
    """A run of which every text is hostile, its expectations and its scenario included."""
    made = record(folder, hostile_log(text), ("bob",))
    one = dict.fromkeys(("id", "expected", "sentence", "agent", "why"), text)
    rows = [
        {**one, "status": status, "pts": at(1), "need": "required"}
        for status in ("passed", "failed", "skipped", "unknown", "deferred")
    ]
    expect(made, *rows)
    cause = {"owner": "agent", "reason": text, "message": text, "place": text}
    result = {
        "scenario": text,
        "seed": 1,
        "clock": text,
        "outcome": "failed",
        "reason": text,
        "exit_code": 1,
        "duration": 12.0,
        "wall": 1.0,
        "speed": 1.0,
        "cause": cause,
        "providers": {text: text},
        "versions": {text: text},
        "resolved": {text: [text]},
    }
    made.result.write_text(readable(result))
    return made


def expect(made: RunFolder, *rows: dict[str, object]) -> None:
    """Write what became of the expectations of a run."""
    known = {"need": "required", "expected": "", "sentence": ""}
    verdicts = [{**known, **row} for row in rows]
    made.expectations.write_text(readable({"version": 1, "verdicts": verdicts}))


def readable(value: object) -> str:
    """JSON without half a surrogate pair, with which no JSON file can be read."""
    return json.dumps(value).replace("\\udce9", "?")


NAMES = ("ann", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")


def long_run(folder: Path) -> RunFolder:
    """Ten minutes in which eight agents speak in turn."""
    hears = {name: tuple(other for other in NAMES if other != name) for name in NAMES}
    log: list[Event] = [started(agents=NAMES, hears=hears, title="A long talk")]
    for number in range(190):
        name, start = NAMES[number % len(NAMES)], 1 + number * 3.1
        log += voice(name, "said", start, start + 2.5)
        log += [each for other in hears[name] for each in voice(other, "heard", start, start + 2.5)]
        log.append(turn(number + 1, name, start, start + 2.5, "So it goes on and on." * 3))
    log.append(RunEnded(pts=at(600), outcome="ended", reason="turns", exit_code=0))
    made = RunFolder.at(folder)
    archive = Archive.open(made, NAMES, ("said",))
    for event in log:
        archive.event(event)
    loud = (b"\x00\x20" + b"\x00\xe0") * (FRAME_SAMPLES // 2)
    for frame in range(600 * 50):
        now = frame / 50 - 1
        speaks = now >= 0 and now % 3.1 < 2.5
        said = {NAMES[int(now // 3.1) % len(NAMES)]: loud} if speaks else {}
        archive.frame(frame * FRAME_SAMPLES, said, {})
    archive.close(at(600))
    return made
