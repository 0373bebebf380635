"""The metrics that an expectation can limit, their units, and limits as people write them."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from soundstage.config.values import Duration, Ratio, suggestion
from soundstage.results import LATENCY_POINTS

Unit: TypeAlias = Literal["seconds", "count", "share"]

_SPREADS: Final = ("response_gap", "time_to_silence", "reconnect_gap")

METRICS: Final[dict[str, Unit]] = {
    "talk_time": "seconds",
    "silence": "seconds",
    "overlap": "seconds",
    "dead_air": "seconds",
    "talk_over": "seconds",
    "talk_share": "share",
    "turns": "count",
    "words": "count",
    "words_per_minute": "count",
    "interruptions_made": "count",
    "interruptions_suffered": "count",
    "false_yields": "count",
    "unanswered": "count",
    "reconnects": "count",
    **{f"{name}.{part}": "seconds" for name in _SPREADS for part in ("median", "p95")},
    **{f"{name}.count": "count" for name in _SPREADS},
}
"""Each metric of `metrics.json` that one number can limit, and what it is measured in."""


_SPAN: Final = re.compile(
    r"span\.(?:{0})(?:\+(?:{0}))*\.(?:median|p95|count)".format("|".join(LATENCY_POINTS))
)
"""A piece of the response gaps, as `span.begun.p95`."""


def unit_of(name: str) -> Unit:
    """What a metric is measured in."""
    if name in METRICS:
        return METRICS[name]
    return "count" if name.endswith(".count") else "seconds"


def _check_metric(name: str) -> str:
    if name in _SPREADS:
        raise ValueError(
            f'"{name}" is many times: say "{name}.p95", "{name}.median" or "{name}.count"'
        )
    if not (name in METRICS or _SPAN.fullmatch(name)):
        raise ValueError(f'there is no metric "{name}"; {suggestion(name, METRICS)}')
    return name


MetricName: TypeAlias = Annotated[
    str,
    AfterValidator(_check_metric),
    Field(json_schema_extra={"anyOf": [{"enum": list(METRICS)}, {"pattern": _SPAN.pattern}]}),
]
"""The name of a metric, as `response_gap.p95` or `talk_share`."""


def _read_limit(value: object) -> object:
    """A limit as it is written: a duration, a share in percent, or a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.endswith("%"):
        return str(Ratio(value))
    if isinstance(value, str):
        return str(Duration(value))
    raise ValueError('a limit is "1.2s", "60%" or a number')


Limit: TypeAlias = Annotated[
    str | int | float,
    BeforeValidator(_read_limit),
    Field(json_schema_extra={"anyOf": [{"type": "string"}, {"type": "number"}]}),
]
"""What a metric is compared with: `"1.2s"`, `"60%"` or a number."""


def amount(limit: str | float) -> tuple[Unit, float]:
    """What a limit is measured in, and how much it is."""
    if not isinstance(limit, str):
        return "count", float(limit)
    if limit.endswith("%"):
        return "share", float(Ratio(limit))
    return "seconds", Duration(limit).seconds


def written_amount(unit: Unit, value: float) -> str:
    """A measured value as people read it."""
    match unit:
        case "seconds":
            return f"{value:.2f} s"
        case "share":
            return f"{value * 100:.1f} %"
        case "count":
            return f"{value:g}"
