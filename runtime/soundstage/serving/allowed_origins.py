"""Which names, and which pages, may reach a server of this machine.

A page that is open in a browser of this machine reaches its loopback address, whichever site the
page comes from. Two headers tell: `Origin` names the site of the page, and `Host` the name that
the page used, which a site can let point here after it was loaded (DNS rebinding).
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from soundstage.serving.listener import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

ANY: Final = "*"

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class AllowedOrigins:
    """Judges the `Host` and the `Origin` of a request.

    Args:
        hosts: names by which this machine may be called, beside its loopback names; without a
            port.
        origins: of pages, as `https://app.example.org`, beside those that this machine serves to
            itself; `*` for all.
        any_address: whether it may be called by any address in figures. Such a name cannot be
            made to point elsewhere, but on the loopback interface none but its own is expected.

    Raises:
        ValueError: an origin is none.
    """

    def __init__(
        self,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        *,
        any_address: bool = False,
    ) -> None:
        self._hosts = frozenset(host.strip("[]").lower() for host in hosts)
        self._any_address = any_address
        written = set(origins)
        self._all = ANY in written
        self._origins = frozenset(_origin_of(origin) for origin in written - {ANY})

    def takes_host(self, host: str) -> bool:
        """Whether a request with this `Host` may come in; none at all is no browser's."""
        if not host:
            return True
        name = _name_of(f"//{host}")
        if _is_own(name) or name in self._hosts:
            return True
        return self._any_address and _is_address(name)

    def takes_origin(self, origin: str | None) -> bool:
        """Whether a page of this origin may ask; a program, which has none, always may."""
        if origin is None or self._all:
            return True
        return _is_own(_name_of(origin)) or _normal(origin) in self._origins


def _origin_of(written: str) -> str:
    parts = urlsplit(written)
    if written != "null" and (not parts.scheme or not parts.netloc or parts.path.strip("/")):
        raise ValueError(f"{written!r} is no origin: write it as https://app.example.org, or *")
    return _normal(written.rstrip("/"))


def _normal(origin: str) -> str:
    """As browsers write it: small letters, and no port that its scheme has anyway."""
    origin = origin.lower()
    scheme, _, rest = origin.partition("://")
    default = _DEFAULT_PORTS.get(scheme)
    return origin.removesuffix(f":{default}") if default and rest else origin


def _name_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_own(name: str) -> bool:
    return is_loopback(name) or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
