"""What a transport adds to a response gap on this machine, once it has been measured.

A measurement holds for one machine and for one set of the libraries that carry the calls, so all of
that is its key. It is kept in the user's cache; where there is none, a run says the constant that
the transport's class states.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError
from typing import Final

import msgspec
from msgspec import Struct

from soundstage.cache import default_folder, machine, open_cache
from soundstage.installed import version_of
from soundstage.json_text import NotJson, read_json_as

_KIND: Final = "bots"
_CARRIERS: Final = ("soundstage", "websockets", "aiortc", "av", "uvloop")
"""Packages that a call goes through."""

STATED: Final = "stated"


class MeasuredDelay(Struct, frozen=True, kw_only=True):
    """One measurement, against an echo bot of ours on loopback.

    Attributes:
        delay_ms: the median gap of its answers, less the time that it waits; in milliseconds.
        on: the day, as `2026-11-28`, in UTC.
        answers: how many there were.
    """

    delay_ms: int
    on: str
    answers: int

    @property
    def source(self) -> str:
        """How the delay is known, in words."""
        return f"measured {self.on}"


def keep_delay(transport: str, measured: MeasuredDelay) -> None:
    """Keep what was measured of a transport, for the runs of this user on this machine."""
    open_cache(default_folder()).put(_KIND, _key(transport), msgspec.json.encode(measured))


def read_delay(transport: str) -> MeasuredDelay | None:
    """What was measured of it on this machine, with these versions; None where nothing was."""
    value = open_cache(default_folder()).get(_KIND, _key(transport))
    if value is None:
        return None
    try:
        return read_json_as(value, MeasuredDelay)
    except NotJson:
        return None


def delay_facts(transport: str, stated: float) -> dict[str, int | str]:
    """What the event `bot_call` says of it.

    Args:
        transport: its name; one in a file of the user is never measured.
        stated: seconds, of its class.
    """
    measured = None if ":" in transport else read_delay(transport)
    if measured is None:
        milliseconds, source = round(1000 * stated), STATED
    else:
        milliseconds, source = measured.delay_ms, measured.source
    return {"transport_delay_ms": milliseconds, "transport_delay_source": source}


def _key(transport: str) -> bytes:
    carriers = {name: _version(name) for name in _CARRIERS}
    where = [platform.node(), machine(), platform.python_version()]
    return json.dumps([transport, carriers, where]).encode()


def _version(package: str) -> str:
    try:
        return version_of(package)
    except PackageNotFoundError:
        return ""
