"""The page itself: one file that asks no network, with its style and script inside."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.report.bot_calls import bot_calls
from soundstage.report.headline import headline
from soundstage.report.page_template import PageTemplate
from soundstage.report.sound import Sound, recording_of, sounds_beside
from soundstage.report.story import POINTS, clipped, story
from soundstage.report.waveform import waveform
from soundstage.results import (
    ExpectationReport,
    History,
    RunFolder,
    display_name,
    measure,
    read_expectations,
    read_result,
    save_text,
    turns_of,
)
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from soundstage.messages import Verdict
    from soundstage.report.waveform import Waveform
    from soundstage.results import Measurements, Result, Spread

_ORDER: Final = ("failed", "unknown", "passed", "skipped")


class _Lane(Struct, frozen=True):
    name: str
    waveform: Waveform | None
    audible: str


class _Delay(Struct, frozen=True):
    agent: str
    label: str
    times: Spread


def write_report(
    folder: RunFolder, *, embed_audio: bool = False, history: History | None = None
) -> Path:
    """Write `report.html` of a run, from what its folder has; once more if it is there.

    Args:
        folder: of a run that is over, or was broken off.
        embed_audio: whether the sound is part of the page, so that it can be sent alone; without
            it, the page plays the recordings beside it.
        history: what the folder's log tells, where it has been read already.

    Returns:
        The file.

    Raises:
        RunFolderError: the folder cannot be read, or has no sound that could be embedded.
        RecordingFailed: the page cannot be written.
    """
    save_text(folder.report, report_html(folder, embed_audio=embed_audio, history=history))
    return folder.report


def report_html(
    folder: RunFolder, *, embed_audio: bool = False, history: History | None = None
) -> str:
    """The page of a run; arguments and errors as in `write_report`."""
    history = history or History.read(folder.log)
    result = read_result(folder, history)
    judged, unreadable = _judged(folder)
    turns = turns_of(history)
    measured = measure(history)
    agents = history.agents
    return _template.render(
        policy=_policy(embedded=embed_audio),
        style=_template.part("report.css"),
        script=_template.part("report.js"),
        title=history.started.title or result.scenario or "A run without a beginning",
        result=result,
        headline=headline(result, judged, unreadable),
        expected=_by_urgency(judged.verdicts),
        entries=story(history, turns, judged.verdicts),
        duration=seconds_of(history.end),
        lanes=[_lane(folder, history, agent) for agent in agents],
        sounds=_sounds(folder, result, agents, embed=embed_audio),
        delays=_delays(measured),
        measured=_measured(measured),
        bot_calls=bot_calls(history),
        resolved=json.dumps(result.resolved, indent=2, ensure_ascii=False),
    )


def _judged(folder: RunFolder) -> tuple[ExpectationReport, str]:
    """What became of the run's expectations, and why that cannot be read."""
    try:
        return read_expectations(folder), ""
    except RunFolderError as error:
        return ExpectationReport(), str(error)


def _by_urgency(expected: Iterable[Verdict]) -> list[Verdict]:
    """Failures first, those that are required before those that advise."""
    places = {status: place for place, status in enumerate(_ORDER)}
    return sorted(
        expected, key=lambda each: (places.get(each.status, len(places)), each.need == "advisory")
    )


def _lane(folder: RunFolder, history: History, agent: str) -> _Lane:
    audible = " ".join(
        f"{seconds_of(start):.2f},{seconds_of(end):.2f}"
        for start, end in history.audible(agent, "said")
    )
    path = recording_of(folder, agent)
    drawn = None if path is None else waveform(path, history.end)
    return _Lane(display_name(agent), drawn, audible)


def _sounds(
    folder: RunFolder, result: Result, agents: Sequence[str], *, embed: bool
) -> Sequence[Sound]:
    record = result.resolved.get("record")
    heard = isinstance(record, dict) and record.get("mix") == "heard"
    mixed = f"What {' and '.join(map(display_name, agents[:2]))} heard" if heard else "All agents"
    if embed:
        # Only a page that holds its sound pays for loading the codecs.
        from soundstage.report.embedded_sound import embedded_sound  # noqa: PLC0415

        return (embedded_sound(folder, agents, mixed),)
    return sounds_beside(folder, agents, mixed)


def _delays(measured: Measurements) -> list[_Delay]:
    """Each agent's pieces of the response gaps, as rows of a table."""
    return [
        _Delay(display_name(agent), " + ".join(POINTS[part] for part in name.split("+")), times)
        for agent, metrics in measured.agents.items()
        for name, times in metrics.spans.items()
    ]


def _measured(measured: Measurements) -> list[tuple[str, list[str]]]:
    """A few metrics of each agent, as rows of a table."""
    return [
        (
            display_name(agent),
            [
                str(metrics.turns),
                str(metrics.words),
                "" if math.isnan(metrics.talk_share) else f"{metrics.talk_share:.0%}",
                _seconds(metrics.response_gap.median),
                _seconds(metrics.response_gap.p95),
                str(metrics.interruptions_suffered),
                str(metrics.unanswered),
            ],
        )
        for agent, metrics in measured.agents.items()
    ]


def _seconds(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f} s"


def _signed(seconds: float) -> str:
    return f"{seconds:.2f}".replace("-", "\N{MINUS SIGN}")


def _clock(seconds: float) -> str:
    minutes, tenths = divmod(round(seconds * 10), 600)
    return f"{minutes}:{tenths / 10:04.1f}"


_template: Final = PageTemplate(
    files("soundstage.report").joinpath("page"),
    "report.html",
    {"clipped": clipped, "clock": _clock, "seconds": _seconds, "signed": _signed},
)


def _policy(*, embedded: bool) -> str:
    """What the page may load: its own style and script, by their digests, and its sound."""
    media = "data:" if embedded else "'self' file:"
    style, script = _template.digest("report.css"), _template.digest("report.js")
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; media-src {media}; "
        "base-uri 'none'; form-action 'none'"
    )
