"""A folder of values by content, and in memory the values that were used last."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Final

from soundstage.cache.eviction import evict

_log = logging.getLogger("soundstage.cache")

LIMIT: Final = 1 << 30
"""Bytes that a folder may hold: six hours of speech."""

IN_MEMORY: Final = 64 << 20
"""Bytes of values that a process keeps at hand."""

_FORMAT: Final = b"soundstage cache 1\n"
_EVICTIONS: Final = 16
"""How often a folder is searched for old values while as many bytes as it may hold are written."""


class Cache:
    """Keeps values by kind and key, for any number of processes at once; never raises.

    A value that cannot be read counts as absent. Each entry is a file of its own, put in its place
    in one step, with a checksum: an entry that was torn, changed or moved is removed. When the
    folder is full, the values that were read least recently go first. The methods may be called
    from any thread.

    Args:
        folder: made when the first value is put into it; None keeps values in memory only.
        limit: bytes that it may hold, about.
        in_memory: bytes of values that are kept at hand.
    """

    def __init__(
        self, folder: Path | None, *, limit: int = LIMIT, in_memory: int = IN_MEMORY
    ) -> None:
        self._folder = folder
        self._limit = limit
        self._in_memory = in_memory
        self._recent: OrderedDict[bytes, bytes] = OrderedDict()
        self._held = 0
        self._written = limit
        self._serial = 0
        self._writable = True
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path | None:
        """Where the values are."""
        return self._folder

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The value that was put under a key; None where there is none.

        Args:
            kind: what it is about, in small letters: the name of a folder.
            key: all that the value depends on.
        """
        name = _name(kind, key)
        with self._lock:
            value = self._recent.get(name)
            if value is not None:
                self._recent.move_to_end(name)
                return value
        path = self._path(kind, name)
        value = None if path is None else _read(path, name)
        if value is not None:
            self._remember(name, value)
        return value

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep a value; where the folder cannot be written, for this process only."""
        name = _name(kind, key)
        self._remember(name, value)
        path = self._path(kind, name)
        if path is None or not self._writable:
            return
        try:
            self._write(path, name, value)
        except OSError as error:
            _log.warning("the cache cannot be written, so it keeps nothing new: %s", error)
            self._writable = False

    def _path(self, kind: str, name: bytes) -> Path | None:
        if self._folder is None:
            return None
        text = name.hex()
        return self._folder / kind / text[:2] / text[2:]

    def _remember(self, name: bytes, value: bytes) -> None:
        with self._lock:
            self._held += len(value) - len(self._recent.pop(name, b""))
            self._recent[name] = value
            while self._held > self._in_memory:
                _, oldest = self._recent.popitem(last=False)
                self._held -= len(oldest)

    def _write(self, path: Path, name: bytes, value: bytes) -> None:
        with self._lock:
            self._serial += 1
            fresh = path.with_name(f"{os.getpid()}-{self._serial}.part")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            fresh.write_bytes(_sealed(name, value))
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        self._make_room(len(value))

    def _make_room(self, written: int) -> None:
        """Evict old values at the first write of a process, and then now and then."""
        with self._lock:
            self._written += written
            if self._written * _EVICTIONS < self._limit or self._folder is None:
                return
            self._written = 0
        evict(self._folder, self._limit)


@lru_cache(maxsize=8)
def open_cache(folder: Path | None) -> Cache:
    """The cache in a folder: one for the process, which keeps its memory from run to run."""
    return Cache(folder)


def default_folder() -> Path | None:
    """The cache of the user: `soundstage` in the cache folder of the XDG base directory spec.

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


def _name(kind: str, key: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + b"\0" + key).digest()[:20]


def _sealed(name: bytes, value: bytes) -> bytes:
    return _FORMAT + _seal(name, value) + value


def _seal(name: bytes, value: bytes) -> bytes:
    digest = hashlib.sha256(name)
    digest.update(value)
    return digest.digest()


def _read(path: Path, name: bytes) -> bytes | None:
    """The value in a file, and mark it as used; None where it is not the one that was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_FORMAT) + hashlib.sha256().digest_size
    value = content[start:]
    if content[:start] != _FORMAT + _seal(name, value):
        _log.warning("%s is damaged, and computed anew", path)
        _discard(path)
        return None
    _touch(path)
    return value


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        _log.debug("%s cannot be removed", path)


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:
        _log.debug("%s cannot be marked as used", path)
