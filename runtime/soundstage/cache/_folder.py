"""Where the cache is by default."""

from __future__ import annotations

import os
from pathlib import Path


def default_folder() -> Path | None:
    """`soundstage` in the user's folder for caches, by the XDG base directory specification.

    Returns:
        None where there is no such folder, because the user has no home.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():  # the specification: a relative path is to be ignored
        return given / "soundstage"
    try:
        return Path.home() / ".cache" / "soundstage"
    except RuntimeError:
        return None
