"""`result.json`: what ran, how it came out, and with which versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Struct, UnsetType

from soundstage.errors import RunFolderError
from soundstage.installed import version_of
from soundstage.json_text import NotJson, read_json_as
from soundstage.messages import Cause
from soundstage.messages.events import Noted, RunEnded
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from soundstage.results.history import History
    from soundstage.results.run_folder import RunFolder

_EXIT_INVALID: Final = 3


class Result(Struct, frozen=True, kw_only=True):
    """What ran, and how it ended.

    Attributes:
        scenario: the scenario's file stem.
        seed: what all random streams derived from.
        clock: `wall` or `virtual`.
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it.
        exit_code: what the command exits with.
        duration: of the run, in seconds of its own clock.
        wall: how many seconds it took; 0 where that is not known.
        speed: seconds of the run for each second that it took; 0 where that is not known.
        providers: agent to the provider that spoke for it.
        versions: of Soundstage, Python and the speech engines.
        deterministic: whether another run gives the same bytes: one on the virtual clock that asks
            no server outside, such as a server of tools or a chat model behind a URL, and measures
            nothing.
        chat_latency: agent to how long its chat model takes: `real` on the wall clock; on the
            virtual one `measured`, when the model gave the answer, `declared`, by `latency`, or
            `none`, for a persona whose table declares no latency.
        resolved: the scenario as it ran, with everything that was included, set and left to its
            default; secrets masked.
        varies: the path of each key whose value the seed decides, to what it may be, in words.
        drawn: the path of each key whose value was drawn before the run, to that value as it would
            be written in the scenario; secrets masked.
        cause: why it failed or is invalid; None for any other outcome, and for a run that was
            broken off.
        bot_calls: bot to what was measured of the call to it, as the event `bot_call` has it: its
            gap, and beside it what its transport adds; absent where no bot was called.
    """

    scenario: str
    seed: int
    clock: str
    outcome: str
    reason: str
    exit_code: int
    duration: float
    wall: float
    speed: float
    providers: dict[str, str]
    versions: dict[str, str]
    deterministic: bool = False
    chat_latency: dict[str, str] = {}
    resolved: dict[str, Any]
    varies: dict[str, str] = {}
    drawn: dict[str, Any] = {}
    cause: Cause | None = None
    bot_calls: dict[str, dict[str, Any]] | UnsetType = UNSET


class Facts(Struct, frozen=True, kw_only=True):
    """What the event log of a run cannot know.

    Attributes:
        wall: how many seconds the run took; 0 where that is not known.
        providers: agent to the provider that spoke for it.
        engines: speech engine to its version and the checksum of its weights.
        resolved: the scenario as it ran, secrets masked.
        deterministic: whether another run gives the same bytes.
        chat_latency: agent to how the time that its chat model takes is known.
        varies: what the seed decides, in words, by the path of its key.
        drawn: what it has decided before the run, by the same path.
    """

    wall: float = 0.0
    providers: Mapping[str, str] = {}
    engines: Mapping[str, str] = {}
    resolved: Mapping[str, Any] = {}
    deterministic: bool = False
    chat_latency: Mapping[str, str] = {}
    varies: Mapping[str, str] = {}
    drawn: Mapping[str, Any] = {}


def read_result(folder: RunFolder, history: History) -> Result:
    """The result of a run; if `result.json` was not written, as far as the event log tells it.

    Raises:
        RunFolderError: `result.json` is there and cannot be read.
    """
    try:
        return read_json_as(folder.result.read_bytes(), Result)
    except FileNotFoundError:
        return _result(history, Facts(), {})
    except (OSError, NotJson) as error:
        raise RunFolderError(f"{folder.result} cannot be read: {error}") from error


def result_of(history: History, facts: Facts) -> Result:
    """The result of a run that ran just now, by this version of Soundstage."""
    return _result(history, facts, {**_versions(), **facts.engines})


def _result(history: History, facts: Facts, versions: Mapping[str, str]) -> Result:
    """What a log tells of its run as a whole, with what it cannot know."""
    started = history.started
    ended = history.ended or RunEnded(
        pts=history.end, outcome="invalid", reason="broken off", exit_code=_EXIT_INVALID
    )
    duration = seconds_of(history.end)
    return Result(
        scenario=started.scenario,
        seed=started.seed,
        clock=started.clock,
        outcome=ended.outcome,
        reason=ended.reason,
        exit_code=ended.exit_code,
        duration=round(duration, 6),
        wall=round(facts.wall, 3),
        speed=round(duration / facts.wall, 2) if facts.wall else 0.0,
        providers=dict(facts.providers),
        versions=dict(versions),
        deterministic=facts.deterministic,
        chat_latency=dict(facts.chat_latency),
        resolved=dict(facts.resolved),
        varies=dict(facts.varies),
        drawn=dict(facts.drawn),
        cause=None if isinstance(ended.cause, UnsetType) else ended.cause,
        bot_calls=_bot_calls(history) or UNSET,
    )


def _bot_calls(history: History) -> dict[str, dict[str, Any]]:
    noted = (each for each in history.of(Noted) if each.name == "bot_call")
    return {each.agent: dict(each.data) for each in noted}


def _versions() -> dict[str, str]:
    """Of this program and what it runs on."""
    return {"soundstage": version_of("soundstage"), "python": platform.python_version()}
