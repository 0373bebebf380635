"""A call to one of the bots in `programs`, over any transport, and what its log says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from soundstage import run_scenario

if TYPE_CHECKING:
    from soundstage import Run

HERE: Final = Path(__file__).parent

SOCKET: Final = 'url = "ws://127.0.0.1:{port}/"'

BOTS: Final = {
    "websocket": ("websocket_bot", SOCKET),
    "twilio": ("twilio_bot", SOCKET),
    "pipecat-websocket": ("pipecat_bot", 'url = "ws://127.0.0.1:{port}/ws-client"'),
    "pipecat-webrtc": ("pipecat_webrtc_bot", 'url = "http://127.0.0.1:{port}/api/offer"'),
    "livekit-console": ("console_bot", ""),
}
"""Transport to a program of ours, and to the line that says where it takes calls."""

SCENARIO: Final = f"""
[servers.desk]
command = ["{{python}}", "{HERE}/programs/PROGRAM.py", "{{port}}"]
ready = READY

[agents.desk]
kind = "bot"
server = "desk"
transport = "TRANSPORT"
URL

[agents.caller]
kind = "{HERE}/dummy_tone_caller.py:ToneCaller"

[[links]]
between = ["caller", "desk"]

[end]
when = [{{ agent = "caller", event = "left" }}]
max = "60s"

[record]
words = false
"""


def scenario(transport: str) -> str:
    """The scenario of a call: one tone, and the bot's answer."""
    program, url = BOTS[transport]
    ready = '{ log = "ready" }' if url else "{ dials_in = true }"
    toml = SCENARIO.replace("PROGRAM", program).replace("URL", url)
    return toml.replace("READY", ready).replace("TRANSPORT", transport)


def play(
    folder: Path,
    transport: str,
    *then: object,
    check: bool = False,
    more: str = "",
    **changed: object,
) -> Run:
    """Hold the call.

    Args:
        folder: for the run.
        transport: of the call.
        then: options of the bot's program.
        check: as of `run_scenario`.
        more: further tables of the scenario.
        changed: keys of the scenario with their values.
    """
    program, _ = BOTS[transport]
    command = ["{python}", f"{HERE}/programs/{program}.py", "{port}", *map(str, then)]
    return run_scenario(
        toml=scenario(transport) + more,
        clock="wall",
        out=folder / "run",
        check=check,
        set={"servers.desk.command": command, **changed},
    )


def logged(run: Run, kind: str) -> list[dict[str, Any]]:
    """The events of a type."""
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    return [event for line in lines if (event := json.loads(line))["type"] == kind]


def noted(run: Run, name: str) -> list[dict[str, Any]]:
    """The data of the events `noted` of a name."""
    return [event["data"] for event in logged(run, "noted") if event["name"] == name]


def told_of_call(run: Run) -> dict[str, Any]:
    """What the log says of the one call."""
    (told,) = noted(run, "bot_call")
    return told
