"""What installed packages bring, looked up once for the process: entry points, and versions."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoints, distribution, entry_points
from typing import Any, Final, cast

_VERSION: Final = "Version:"


@lru_cache(maxsize=32)
def installed(group: str) -> EntryPoints:
    """The entry points of a group; what is installed later counts in the next process."""
    return cast("EntryPoints", _all().select(group=group))


@lru_cache(maxsize=1)
def _all() -> Any:
    # Its type has another name before Python 3.12.
    return entry_points()


@lru_cache(maxsize=32)
def version_of(package: str) -> str:
    """The version of an installed package.

    `importlib.metadata.version` reads all that a package says of itself as an e-mail, for which it
    loads the parser of e-mails; the version is one line of it.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    found = distribution(package)
    for line in (found.read_text("METADATA") or "").splitlines():
        if not line:
            break  # what follows is its description, which may say anything
        if line.startswith(_VERSION):
            return line.removeprefix(_VERSION).strip()
    return found.version
