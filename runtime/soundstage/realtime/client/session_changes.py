"""The settings of a session, and what was changed of them since it began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.realtime.protocol.json_reading import object_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime.protocol.json_reading import Json


class SessionChanges:
    """Keeps what the server has confirmed, so that a new session begins with it.

    Args:
        session: the body of the first `session.update`.
    """

    def __init__(self, session: Mapping[str, Any]) -> None:
        self._session = dict(session)
        self._asked: dict[str, Mapping[str, Any]] = {}

    @property
    def present(self) -> dict[str, Any]:
        """The body of `session.update` that makes a session like this one, as it is confirmed."""
        return self._session

    @property
    def asked(self) -> dict[str, Any]:
        """The settings with all changes, also those that wait to be confirmed."""
        settings = self._session
        for change in self._asked.values():
            settings = _merged(settings, change)
        return settings

    def note(self, event_id: str, change: Mapping[str, Any]) -> None:
        """A `session.update` is on its way."""
        self._asked[event_id] = change

    def apply(self, change: Mapping[str, Any]) -> None:
        """Change what another session begins with."""
        self._session = _merged(self._session, change)

    def confirmed(self) -> None:
        """The server has taken the oldest change that is on its way."""
        oldest = next(iter(self._asked), None)
        if oldest is not None:
            self.apply(self._asked.pop(oldest))

    def refused(self, event_id: str) -> None:
        """The server refused an event, or it was not sent: if that was a change, it is none."""
        self._asked.pop(event_id, None)

    def restart(self) -> None:
        """Another session begins: what was not confirmed may be what it would refuse."""
        self._asked.clear()


def turn_detection(session: Mapping[str, Any]) -> Json:
    """How a session's turns are detected, as far as its settings say."""
    audio = object_in(session.get("audio"))
    return object_in(object_in(audio.get("input")).get("turn_detection"))


def detects_turns(session: Mapping[str, Any]) -> bool:
    """Whether the session notices turns: servers do, where they are told nothing of it."""
    heard = object_in(object_in(session.get("audio")).get("input"))
    return heard.get("turn_detection", True) is not None


def answers_turns(session: Mapping[str, Any]) -> bool:
    """Whether the session answers a turn without being asked."""
    detection = turn_detection(session)
    asked = detection.get("create_response") is False or session.get("type") == "transcription"
    return detects_turns(session) and not asked


def unanswering(session: Mapping[str, Any]) -> Json:
    """The change by which a session answers no turn by itself; empty where it has none to tell."""
    detection = turn_detection(session)
    if not detection:
        return {}
    # An update of `turn_detection` replaces all of it, so all of it is sent again.
    audio = {"input": {"turn_detection": {**detection, "create_response": False}}}
    return {"type": "realtime", "audio": audio}


def _merged(under: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Only sound has tables in its table that keep what an update does not name."""
    audio, changed = object_in(under.get("audio")), object_in(change.get("audio"))
    merged = {**under, **change}
    if changed:
        # `turn_detection` and the like are replaced whole, as the service does.
        ways = {way: {**object_in(audio.get(way)), **object_in(changed[way])} for way in changed}
        merged["audio"] = {**audio, **ways}
    return merged
