"""The web page of a run: visitors take part in it, or watch, from a browser.

FastAPI and aiortc are heavy, so what needs them is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.web.ice_settings import ServerUrl, ice_servers
from soundstage.web.seats import VisitorAway, VisitorLeft, VisitorSeated, Voice

if TYPE_CHECKING:
    from soundstage.web.page_server import PageServer
    from soundstage.web.window import Window

__all__ = [
    "PageServer",
    "ServerUrl",
    "VisitorAway",
    "VisitorLeft",
    "VisitorSeated",
    "Voice",
    "Window",
    "ice_servers",
]

_LAZY: Final = {"PageServer": "page_server", "Window": "window"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
