"""The settings of a session, and what was changed of them since it began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.realtime.protocol.json_reading import object_in

if TYPE_CHECKING:
    from collections.abc import Mapping


class SessionChanges:
    """Keeps each change until the server refuses it, so that a new session begins with them.

    Args:
        session: the body of the first `session.update`.
    """

    def __init__(self, session: Mapping[str, Any]) -> None:
        self._session = dict(session)
        self._changes: dict[str, Mapping[str, Any]] = {}

    @property
    def first(self) -> dict[str, Any]:
        """The settings with which a session begins."""
        return self._session

    @property
    def present(self) -> dict[str, Any]:
        """The settings with all changes."""
        settings = self._session
        for change in self._changes.values():
            settings = _merged(settings, change)
        return settings

    def note(self, event_id: str, change: Mapping[str, Any]) -> None:
        """A `session.update` is on its way."""
        self._changes[event_id] = change

    def refused(self, event_id: str) -> None:
        """The server refused an event: if that was a change, it is none."""
        self._changes.pop(event_id, None)

    def restart(self) -> None:
        """Another session begins, with the present settings."""
        self._session, self._changes = self.present, {}


def _merged(under: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Only sound has tables in its table that keep what an update does not name."""
    audio, changed = object_in(under.get("audio")), object_in(change.get("audio"))
    merged = {**under, **change}
    if changed:
        # `turn_detection` and the like are replaced whole, as the service does.
        ways = {way: {**object_in(audio.get(way)), **object_in(changed[way])} for way in changed}
        merged["audio"] = {**audio, **ways}
    return merged
