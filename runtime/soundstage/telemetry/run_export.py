"""Sends a run to where the environment's `OTEL_…` variables say."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.errors import UsageError, error_text
from soundstage.results import History, read_expectations, read_result, turns_of
from soundstage.telemetry.call_trace import call_trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.results import Result, RunFolder

SWITCH: Final = "SOUNDSTAGE_OTEL"
"""The variable that has every run exported; the `OTEL_…` variables alone, which other programs may
need, do not."""

WORDS: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
"""The variable by which instrumentations of language models are told to export words."""

_YES: Final = frozenset({"1", "true", "yes", "on"})


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether runs are exported when they are over."""
    return _is_on(environment, SWITCH)


def check_export() -> None:
    """See that a run can be exported, before it is played.

    Raises:
        UsageError: the libraries are not installed, or the environment asks for what they cannot.
    """
    try:
        sender = import_module("soundstage.telemetry.otlp_sender")
    except ImportError as error:
        raise UsageError(
            f"{SWITCH} needs the extra otel: pip install 'soundstage[otel]' ({error})"
        ) from None
    sender.check_environment(os.environ)


def check_wanted_export() -> None:
    """The same, where runs are exported at all; see `check_export`."""
    if is_wanted():
        check_export()


def export_run(folder: RunFolder) -> str:
    """Export a run from its folder; returns why that failed, or an empty text.

    It takes as long as `OTEL_EXPORTER_OTLP_TIMEOUT` allows, 10 s where that is not set.

    Raises:
        RunFolderError: there is no run, or it cannot be read.
        UsageError: as `check_export`.
    """
    check_export()
    history = History.read(folder.log)
    result = read_result(folder, history)
    # The log was last written when the run was over, and says so after it was compressed or copied.
    began = folder.log.stat().st_mtime - result.wall
    trace = call_trace(
        history,
        result,
        read_expectations(folder).verdicts,
        name=_name(result, began),
        words=_is_on(os.environ, WORDS),
    )
    sender = import_module("soundstage.telemetry.otlp_sender")
    try:
        sender.send(trace, turns_of(history), began=began)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is as it is
        return error_text(error)
    return ""


def _name(result: Result, began: float) -> str:
    """What this run alone is called: its folder may be moved, and those of a batch are alike."""
    when = datetime.fromtimestamp(began, UTC)
    return f"{result.scenario}-{result.seed}-{when:%Y%m%dT%H%M%S.%fZ}"


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in _YES
