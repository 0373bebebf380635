"""A behaviour whose file may change while the endpoint runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

from soundstage.errors import ScenarioError
from soundstage.scenario._behaviour import Behaviour, load_behaviour

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger("soundstage.endpoint")

_Stamp: TypeAlias = tuple[str, int, int, int]


class WatchedBehaviour:
    """Reads the file again when it, or one that it names, has changed.

    What is broken is logged, once, and changes nothing: the behaviour stays as it was.

    Args:
        path: the file.

    Raises:
        ScenarioError: it is wrong from the beginning.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._current = load_behaviour(path)
        self._stamps = self._read_stamps()

    def current(self) -> Behaviour:
        """The behaviour of a session that begins now."""
        stamps = self._read_stamps()
        if stamps != self._stamps:
            self._stamps = stamps
            self._reload()
        return self._current

    def _reload(self) -> None:
        try:
            changed = load_behaviour(self._path)
        except ScenarioError as error:
            for fault in error.faults:
                _log.error("the configuration stays as it was, for the file is wrong: %s", fault)
            return
        _log.info("the configuration has changed: new sessions are answered by it")
        for warning in changed.warnings:
            _log.warning("in the configuration: %s", warning)
        if changed.speech != self._current.speech:
            _log.warning("other speech engines are loaded with the next start of the endpoint")
        self._current = changed
        self._stamps = self._read_stamps()

    def _read_stamps(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp_of(file) for file in (self._path, *self._current.source_files))


def _stamp_of(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return (str(file), 0, 0, 0)
    return (str(file), status.st_ino, status.st_mtime_ns, status.st_size)
