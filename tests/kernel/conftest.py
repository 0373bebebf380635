from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from soundstage.kernel import SimulatedKernel, ThreadedKernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soundstage.kernel import Kernel


@pytest.fixture(params=["threads", "simulated"])
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """Each of the hosts: the same rules hold on both."""
    host: Callable[[], Kernel] = ThreadedKernel if request.param == "threads" else SimulatedKernel
    with host() as made:
        yield made
    # A tool that hangs is left alone by its kernel, and each of these tests lets it go.
    for thread in threading.enumerate():
        if thread.name.startswith("tool-"):
            thread.join(5)
    assert not [t for t in threading.enumerate() if t.name in {"clock", "portal", "a", "b"}]
