"""An engine that is known by what it says of itself, and loaded when it has to work."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Generic, TypeVar

from soundstage.cache import machine
from soundstage.errors import WeightsMismatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.speech._protocols import Engine
    from soundstage.speech.identities import Identity

E = TypeVar("E", bound="Engine")


class Announced(Generic[E]):
    """What a cached engine stands for.

    Args:
        name: as scenario files write it.
        identity: what it says of itself.
        load: loads it, or gives the one that has been loaded.
    """

    def __init__(self, name: str, identity: Identity, load: Callable[[], E]) -> None:
        self.name = name
        self.identity = identity
        self._load = load
        self._engine: E | None = None
        self._prefix = _joined(name, identity.version, identity.fingerprint, machine())

    @property
    def engine(self) -> E:
        """The engine itself.

        Raises:
            WeightsMismatch: it is not what it was announced to be.
        """
        if self._engine is None:
            engine = self._load()
            found = (engine.version, engine.fingerprint)
            announced = (self.identity.version, self.identity.fingerprint)
            if found != announced:
                raise WeightsMismatch(
                    f"engine '{self.name}' is {' '.join(found)}, but announced as "
                    f"{' '.join(announced)}: install it again, or run with --no-cache"
                )
            self._engine = engine
        return self._engine

    def key(self, *parts: str | bytes) -> bytes:
        """The key of a result: what it was made from, by what, on what kind of machine."""
        return self._prefix + _joined(*parts)


def _joined(*parts: str | bytes) -> bytes:
    """A digest of parts, each at its own place: ("a", "b") and ("ab", "") differ."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.digest()
