"""Whether a metric keeps within its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from soundstage.expectations.declared.measures import amount, unit_of, written_amount
from soundstage.expectations.judges.findings import Finding, failed, passed, unknown
from soundstage.messages import Owner
from soundstage.results import metric_value

if TYPE_CHECKING:
    from soundstage.expectations.declared.expectation_tables import Expectation
    from soundstage.expectations.judges.timeline import Timeline


def judge_metric(expectation: Expectation, line: Timeline) -> Finding:
    """Whether a metric of the run is within its limits; of a batch, the batch decides."""
    name = expectation.metric or ""
    agent = expectation.agent
    measured = line.measurements
    metrics = measured.run if agent is None else measured.agents.get(agent)
    value = None if metrics is None else metric_value(metrics, name)
    unit, whose = unit_of(name), agent or "the run"
    if value is None:
        nothing = f"there was nothing to measure: {name} of {whose} has no value"
        return replace(unknown("not_measured", nothing, Owner.SIMULATOR), agent=agent or "")
    told = f"{name} of {whose} is {written_amount(unit, value)}"
    if "." in name and metrics is not None:
        told += f" (n = {int(metric_value(metrics, name.rpartition('.')[0] + '.count') or 0)})"
    return replace(_compared(expectation, value, told), agent=agent or "", measured=value)


def _compared(expectation: Expectation, value: float, told: str) -> Finding:
    if expectation.over == "batch":
        batch = f"{told} in this run; many runs together decide it"
        return Finding(status="deferred", kind="batch", sentence=batch)
    if expectation.at_most is not None and value > amount(expectation.at_most)[1]:
        return failed("above_limit", told)
    if expectation.at_least is not None and value < amount(expectation.at_least)[1]:
        return failed("below_limit", told)
    return passed(told)
