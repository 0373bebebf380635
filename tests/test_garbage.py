"""When Python does not look for garbage."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from soundstage.garbage import loading

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.enable()


def test_no_garbage_is_looked_for_while_modules_load() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_block_that_loads_nothing_freezes_nothing() -> None:
    with loading():
        pass
    assert gc.get_freeze_count() == 0


def test_what_a_block_loads_is_left_out_of_later_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    with loading():
        monkeypatch.setitem(sys.modules, "loaded_in_the_block", sys)
    assert gc.get_freeze_count() > 10_000


def test_a_search_that_was_switched_off_stays_so_even_after_an_error() -> None:
    gc.disable()
    with pytest.raises(ImportError), loading():
        raise ImportError("no such module")
    assert not gc.isenabled()
