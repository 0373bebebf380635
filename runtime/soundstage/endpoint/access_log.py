"""The endpoint's access log: one event a line, with named fields and no secrets."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final

_log = logging.getLogger("soundstage.endpoint")

_FIELDS: Final = "soundstage_fields"


def log_event(what: str, **fields: object) -> None:
    """Log something that has happened.

    Args:
        what: in words, always the same ones for the same kind of event.
        fields: what there is to know about it; never a key, a header or what was said.
    """
    _log.info(what, extra={_FIELDS: fields})


class JsonLines(logging.Formatter):
    """Writes each record as one JSON object: `time`, `level`, `logger`, `event`, its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
