"""A conversation of six turns with an interruption and a tool, over any transport.

The bot's model is an endpoint of this process; what the bot says is judged as a caller hears it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage import LocalEndpoint, run_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage import Run

CITIES = "We know about every city. " * 6

BEHAVIOUR = f"""
[defaults.realtime.local]
rules = [
  {{ heard = "weather in {{city}}", call = [
    {{ tool = "get_weather", args = {{ location = "{{city}}" }} }},
  ] }},
  {{ tool = "get_weather", say = "Today the weather is {{sky}}." }},
  {{ heard = "something long", say = "This is a long answer. {CITIES} The end has come." }},
  {{ heard = "opening hours", say = "We are open from nine to five." }},
  {{ heard = "parking", say = "There is parking behind the house." }},
  {{ heard = "goodbye", say = "Thank you for your call." }},
]
otherwise = "Good morning, how can i help you?"
"""

SCENARIO = """
[servers.desk]
command = [{command}]
env = {{ OPENAI_BASE_URL = "{endpoint}", TWILIO_ACCOUNT_SID = "AC0", TWILIO_AUTH_TOKEN = "x" }}
ready = {{ {ready} }}
timeout = "3m"

[agents.desk]
kind = "bot"
server = "desk"
transport = "{transport}"
{url}

[agents.caller]
kind = "scripted"
voice = "coral"
lines = [{lines}]
wait = "1200ms"

[[links]]
between = ["caller", "desk"]

[end]
silence = "8s"
max = "4m"
"""

LONG = """
[[cues]]
after = { agent = "caller", event = "turn", nth = 3, delay = "6s" }
agent = "caller"
say = "What are your opening hours?"
overlap = true

[[expect]]
id = "is-cut"
agent = "desk"
never_said = "the end has come"

[[expect]]
id = "hours"
agent = "desk"
said = "nine to five"

[[expect]]
id = "parking"
agent = "desk"
said = "behind the house"

[[expect]]
id = "goodbye"
agent = "desk"
said = "thank you for your call"
"""

SHORT = """
[[expect]]
id = "greets"
agent = "desk"
said = "good morning"

[[expect]]
id = "asks-its-tool"
agent = "desk"
said = "weather is sunny"
after = { agent = "caller", said = "Dublin" }
"""

LINES = (
    "Hello, who is there?",
    "What is the weather in Dublin?",
    "Please say something long.",
    "Do you have parking?",
    "Thank you, and goodbye.",
)


def hold(
    folder: Path,
    command: list[str],
    transport: str,
    *,
    lines: int = len(LINES),
    url: str = "ws://127.0.0.1:{port}/",
    ready: str = 'log = "ready"',
) -> tuple[Run, str]:
    """Hold the conversation, or its first lines; returns the run, and what the bot has written."""
    dials_in = transport == "livekit-console"
    with LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        toml = SCENARIO.format(
            command=", ".join(f'"{word}"' for word in command),
            endpoint=endpoint.base_url,
            ready="dials_in = true" if dials_in else ready,
            transport=transport,
            url="" if dials_in else f'url = "{url}"',
            lines=", ".join(f'"{line}"' for line in LINES[:lines]),
        )
        toml += SHORT + (LONG if lines == len(LINES) else "")
        run = run_scenario(toml=toml, clock="wall", out=folder / "run", check=False)
    return run, (run.folder / "servers" / "desk.log").read_text(errors="replace")
