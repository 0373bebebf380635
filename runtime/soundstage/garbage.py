"""When Python does not look for cyclic garbage: while a command loads.

What a command loads lives as long as the process. Each search for garbage meanwhile looks through
all of it and finds nothing, and so does the last search, at the end of the process. What a command
makes later is searched at its end as ever: objects of extensions must go before their extension.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def loading() -> Generator[None]:
    """Look for no garbage while the block loads modules, nor later through what exists at its end.

    A block that finds all its modules loaded changes nothing; a search that was switched off
    before stays so.
    """
    was_on, modules = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > modules:
            gc.freeze()
        if was_on:
            gc.enable()
