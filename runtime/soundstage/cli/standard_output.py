"""What the commands print: for every terminal, for the event log alone, and why they fail."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import typer

from soundstage.errors import InfrastructureError, UsageError
from soundstage.printable_text import printable

if TYPE_CHECKING:
    from collections.abc import Generator

USAGE: Final = 2
INVALID: Final = 3

_STDOUT: Final = 1
_STDERR: Final = 2


def show_what_cannot_be_shown() -> None:
    """Let a terminal that is not UTF-8 show the number of a character that it lacks, as Python."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def fail(message: str, code: int) -> NoReturn:
    """Say on the standard error why a command fails, and exit."""
    sys.stderr.write(printable(message + "\n"))
    raise typer.Exit(code)


@contextmanager
def told_as(command: str) -> Generator[None]:
    """Say in the name of a command what went wrong in the block, and exit as it deserves."""
    try:
        yield
    except UsageError as error:
        fail(f"{command}: {error}", USAGE)
    except InfrastructureError as error:
        fail(f"{command}: {error}", INVALID)


@contextmanager
def kept_for_the_log() -> Generator[TextIO]:
    """The standard output, which nothing else can write to while this is entered.

    What code of the user prints, and the programs and workers that it starts, goes to the standard
    error: a line between those of the log would break every program that reads it.
    """
    kept = _copy_of_stdout()
    if kept is None:
        # A test has put something else in its place, which has no number.
        out = sys.stdout
        with redirect_stdout(sys.stderr):
            yield out
        return
    sys.stdout.flush()
    # Of UTF-8, as JSON is, whatever the terminal is.
    with os.fdopen(kept, "w", encoding="utf-8", errors="backslashreplace") as out:
        os.dup2(_STDERR, _STDOUT)
        try:
            with redirect_stdout(sys.stderr):
                yield out
        finally:
            with suppress(BrokenPipeError):
                out.flush()
            os.dup2(out.fileno(), _STDOUT)


def _copy_of_stdout() -> int | None:
    try:
        return os.dup(_STDOUT) if sys.stdout.fileno() == _STDOUT else None
    except (OSError, ValueError, AttributeError):
        return None
