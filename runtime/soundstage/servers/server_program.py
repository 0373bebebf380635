"""What a program of `[servers]` is: its command, and how it is known to be ready."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from soundstage.secrets import Secret

PORT_PLACE: Final = "{port}"
PYTHON_PLACE: Final = "{python}"
"""What stands in a command for the interpreter that Soundstage runs on."""


class Readiness(Struct, frozen=True, kw_only=True):
    """How a program is known to be ready: one of these, or else that it takes connections.

    Attributes:
        url: answers with a status of 200 to 399; `{port}` not yet replaced.
        log: a regular expression that is found in what the program has written.
        dials_in: it connects to its port, on which it is listened for before it starts.
    """

    url: str = ""
    log: str = ""
    dials_in: bool = False


class ServerProgram(Struct, frozen=True, kw_only=True):
    """A program that is started for runs.

    Attributes:
        name: its name.
        command: the program and its arguments, without a shell; `{port}` not yet replaced.
        folder: where it is started.
        env: variables beside those of this process; `{port}` not yet replaced.
        port: the port that it is to listen on; 0 for any that is free.
        ready: how it is known to be ready.
        timeout: seconds that it has to become ready.
        stop: seconds that it has to end when it is asked to, before it is killed.
        reuse: whether one that answers on the port already is taken in its place.
        is_of_batch: whether all runs of a batch share one.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    env: dict[str, Secret] = {}
    port: int = 0
    ready: Readiness = Readiness()
    timeout: float = 60.0
    stop: float = 10.0
    reuse: bool = False
    is_of_batch: bool = False


def filled(text: str, port: int) -> str:
    """A text of the user with the port in its place."""
    return text.replace(PORT_PLACE, str(port))
