"""Measuring what the transports to bots add to a gap: a call each to an echo bot of ours."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundstage.bots import (
    MeasuredDelay,
    delay_facts,
    keep_delay,
    load_transport,
    transport_names,
)
from soundstage.bots.echo import ECHOES, WAIT
from soundstage.errors import InfrastructureError, UsageError
from soundstage.messages.events import Noted, Warned
from soundstage.results import History
from soundstage.run import run_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.results import Run

_URLS: Final = {
    "livekit-console": "",
    "pipecat-webrtc": 'url = "http://127.0.0.1:{port}/api/offer"',
}
"""Of the transports whose echo bot takes no WebSocket."""

_SOCKET_URL: Final = 'url = "ws://127.0.0.1:{port}/"'

_SCENARIO: Final = """
[scenario]
name = "What {transport} adds to a gap"

[servers.echo]
command = ["{{python}}", "-m", "soundstage.bots.echo", "{transport}", "{{port}}"]
ready = {{ {ready} = true }}

[agents.echo]
kind = "bot"
server = "echo"
transport = "{transport}"
{url}

[agents.probe]
kind = "soundstage.bots.echo.probe_caller:ProbeCaller"
tones = {tones}

[[links]]
between = ["probe", "echo"]

[end]
when = [{{ agent = "probe", event = "left" }}]
max = "{most}s"

[record]
mix = false
tracks = []
words = false
"""


def listed() -> str:
    """The transports with their delays, a line each."""
    rows = []
    for name in transport_names():
        facts = delay_facts(name, load_transport(name).delay)
        rows.append(_line(name, facts["transport_delay_ms"], facts["transport_delay_source"]))
    return "".join(rows)


def measured(transports: Sequence[str], answers: int) -> Iterator[str]:
    """Measure these transports, or all, one after another; a line for each when it is done.

    Raises:
        UsageError: one of them has no echo bot.
        InfrastructureError: a call came to nothing, or the machine was too busy to measure.
    """
    for name in transports:
        if name not in ECHOES:
            raise UsageError(
                f'"{name}" has no echo bot; there are {", ".join(ECHOES)}. The delay of a '
                "transport of your own is what its class states"
            )
    for name in transports or ECHOES:
        found = _measure(name, answers)
        keep_delay(name, found)
        stated = round(1000 * load_transport(name).delay)
        yield _line(name, found.delay_ms, f"{found.source} (stated: {stated} ms)")


def _measure(transport: str, answers: int) -> MeasuredDelay:
    """Call the echo bot of a transport.

    Raises:
        InfrastructureError: as above.
    """
    dials_in = transport == "livekit-console"
    toml = _SCENARIO.format(
        transport=transport,
        url=_URLS.get(transport, _SOCKET_URL),
        ready="dials_in" if dials_in else "port",
        tones=answers,
        most=answers + 30,
    )
    with tempfile.TemporaryDirectory(prefix="soundstage-bots-") as folder:
        run = run_scenario(toml=toml, clock="wall", out=Path(folder) / "run", check=False)
        return _read(transport, run, answers)


def _read(transport: str, run: Run, answers: int) -> MeasuredDelay:
    history = History.read(run.folder / "events.jsonl")
    if run.outcome != "ended":
        raise InfrastructureError(f"{transport} could not be measured: {_why(run)}")
    late = [warned.message for warned in history.of(Warned) if warned.code == "bot"]
    if late:
        raise InfrastructureError(
            f"{transport} could not be measured: {late[0]}. Measure again when less runs beside it"
        )
    (call,) = [noted.data for noted in history.of(Noted) if noted.name == "bot_call"]
    # The last answer may still be going on when the caller leaves.
    if call["answers"] < answers - 1:
        raise InfrastructureError(
            f"{transport} could not be measured: {call['answers']} of {answers} answers were heard"
        )
    day = datetime.fromtimestamp((run.folder / "events.jsonl").stat().st_mtime, UTC)
    delay = call["answer_gap_ms"] - round(1000 * WAIT)
    return MeasuredDelay(delay_ms=delay, on=f"{day:%Y-%m-%d}", answers=call["answers"])


def _why(run: Run) -> str:
    return run.reason if run.cause is None else run.cause.message


def _line(name: str, delay_ms: object, source: object) -> str:
    return f"{name:<20}{delay_ms:>5} ms  {source}\n"
