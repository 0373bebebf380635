"""The pages of the API reference: which names stand on which page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PAGES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "agents": (
        "Agents and their messages",
        "What an agent is made of. The guide is [Writing an agent](../docs/agents.md).",
        (
            "soundstage.Agent",
            "soundstage.AsyncAgent",
            "soundstage.Line",
            "soundstage.handles",
            "soundstage.JobKind",
            "soundstage.Begin",
            "soundstage.Frame",
            "soundstage.SpeechStarted",
            "soundstage.KeyHeard",
            "soundstage.SpeechStopped",
            "soundstage.Heard",
            "soundstage.TakeFloor",
            "soundstage.Say",
            "soundstage.Duration",
            "soundstage.testing.bare",
            "soundstage.testing.Collector",
        ),
    ),
    "tools": (
        "Tools",
        "The guide is [Tools](../docs/tools.md).",
        ("soundstage.tool", "soundstage.ToolError"),
    ),
    "rooms": (
        "Effects and floors",
        "Bases for your own. The guide is [Scenario files](../docs/scenarios.md).",
        (
            "soundstage.Effect",
            "soundstage.EffectSettings",
            "soundstage.FloorPolicy",
            "soundstage.FloorTurn",
        ),
    ),
    "runs": (
        "Runs and tests",
        "Run a scenario from Python. The guide is [Testing agents](../docs/testing.md).",
        (
            "soundstage.run_scenario",
            "soundstage.Run",
            "soundstage.RunFailed",
            "soundstage.testing.bare",
            "soundstage.testing.Collector",
        ),
    ),
    "client": (
        "The client and the local endpoint",
        "The guides: [the client](../docs/client.md), [the endpoint](../docs/endpoint.md).",
        ("soundstage.RealtimeClient", "soundstage.LiveClient", "soundstage.LocalEndpoint"),
    ),
    "speech": (
        "Speech engines",
        "What a synthesizer, a recognizer or a voice activity engine of your own implements.",
        (
            "soundstage.speech.Synthesizer",
            "soundstage.speech.Recognizer",
            "soundstage.speech.VoiceActivityEngine",
            "soundstage.speech.VoiceActivity",
            "soundstage.speech.SpeechPart",
            "soundstage.speech.WordTiming",
            "soundstage.speech.Recognition",
        ),
    ),
    "errors": ("Errors", "Every error that the package raises.", ("soundstage.errors",)),
    "events": (
        "Events of a run",
        "What stands in `events.jsonl`. `soundstage schema events` prints the JSON Schema.",
        ("soundstage.messages.events",),
    ),
    "server-events": (
        "Events of the Realtime protocol",
        "What iterating over a `RealtimeClient` gives, and what it can send.",
        ("soundstage.client.server_events", "soundstage.client.client_events"),
    ),
    "live-events": (
        "Events of the Live protocol",
        "What iterating over a `LiveClient` gives, and what it can send.",
        ("soundstage.live.server_events", "soundstage.live.client_events"),
    ),
}
"""File name to title, introduction and names. A test holds it to `soundstage.__all__`."""


def write_reference(folder: Path) -> None:
    """Write the pages, each name as a directive that mkdocstrings expands."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"- [{title}]({name}.md)" for name, (title, _, _) in PAGES.items()]
    introduction = "Made from the docstrings of the code.\n\n"
    (folder / "index.md").write_text(
        f"# API reference\n\n{introduction}" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    for name, (title, text, names) in PAGES.items():
        body = "\n\n".join(f"::: {each}" for each in names)
        (folder / f"{name}.md").write_text(f"# {title}\n\n{text}\n\n{body}\n", encoding="utf-8")
