from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage.endpoint import FaultTable


def fault(kind: str, **table) -> FaultTable:
    return FaultTable.model_validate({"kind": kind, **table})


@pytest.mark.parametrize(
    ("kind", "table", "told"),
    [
        ("explode", {}, "Input should be 'refuse'"),
        ("refuse", {}, 'the kind "refuse" needs status'),
        ("refuse", {"status": 200}, "Input should be 400"),
        ("refuse", {"status": 401, "delay": "1s"}, "delay has no meaning"),
        ("slow_answer", {}, "needs delay"),
        ("slow_answer", {"delay": "1s", "nth": 1}, "nth has no meaning"),
        ("malformed", {}, "needs event"),
        ("failed", {"nth": 0}, "greater than or equal to 1"),
        ("incomplete", {"code": "x"}, "code has no meaning"),
        ("drop", {"what": "cable"}, "Input should be 'channel'"),
    ],
)
def test_a_fault_that_cannot_be_made_is_refused(kind, table, told):
    with pytest.raises(ValidationError, match=told):
        fault(kind, **table)


def test_a_fault_concerns_every_one_or_the_one_it_names():
    assert fault("failed").concerns(7)
    assert fault("failed", nth=2).concerns(2)
    assert not fault("failed", nth=2).concerns(3)
