"""Which requests may see a page: those with its link, from the page's own origin."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_TOKEN_BYTES: Final = 24
"""192 bits: the link cannot be found by trying."""


class Refused(Exception):
    """A request that is refused.

    Args:
        status: the HTTP status.
        code: what is wrong, in a word, for the page.
        message: for people.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)


class Access:
    """Judges requests by the token in their path, and by where they come from.

    Args:
        port: the one that is listened on.
        loopback: whether only this machine reaches it; then no other name for it is taken,
            for a page elsewhere could have made its own name point here.
        origins: of pages that stand before this one, as `https://call.example.org`.
    """

    def __init__(self, port: int, *, loopback: bool, origins: Sequence[str] = ()) -> None:
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._hosts = {urlsplit(origin).netloc for origin in self._origins}
        self._hosts |= {f"{name}:{port}" for name in _LOOPBACK_NAMES}
        self._loopback = loopback

    def check(self, token: str, headers: Mapping[str, str], *, changes: bool) -> None:
        """Let a request pass.

        Args:
            token: from its path.
            headers: its own, by lower-case name.
            changes: whether it does more than look; a browser then says where it comes from.

        Raises:
            Refused: it may not.
        """
        host = headers.get("host", "").lower()
        if self._loopback and host not in self._hosts:
            raise Refused(
                403, "foreign_host", "This page is not served under that name: use its own link."
            )
        origin = headers.get("origin")
        if (changes or origin is not None) and not self._is_own(origin or "", host):
            raise Refused(
                403,
                "foreign_origin",
                "This request comes from another website: open the page by its own link.",
            )
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            raise Refused(
                404,
                "wrong_link",
                "This link opens nothing: the scenario may have been started anew since. "
                "Use the link that run-scenario printed last.",
            )

    def _is_own(self, origin: str, host: str) -> bool:
        return origin.lower() in {f"http://{host}", f"https://{host}"} | self._origins
