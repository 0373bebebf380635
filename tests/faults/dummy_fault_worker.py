"""A process that plays the cases of the campaign, one after the other, as it is told on stdin.

For what hangs or never stops, deadlines are shorter here than the product's own, so that it is
broken off within seconds. They are patched in this process, once it has loaded what a run needs: on
a slow machine the loading alone takes longer than they allow.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dummy_fault_engines
import psutil
from dummy_chat_server import DummyChatServer, delta, words
from dummy_collector import DummyCollector
from dummy_fault_code import written
from dummy_fault_table import Case

from soundstage import run_scenario
from soundstage.bots import socket_call
from soundstage.bots.livekit_console import console_call
from soundstage.errors import SoundstageError
from soundstage.kernel import Stopwatch, executor, threaded_kernel, turn_watch
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage import Run

STUCK = 2.5
"""Seconds until a turn counts as stuck, where something is to be."""

JOB = 4.0
"""The same for a job between two turns."""

ENDLESS = ("hang", "flood")
"""The faults that only a deadline ends."""

OWN_WITHIN = dict(executor.WITHIN)
OWN_STUCK = threaded_kernel.STUCK
OWN_PATIENCE: dict[tuple[Any, str], Any] = {
    (socket_call, "PING_EVERY"): socket_call.PING_EVERY,
    (socket_call, "UNANSWERED"): socket_call.UNANSWERED,
    (console_call, "PING_EVERY"): console_call.PING_EVERY,
}
"""With a bot that does not answer: a fifth of it is as good."""


def set_deadlines(*, short: bool) -> None:
    stuck = STUCK if short else turn_watch.STUCK
    turn_watch.TurnWatch.__init__.__defaults__ = (turn_watch.SLOW, stuck)
    within = {kind: samples_of_seconds(JOB) for kind in OWN_WITHIN} if short else OWN_WITHIN
    executor.WITHIN.update(within)
    threaded_kernel.STUCK = STUCK if short else OWN_STUCK  # type: ignore[misc]
    for (module, name), own in OWN_PATIENCE.items():
        setattr(module, name, type(own)(own * 0.2) if short else own)


def load_what_a_run_needs(folder: Path) -> None:
    """Play a conversation in which nothing breaks, without what others have cached of it."""
    dummy_fault_engines.FAULT = ""
    folder.mkdir()
    file = written(Case("agent", "none", "virtual", 1), folder, "http://127.0.0.1:9")
    run_scenario(file, out=folder / "run", cache=False, check=False)


def answers(surface: str, fault: str) -> list[Any]:
    """What a chat server answers: the bot's model, or the judge of the run."""
    if surface not in {"model", "judge"}:
        return [words("Here I am.")]
    match fault:
        case "raise":
            return [(500, {"error": {"message": "planted"}})]
        case "flood":
            return [[delta("On and on. " * 1000) for _ in range(200)]]
        case "garbage":
            return [b"data: {broken\n\n"]
        case "die":
            return [[*words("I am here, and I ")[:-1], delta("am")]]
        case _ if surface == "judge":
            return [words('{"reason": "It did.", "turn": 2, "holds": true}')]
        case _:
            return [words("Here I am.")]


def play(case: Case, folder: Path) -> Run:
    """Play one case; the folder gets its scenario, its code, and the run."""
    dummy_fault_engines.FAULT = case.fault if case.surface == "engine" else ""
    chat = DummyChatServer(*answers(case.surface, case.fault))
    if case.surface in {"model", "judge"} and case.fault in {"hang", "slow"}:
        chat.holds_after, chat.holds = 1, 10.0 if case.fault == "hang" else 0.3
    if case.surface in {"model", "judge"} and case.fault == "die":
        chat.dies = True
    with chat.serving() as server, collector_at_fault(case):
        file = written(case, folder, server.url)
        harm = HARM.get((case.surface, case.fault))
        if harm is not None:
            harm(case, folder)
        try:
            return run_scenario(
                file,
                seed=case.seed,
                clock=case.clock,
                out=folder / "run",
                cache=True if case.clock == "wall" else CACHES.get(case.surface, True),
                check=False,
            )
        finally:
            unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))


@contextmanager
def collector_at_fault(case: Case) -> Iterator[None]:
    """A collector of OpenTelemetry that breaks, while the run is sent to it."""
    if case.surface != "collector":
        yield
        return
    with DummyCollector(case.fault).serving() as address:
        variables = {
            "SOUNDSTAGE_OTEL": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        }
        os.environ.update(variables)
        try:
            yield
        finally:
            for name in variables:
                del os.environ[name]


def fill_disk(case: Case, folder: Path) -> None:
    """No file may become larger than this: the next write fails, as on a full disk."""
    most = 20_000 * case.seed
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def damage_cache(case: Case, folder: Path) -> None:
    """Change a byte of each entry that an earlier run has left; a live run has no cache."""
    if case.clock == "wall":
        return
    run_scenario(folder / "case.toml", seed=case.seed, out=folder / "before", cache="cache")
    for entry in (folder / "cache").rglob("*"):
        if entry.is_file():
            content = bytearray(entry.read_bytes())
            content[case.seed * 7 % len(content)] ^= 0xFF
            entry.write_bytes(content)


HARM: dict[tuple[str, str], Any] = {
    ("disk", "raise"): fill_disk,
    ("disk", "garbage"): damage_cache,
}

CACHES: dict[str, str | bool] = {"engine": False, "judge": False, "disk": "cache"}
"""The caches of runs that must not find what others left."""


def told(case: Case, folder: Path) -> dict[str, Any]:
    process = psutil.Process()
    threads = set(threading.enumerate())
    descriptors, connections = process.num_fds(), len(process.net_connections())
    watch = Stopwatch()
    try:
        run = play(case, folder)
    except KeyboardInterrupt:
        return {"outcome": "interrupted", "owner": ""}
    except SoundstageError as error:
        return {"outcome": type(error).__name__, "owner": "", "reason": str(error)}
    took = watch.seconds
    new = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in new:
        if not (thread.daemon and case.fault == "hang"):
            thread.join(20)
    # What hangs for ever holds its thread for ever; as a daemon it holds no process.
    stays = case.fault == "hang"
    left = [each.name for each in new if each.is_alive() and not (each.daemon and stays)]
    return {
        "outcome": run.outcome,
        "owner": "" if run.cause is None else str(run.cause.owner),
        "reason": run.reason,
        "exit_code": run.exit_code,
        "took": took,
        "threads": left,
        "descriptors": process.num_fds() - descriptors,
        "connections": len(process.net_connections()) - connections,
        "children": [child.name() for child in process.children(recursive=True)],
    }


def main() -> None:
    is_loaded = False
    for line in sys.stdin:
        given = json.loads(line)
        case, folder = Case(*given["case"]), Path(given["folder"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        os.chdir(folder)
        if case.fault in ENDLESS and not is_loaded:
            set_deadlines(short=False)
            load_what_a_run_needs(folder.with_name(f"{folder.name}-before"))
            is_loaded = True
        set_deadlines(short=case.fault in ENDLESS)
        answer = told(case, folder)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
