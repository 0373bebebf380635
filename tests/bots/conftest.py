"""What the tests of calls to bots share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def nothing_is_left() -> Iterator[None]:
    """No process that a test has started outlives it."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    after = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    assert after == []
